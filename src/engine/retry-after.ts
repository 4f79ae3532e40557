/** A server may name any date; a run that stands still longer than this looks lost. */
const MOST_MS = 24 * 3_600_000

const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec'
const TIME = '\\d{2}:\\d{2}:\\d{2}'

/** The three forms of an HTTP date (RFC 9110, 5.6.7), and ISO 8601 with a zone, which some servers send. */
const DATES = [
  new RegExp(`^[A-Z][a-z]{2}, \\d{1,2} (?:${MONTHS}) \\d{4} ${TIME} GMT$`),
  new RegExp(`^[A-Z][a-z]+day, \\d{2}-(?:${MONTHS})-\\d{2} ${TIME} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} (?:${MONTHS}) [ \\d]\\d ${TIME} \\d{4}$`),
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/,
]
/** The form without a zone is in GMT, too. */
const ASCTIME = DATES[2] as RegExp

/**
 * The time for which a response asks to be left alone, in milliseconds, a day at most: its Retry-After in
 * seconds, or as a date, measured by the server's own clock if it tells it (RFC 9110). Parts of a
 * second, which the RFC does not know but servers send, are never rounded down. Undefined without a
 * Retry-After, and for one that is neither.
 */
export function retryAfterMs({ headers }: Response): number | undefined {
  const text = headers.get('retry-after')?.trim() ?? ''
  // `Date.parse` is no judge: '1.5' is 5 January 2001 to it.
  const ms = /^\d+(?:\.\d+)?$/.test(text)
    ? Math.ceil(Number(text) * 1_000)
    : httpDate(text) - serverTime(headers)
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MOST_MS)
}

function serverTime(headers: Headers): number {
  const date = httpDate(headers.get('date')?.trim() ?? '')
  return Number.isNaN(date) ? Date.now() : date
}

/** NaN for what is no date in one of the forms. */
function httpDate(text: string): number {
  if (!DATES.some((form) => form.test(text))) return NaN
  return Date.parse(ASCTIME.test(text) ? `${text} GMT` : text)
}
