import { visible } from '../engine/plain-text.ts'

/** The command was given wrongly: exit 2, nothing was asked of the server. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
  readonly code = 'usage'
}

/** The command was understood and failed: exit 1. What the API refuses is an `ApiError`. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** A problem document for an error that never reached the server. */
export function problemOf(code: string, detail: string): object {
  return { type: 'about:blank', title: code.replaceAll('_', ' '), detail, code }
}

/** `dogear: <message> (<code>)`, on one line whatever the message holds. */
export function errorLine(code: string, message: string): string {
  return `dogear: ${visible(message.replaceAll(/\s*\n\s*/g, ' ').trim())} (${visible(code)})`
}
