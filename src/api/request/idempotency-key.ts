import { z } from '@hono/zod-openapi'

const MAX_CHARACTERS = 200
/** RFC 8187: how a header carries what is not ASCII. */
const ENCODED = /^utf-8''(.*)$/is

/**
 * The header of a request that starts a run. Keys beyond ASCII are sent as RFC 8187 has it: `UTF-8''` and
 * the UTF-8 bytes percent-encoded. A header is bytes, and what clients make of `ö` by themselves differs:
 * a byte that is no UTF-8 is read as U+FFFD whatever it was, which would make one key of many.
 */
export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .min(1)
    // Nine characters for one: of three bytes, each with its percent sign.
    .max(9 * MAX_CHARACTERS)
    .transform((sent, context) => {
      const key = keyOf(sent)
      const problem = key === undefined ? NOT_ENCODED : problemOf(key)
      if (problem !== undefined) context.addIssue(problem)
      return key ?? z.NEVER
    })
    .optional()
    .openapi({
      type: 'string',
      description: `1 to ${MAX_CHARACTERS} characters; beyond ASCII as RFC 8187 has it: UTF-8''caf%C3%A9`,
    }),
})

const NOT_ENCODED = "begins with UTF-8'' and does not go on with percent-encoded UTF-8"

/** The key that a header means; undefined when its encoding is broken. */
export function keyOf(sent: string): string | undefined {
  const encoded = ENCODED.exec(sent)?.[1]
  if (encoded === undefined) return sent
  try {
    return decodeURIComponent(encoded)
  } catch {
    return undefined
  }
}

function problemOf(key: string): string | undefined {
  if (key.length < 1 || key.length > MAX_CHARACTERS)
    return `has ${key.length} characters; expected 1 to ${MAX_CHARACTERS}`
  if (key.includes('\uFFFD') || !key.isWellFormed())
    return "holds a byte that is no UTF-8, so it was damaged on its way; send keys beyond ASCII percent-encoded, as UTF-8''caf%C3%A9 (RFC 8187)"
  return /\p{Cc}/u.test(key) ? 'holds a control character' : undefined
}
