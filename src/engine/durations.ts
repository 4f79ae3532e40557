import { DogearError } from './errors.ts'

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
}

/** A year: what waits longer is not a job any more. */
const MAX_DURATION_MS = 366 * 86_400_000

/** Milliseconds of `1500`, `'10s'` or `'5 minutes'`. Throws `invalid_options`. */
export function durationMs(duration: string | number): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(String(duration).trim())
  const unit =
    match?.[2] === undefined ? undefined : (UNITS[match[2]] ?? UNITS[match[2].replace(/s$/, '')])
  const ms = typeof duration === 'number' ? duration : Number(match?.[1]) * (unit ?? NaN)
  if (!Number.isFinite(ms) || ms < 0 || ms > MAX_DURATION_MS) {
    throw new DogearError(
      'invalid_options',
      `Duration is '${duration}'; expected milliseconds or a text like '10s' or '5 minutes', a year at most`,
    )
  }
  return Math.round(ms)
}
