/** The command was given wrongly: exit 2, nothing was asked of the server. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'usage'
}

/** The command was understood and failed: exit 1. `problem` is what `--json` prints. */
export class CliError extends Error {
  override readonly name: string = 'CliError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }

  get problem(): object {
    return problemOf(this.code, this.message)
  }
}

/** A problem document for an error that never reached the server. */
export function problemOf(code: string, detail: string): object {
  return { type: 'about:blank', title: code.replaceAll('_', ' '), detail, code }
}

/** `dogear: <message> (<code>)`, on one line whatever the message holds. */
export function errorLine(code: string, message: string): string {
  return `dogear: ${message.replaceAll(/\s*\n\s*/g, ' ').trim()} (${code})`
}
