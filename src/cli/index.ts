/**
 * The `dogear` command: its program, and what verbs that a Worker adds to it are made of, so that they
 * read, follow, print and fail as its own do.
 *
 * @module
 */
export { createProgram, type ProgramOptions } from './program.ts'
export { runCommand } from './command.ts'
export { type Context, contextOf, displayFor } from './context.ts'
export { parseCount, parseSeed } from './args.ts'
export { CliError, UsageError } from './errors.ts'
export { follow } from './follow.ts'
export { atRest, requireCompleted } from './verbs/runs.ts'
export { type Display, silentDisplay } from './text/display.ts'
export { examples } from './help.ts'
export { say } from './output.ts'
export { inert } from './text/inert.ts'
export { type Paint, plain } from './text/paint.ts'
export { table } from './text/table.ts'
export { countText, durationText } from './text/text.ts'
export { checkpointText, verificationText } from './text/render.ts'
export { runText } from './text/run-text.ts'
