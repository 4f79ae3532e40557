import type { ErrorMatch } from './error-rules.ts'

/**
 * The tolerance of a job: items that may be recorded as failed and passed over, instead of failing the run. Holds for items
 * that the engine walks: an iteration's, and those of `step.iterate`.
 */
export interface SkipPolicy {
  /** Skips of the whole run; one more fails it. @default unlimited */
  maxSkips?: number
  /** Skips as a part of all items so far, from the 20th item on. @default 1 */
  maxSkipRate?: number
  /** Tries of an item, one after the other, before it is skipped. @default 1 */
  attempts?: number
  /** Errors that are skipped; others are treated as without a policy. @default all */
  on?: ErrorMatch | ErrorMatch[]
}

/** A rate of few items says nothing. */
export const MIN_ITEMS_FOR_RATE = 20
