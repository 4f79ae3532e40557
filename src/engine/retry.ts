/** What happens after an error. */
export interface RetryPolicy {
  /** Consecutive slices without a commit before the run fails. @default 5 */
  attempts: number
  /** Wait before the first retry; doubled for each further one. @default 1_000 */
  waitMs: number
  /** @default 300_000 */
  maxWaitMs: number
  /**
   * Slices that may end with an error in all, progress or not, before the run fails. A person's retry
   * counts them anew. @default unlimited
   */
  totalErrors?: number
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 5, waitMs: 1_000, maxWaitMs: 300_000 }

/**
 * The wait after the given consecutive failure (1 is the first), with up to a quarter taken off at
 * random so that runs which failed together do not return together.
 */
export function retryWaitMs(policy: RetryPolicy, attempt: number, random: () => number): number {
  const wait = Math.min(policy.maxWaitMs, policy.waitMs * 2 ** (Math.max(1, attempt) - 1))
  return Math.round(wait * (1 - random() / 4))
}
