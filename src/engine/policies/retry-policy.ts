import { MAX_DURATION_MS } from '../durations.ts'

/** Retries after an error. */
export interface RetryPolicy {
  /**
   * Tries in a row before the run fails; progress begins again. `Infinity`: for
   * ever. @default 5
   */
  attempts: number
  /** Wait before the first retry; doubled for each further one. @default 1_000 */
  waitMs: number
  /** @default 300_000 */
  maxWaitMs: number
  /**
   * Slices that may end with an error in all, progress or not, before the run fails. A person's retry
   * counts them again. @default unlimited
   */
  totalErrors?: number
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 5, waitMs: 1_000, maxWaitMs: 300_000 }

/** Stored in the place of `Infinity`, which JSON has not. */
const UNLIMITED = Number.MAX_SAFE_INTEGER

/** A job's policy as it is stored with a run. */
export function storedRetry(given: Partial<RetryPolicy>): RetryPolicy {
  const { attempts, waitMs, maxWaitMs, totalErrors } = given
  return {
    attempts: finite(attempts ?? DEFAULT_RETRY.attempts),
    waitMs: waitMs ?? DEFAULT_RETRY.waitMs,
    maxWaitMs: finite(maxWaitMs ?? DEFAULT_RETRY.maxWaitMs),
    ...(totalErrors !== undefined && { totalErrors: finite(totalErrors) }),
  }
}

/** A run's policy as it was stored; older code stored null for `Infinity`. */
export function retryOf(
  stored: Partial<Record<keyof RetryPolicy, number | null>>,
): Required<RetryPolicy> {
  return {
    attempts: stored.attempts ?? UNLIMITED,
    waitMs: stored.waitMs ?? DEFAULT_RETRY.waitMs,
    maxWaitMs: stored.maxWaitMs ?? UNLIMITED,
    totalErrors: stored.totalErrors ?? UNLIMITED,
  }
}

/** A number of attempts as it is told: null when there is no limit. */
export function limitOf(attempts: number): number | null {
  return attempts < UNLIMITED ? attempts : null
}

function finite(value: number): number {
  return value === Infinity ? UNLIMITED : value
}

/** Beyond this every wait is at its limit, whatever it is doubled from. */
const MAX_DOUBLINGS = 40

/**
 * The wait after the given consecutive failure (1 is the first), with up to a quarter taken off at
 * random so that runs which failed together do not return together.
 */
export function retryWaitMs(
  { waitMs, maxWaitMs }: Pick<RetryPolicy, 'waitMs' | 'maxWaitMs'>,
  attempt: number,
  random: () => number,
): number {
  const doubled = waitMs * 2 ** Math.min(MAX_DOUBLINGS, Math.max(1, attempt) - 1)
  const wait = Math.min(maxWaitMs, MAX_DURATION_MS, doubled)
  return Math.round(wait * (1 - random() / 4))
}
