import { Command, Option } from 'commander'
import { addAlertVerbs } from './verbs/alerts.ts'
import { addCompletionVerbs } from './completion/complete.ts'
import { defaultUrl } from './default-url.ts'
import { ownVersion } from './own-version.ts'
import { addErrorsVerb } from './verbs/errors.ts'
import { addExplainVerb } from './verbs/explain.ts'
import { addEventsVerb } from './verbs/events.ts'
import { addLogsVerb } from './verbs/logs.ts'
import { addForkVerbs } from './verbs/forks.ts'
import { examples } from './help.ts'
import { addMonitorVerb } from './verbs/monitor.ts'
import { addDoctorVerb } from './project/doctor-verb.ts'
import { addInitVerb } from './project/init-verb.ts'
import { addMigrateVerb } from './project/migrate-verb.ts'
import { addNewVerb } from './project/new-verb.ts'
import { addOverviewVerbs } from './verbs/overview.ts'
import { addRunVerbs } from './verbs/run.ts'
import { addRunsVerbs } from './verbs/runs.ts'
import { addSkipVerbs } from './verbs/skips.ts'
import { addSteerVerb } from './verbs/steer.ts'

export interface ProgramOptions {
  /** The file that starts this command; scripts for shells call it. */
  main: string
  /** The examples that its help shows first, each without the `dogear` in front. */
  examples?: readonly string[]
}

/** The `dogear` command with all its verbs. Who has more of them adds them to it. */
export function createProgram({ main, examples: more = [] }: ProgramOptions): Command {
  const program = new Command('dogear')
    .description('Start, watch and steer resumable jobs.')
    .addOption(
      new Option('--url <url>', 'where the Worker is')
        .env('DOGEAR_URL')
        .default(defaultUrl(process.cwd())),
    )
    .addOption(new Option('--token <token>', 'sent as bearer token').env('DOGEAR_TOKEN'))
    .option('--json', 'print one JSON document')
    .addOption(
      new Option('-o, --output <form>', 'tables with nothing cut; or the same as --json').choices([
        'wide',
        'json',
      ]),
    )
    .version(ownVersion(import.meta.dirname), '-v, --version', 'print the version of Dogear')
    .exitOverride()
    // `command.ts` prints errors, once; without this commander would also print them, and help.
    .configureOutput({ writeErr() {}, outputError() {} })
    .addHelpText(
      'after',
      `${examples(
        ...more,
        'jobs',
        'checkpoint last',
        'resume last && dogear monitor last',
        'verify last',
      )}\n\nExit codes: 0 done, 1 failed or not verified, 2 wrong usage.`,
    )

  addRunsVerbs(program)
  addMonitorVerb(program)
  addRunVerbs(program)
  addEventsVerb(program)
  addLogsVerb(program)
  addSteerVerb(program)
  addSkipVerbs(program)
  addForkVerbs(program)
  addOverviewVerbs(program)
  addErrorsVerb(program)
  addAlertVerbs(program)
  addInitVerb(program)
  addNewVerb(program)
  addDoctorVerb(program)
  addMigrateVerb(program)
  addExplainVerb(program)
  addCompletionVerbs(program, main)
  return program
}
