import { plainJson } from './plain-text.ts'
import { showAll, type Redact } from './redactor.ts'
import { textOf } from './thrown.ts'

/** The parts of a line besides its event. An `error` may be anything that was thrown; its text is written. */
type Details = Readonly<Record<string, unknown>>

type Level = 'log' | 'warn' | 'error'

/** Writes a line of JSON, by which Workers' logs can be searched. */
export function writeLine(level: Level, line: object): void {
  // oxlint-disable-next-line no-console -- this is the log: nothing else of the library writes
  console[level](plainJson(line))
}

function lineAt(level: Level) {
  return (event: string, { error, ...details }: Details = {}, redact: Redact = showAll): void => {
    const why = error === undefined ? {} : { error: redact(textOf(error)) }
    writeLine(level, { event, ...details, ...why })
  }
}

/**
 * Tells whoever runs the Worker what happens beside the events of runs: often the only trace of it. The text
 * of an error may repeat a run's params: give its `redact` then.
 */
export const log = {
  /** Nothing is lost: it is tried again, or works without. */
  warn: lineAt('warn'),
  /** Something is lost, or somebody has to do something. */
  error: lineAt('error'),
}
