/** A server may name any date; a run that stands still longer than this looks lost. */
const MOST_MS = 24 * 3_600_000

/**
 * How long a response asks to be left alone, in milliseconds, a day at most: its Retry-After in
 * seconds, or as a date, measured by the server's own clock if it tells it (RFC 9110). Undefined
 * without a readable Retry-After.
 */
export function retryAfterMs({ headers }: Response): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - serverTime(headers)
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MOST_MS)
}

function serverTime(headers: Headers): number {
  const date = Date.parse(headers.get('date') ?? '')
  return Number.isNaN(date) ? Date.now() : date
}
