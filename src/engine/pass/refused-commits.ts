import { ensureError } from '../errors.ts'
import { isInternalError } from '../store/d1/verdict.ts'
import type { NotWritten, WalkedItem } from './stop-signal.ts'

/** An item whose effects D1 refused by themselves. */
export interface Poison extends WalkedItem {
  error: Error
}

/**
 * Finds the item at fault in a commit that D1 refused. Nothing of it was written, so half of its items
 * are tried, and half of those, until one is left: that one is skipped, where the job tolerates skips.
 */
export class RefusedCommits {
  /** The most items of the next commit; one that counts as more is alone in it. */
  cap = Infinity
  /** Until its skip is committed. */
  poison: Poison | undefined
  /** From here on effects keep the order in which they were added, to the last row. */
  inOrder = false
  readonly #tolerant: boolean
  #triedAlone = false
  #internalErrorAfter: number | undefined

  /** `tolerant`: the job tolerates skips. */
  constructor(tolerant: boolean) {
    this.#tolerant = tolerant
  }

  /** True when there is something to try; false when the error is the run's. */
  halve({ cause, items, onlyItem, reordered }: NotWritten): boolean {
    // A foreign key, say, that holds only in the order that the job has written.
    if (reordered && !this.inOrder) return (this.inOrder = true)
    if (!this.#tolerant || items === 0) return false
    this.cap = Math.max(1, Math.floor(items / 2))
    if (items > 1) return true
    if (onlyItem) {
      const again = this.poison?.cursor === onlyItem.cursor && this.poison.step === onlyItem.step
      this.poison = { ...onlyItem, error: ensureError(cause) }
      return !again
    }
    // Effects that are not the item's own were in the same commit: once more, each item by itself.
    const first = !this.#triedAlone
    this.#triedAlone = true
    return first
  }

  /**
   * The same for a commit of unknown outcome, which may have been refused all the same: D1 calls it an
   * internal error when a transaction was ended from within (RAISE(ROLLBACK), OR ROLLBACK) or fails as
   * it ends (a deferred foreign key). Told by its coming again, after a raise that D1 answered.
   */
  halveUnclear(commit: NotWritten, commits: number): boolean {
    if (!isInternalError(commit.cause)) return false
    const again = this.#internalErrorAfter === commits
    this.#internalErrorAfter = commits
    return again && this.halve(commit)
  }
}
