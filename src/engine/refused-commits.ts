import type { Job } from './job.ts'
import type { StopSignal } from './latch.ts'

/** An item whose effects D1 refused by itself. */
export interface Poison {
  /** Its encoded cursor. */
  cursor: string | null
  error: Error
}

/**
 * Finds the item at fault in a commit that D1 refused. Nothing of it was written, so half of its items
 * are tried, and half of those, until one is left: that one is skipped, where the job tolerates skips.
 */
export class RefusedCommits {
  /** How many items the next commit may have. */
  cap = Infinity
  poison: Poison | undefined

  /** Whether there is anything to try; false when the error is the run's. */
  halve(
    { error, items, toCursor }: Extract<StopSignal, { kind: 'refused' }>,
    { skip }: Pick<Job, 'skip'>,
  ): boolean {
    if (!skip || items === 0 || (items === 1 && this.poison?.cursor === toCursor)) return false
    if (items === 1) this.poison = { cursor: toCursor, error }
    this.cap = Math.max(1, Math.floor(items / 2))
    return true
  }
}
