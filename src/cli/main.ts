import { Command, CommanderError, Option } from 'commander'
import { CliError, errorLine, problemOf, UsageError } from './errors.ts'
import { addDemoVerb } from './demo.ts'
import { addMonitorVerb } from './monitor.ts'
import { addRunVerbs } from './run.ts'
import { addRunsVerbs } from './runs.ts'
import { addShopVerbs } from './shop.ts'

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
  // Errors are told once, below; without this commander would also print them, and help with them.
  .configureOutput({ writeErr() {}, outputError() {} })
  .addHelpText(
    'after',
    '\nExample: dogear seed --quick && dogear run process-orders && dogear monitor last',
  )

addShopVerbs(program)
addRunsVerbs(program)
addRunVerbs(program)
addMonitorVerb(program)
addDemoVerb(program)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = tell(error)
}

/** Says what went wrong, once; the exit code that goes with it. */
function tell(error: unknown): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    const message =
      error.code === 'commander.help' ? 'a verb is missing; see dogear --help' : error.message
    return tell(new UsageError(message.replace(/^error: /, '')))
  }
  const known = error instanceof CliError || error instanceof UsageError
  const { message } = error instanceof Error ? error : new Error(String(error))
  const code = known ? error.code : 'internal'
  console.error(errorLine(code, message))
  if (process.argv.includes('--json')) {
    const problem = error instanceof CliError ? error.problem : problemOf(code, message)
    console.log(JSON.stringify(problem, null, 2))
  }
  return error instanceof UsageError ? 2 : 1
}
