import { z } from '@hono/zod-openapi'

/**
 * A whole number as a path, a query or a header has it: digits alone. `Number` would also take '0x10', '1e3'
 * and ' ' for one, and somebody else's number would be meant. `Given` is what callers may write for it.
 */
export function digits<Given = number>(least: number, most = Number.MAX_SAFE_INTEGER) {
  const strict = z.preprocess(
    (text) => (typeof text === 'string' && !/^\d{1,16}$/.test(text) ? NaN : text),
    z.coerce.number<Given>().int().min(least).max(most),
  )
  return strict as unknown as z.ZodType<number, Given>
}
