/** More of what a line tells: plain data. An `Error` is kept with its message and stack. */
export type LogFields = Readonly<Record<string, unknown>>

/**
 * Writes a line to the run's log: `run.log('price is missing, taking the old one', { order: order.id })`. It is shown with
 * the run, live, and written to the Worker's logs, with the run's id. Sensitive params are masked in it. Costs no
 * request of its own, never throws, and is in no commit: an item that is handled again tells its lines again. A run
 * keeps its newest 5,000 lines and 1 MB; of older ones warnings and errors stay longest. What is longer than 2,000
 * characters, or 4,000 of JSON, is cut.
 */
export interface RunLog {
  (message: string, fields?: LogFields): void
  /** The same, of something that a person may want to know. */
  warn(message: string, fields?: LogFields): void
  /** The same, of something that went wrong. It fails nothing: throw for that. */
  error(message: string, fields?: LogFields): void
}
