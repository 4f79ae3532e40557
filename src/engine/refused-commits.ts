import type { Job } from './job.ts'
import type { StopSignal } from './latch.ts'
import type { WalkedItem } from './pending-commit.ts'

/** An item whose effects D1 refused by themselves. */
export interface Poison extends WalkedItem {
  error: Error
}

/**
 * Finds the item at fault in a commit that D1 refused. Nothing of it was written, so half of its items
 * are tried, and half of those, until one is left: that one is skipped, where the job tolerates skips.
 */
export class RefusedCommits {
  /** How many items the next commit may have; one that counts as more is alone in it. */
  cap = Infinity
  /** Until its skip is committed. */
  poison: Poison | undefined
  #triedAlone = false

  /** Whether there is anything to try; false when the error is the run's. */
  halve(
    { error, items, onlyItem }: Extract<StopSignal, { kind: 'refused' }>,
    { skip }: Pick<Job, 'skip'>,
  ): boolean {
    if (!skip || items === 0) return false
    this.cap = Math.max(1, Math.floor(items / 2))
    if (items > 1) return true
    if (onlyItem) {
      const again = this.poison?.cursor === onlyItem.cursor && this.poison.step === onlyItem.step
      this.poison = { ...onlyItem, error }
      return !again
    }
    // Effects that are not the item's own were in the same commit: once more, each item by itself.
    const first = !this.#triedAlone
    this.#triedAlone = true
    return first
  }
}
