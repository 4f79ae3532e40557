import { describeValue, DogearError } from './errors.ts'

const UNITS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  second: 1_000,
  m: 60_000,
  minute: 60_000,
  h: 3_600_000,
  hour: 3_600_000,
  d: 86_400_000,
  day: 86_400_000,
  w: 7 * 86_400_000,
  week: 7 * 86_400_000,
  year: 365 * 86_400_000,
}

/** The longest wait: more is a mistake. Any time up to it fits an alarm and a date of four-digit year. */
export const MAX_DURATION_MS = 10 * 366 * 86_400_000

/** Milliseconds of `1500`, `'10s'`, `'5 minutes'` or `'400 days'`. Throws `invalid_options`. */
export function durationMs(duration: string | number): number {
  const text = typeof duration === 'string' ? duration.trim() : ''
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(text)
  const unit =
    match?.[2] === undefined ? undefined : (UNITS[match[2]] ?? UNITS[match[2].replace(/s$/, '')])
  const ms = typeof duration === 'number' ? duration : Number(match?.[1]) * (unit ?? NaN)
  if (!Number.isFinite(ms) || ms < 0 || ms > MAX_DURATION_MS) {
    throw new DogearError(
      'invalid_options',
      `Duration is ${shown(duration)}; expected milliseconds or a text like '10s' or '5 minutes', 10 years at most`,
    )
  }
  return Math.round(ms)
}

/**
 * Milliseconds to wait from `now` on: of a duration, or until a time, a `Date` or a text like
 * `'2026-12-24T18:00:00Z'`. One that has passed is now. Throws `invalid_options`.
 */
export function untilMs(wait: string | number | Date, now: number): number {
  const text = typeof wait === 'string' && /^\d{4}-\d\d-\d\d/.test(wait)
  if (!text && !(wait instanceof Date)) return durationMs(wait)
  // Without a zone it would be another time on each machine.
  const zoned = !text || /T.*(?:Z|[+-]\d\d:?\d\d)$/.test(wait)
  const at = zoned ? new Date(wait).getTime() : Number.NaN
  if (Number.isNaN(at)) {
    throw new DogearError(
      'invalid_options',
      `The time to wait until is ${shown(wait)}; expected a Date, or a text with its zone like '2026-12-24T18:00:00Z'`,
    )
  }
  return durationMs(Math.max(0, at - now))
}

/** A value from JavaScript may be of any type. */
function shown(duration: unknown): string {
  return typeof duration === 'string' ? `'${duration.slice(0, 80)}'` : describeValue(duration)
}
