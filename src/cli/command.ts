import { type Command, CommanderError } from 'commander'
import { ApiError } from '../client/index.ts'
import { CliError, errorLine, problemOf, UsageError } from './errors.ts'
import { complain, sayJson } from './output.ts'
import { unknownVerb } from './unknown-verb.ts'

/** Does what the process's arguments say; sets its exit code. */
export async function runCommand(program: Command): Promise<void> {
  // Whoever read the output (`dogear runs | head`) has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit()
  })
  try {
    requireText(process.argv)
    if (process.argv.length <= 2) program.outputHelp()
    else await program.parseAsync()
  } catch (error) {
    process.exitCode = tell(understood(error, program))
  }
}

/** Bytes of an argument that are no UTF-8 are read as U+FFFD: something else than was typed. */
function requireText(words: readonly string[]): void {
  const damaged = words.find((word) => word.includes('\uFFFD'))
  if (damaged !== undefined) throw new UsageError(`'${damaged}' holds bytes that are no UTF-8`)
}

/** Wrong usage in our words; everything else as it is. */
function understood(error: unknown, program: Command): unknown {
  if (!(error instanceof CommanderError) || error.exitCode === 0) return error
  const [first, topic] = program.args
  if (error.code === 'commander.unknownCommand') {
    const [hint] = / *\(Did you mean .*\)/s.exec(error.message) ?? []
    return new UsageError(unknownVerb(program, first ?? '', hint && ` ${hint}`))
  }
  if (error.code === 'commander.help') {
    return new UsageError(
      first === 'help' && topic !== undefined
        ? unknownVerb(program, topic)
        : 'a verb is missing; see dogear --help',
    )
  }
  return new UsageError(error.message.replace(/^error: /, ''))
}

/** Says what went wrong, once; the exit code that goes with it. */
function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode
  if (error instanceof ApiError && error.code === 'unreachable') {
    const hint = "start the Worker with 'npx wrangler dev', or say where it is with --url"
    return tell(new CliError(error.code, `${error.message}; ${hint}`, { cause: error }))
  }
  const known =
    error instanceof ApiError || error instanceof CliError || error instanceof UsageError
  const { message } = error instanceof Error ? error : new Error(String(error))
  const code = known ? error.code : 'internal'
  complain(errorLine(code, message))
  if (wantsJson(process.argv)) {
    const problem = error instanceof ApiError ? error.problem : problemOf(code, message)
    sayJson(problem)
  }
  return error instanceof UsageError ? 2 : 1
}

/** Read from the words themselves: what is wrong with them may be why they were not understood. */
function wantsJson(words: readonly string[]): boolean {
  return /(?:^| )(?:--json|(?:-o|--output)[ =]?json)(?: |$)/.test(words.join(' '))
}
