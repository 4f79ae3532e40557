import { ApiError } from './api-error.ts'

/** Text that a header holds as it is: printable ASCII, and no blanks at its ends, which get lost on the way. */
const PLAIN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/

/**
 * An idempotency key as a header carries it: printable ASCII as it is, everything else as RFC 8187 has it
 * (`UTF-8''caf%C3%A9`). Left to `fetch`, `ö` would be sent as a byte that the Worker cannot read.
 */
export function headerText(key: string): string {
  if (PLAIN.test(key) && !/^utf-8''/i.test(key)) return key
  if (!key.isWellFormed()) {
    throw notSent('the idempotency key holds half a surrogate pair; expected whole characters')
  }
  const escaped = encodeURIComponent(key).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `UTF-8''${escaped}`
}

/** Throws for a token that no header can hold. */
export function requireSendable(token: string): void {
  if (/^[\x21-\x7e]*$/.test(token)) return
  throw notSent(
    'the token holds characters that a header cannot carry; expected printable ASCII without blanks',
  )
}

/** Nothing was sent: what the caller gave cannot be. */
export function notSent(found: string, cause?: unknown): ApiError {
  return new ApiError('invalid_request', 0, `Nothing was sent: ${found}`, { cause })
}
