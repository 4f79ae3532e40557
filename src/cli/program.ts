import { join } from 'node:path'
import { Command, Option } from 'commander'
import { addAlertVerbs } from './alerts.ts'
import { addCompareVerb } from '../shop/cli/compare.ts'
import { addCompletionVerbs } from './complete.ts'
import { addDemoVerb } from '../shop/cli/demo.ts'
import { addEventsVerb } from './events.ts'
import { addForkVerbs } from './forks.ts'
import { examples } from './help.ts'
import { addMonitorVerb } from './monitor.ts'
import { addOverviewVerbs } from './overview.ts'
import { addRunVerbs } from './run.ts'
import { addRunsVerbs } from './runs.ts'
import { addShopVerbs } from '../shop/cli/shop-verbs.ts'
import { addSkipVerbs } from './skips.ts'
import { addSteerVerb } from './steer.ts'

/** The `dogear` command with all its verbs. */
export function createProgram(): Command {
  const program = new Command('dogear')
    .description('Start, watch and steer resumable jobs.')
    .addOption(
      new Option('--url <url>', 'where the Worker is')
        .env('DOGEAR_URL')
        .default('http://localhost:8787'),
    )
    .addOption(new Option('--token <token>', 'sent as bearer token').env('DOGEAR_TOKEN'))
    .option('--json', 'print one JSON document')
    .exitOverride()
    // Errors are told once, by `command.ts`; without this commander would also print them, and help.
    .configureOutput({ writeErr() {}, outputError() {} })
    .addHelpText(
      'after',
      `${examples(
        'seed --quick',
        'run process-orders --interrupt-after-items 30 --hold --wait',
        'checkpoint last',
        'resume last && dogear monitor last',
        'verify last',
      )}\n\nExit codes: 0 done, 1 failed or not verified, 2 wrong usage.`,
    )

  addShopVerbs(program)
  addRunsVerbs(program)
  addMonitorVerb(program)
  addRunVerbs(program)
  addEventsVerb(program)
  addSteerVerb(program)
  addSkipVerbs(program)
  addForkVerbs(program)
  addOverviewVerbs(program)
  addAlertVerbs(program)
  addCompareVerb(program)
  addDemoVerb(program)
  addCompletionVerbs(program, join(import.meta.dirname, 'main.ts'))
  return program
}
