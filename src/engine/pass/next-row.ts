import { InvalidStepError } from '../errors.ts'
import type { Latch } from './latch.ts'

/** A step that runs. */
interface Named {
  readonly name: string
}

/**
 * Holds steps to their own next row. A step's cursor that is advanced names the row that comes next: a walk by hand which
 * begins *after* that cursor, instead of with it, would pass a row over at each resumption.
 */
export class NextRow {
  #running: Named | null = null
  /** The walk over rows that was built last, by hand: in which step, and after which cursor (encoded) it begins. */
  #walk: { step: Named | null; after: string } | null = null

  /** Steps run one within the other. */
  async within<T>(step: Named, work: () => Promise<T>): Promise<T> {
    const [outer, walk] = [this.#running, this.#walk]
    this.#running = step
    try {
      return await work()
    } finally {
      this.#running = outer
      this.#walk = walk
    }
  }

  /** A walk over rows is built. `after`: null for one that begins at the first row, or with a row. */
  noteStart(after: string | null): void {
    this.#walk = after === null ? null : { step: this.#running, after }
  }

  /** It is not walked by hand, or the step moves otherwise. */
  forget(): void {
    this.#walk = null
  }

  /** The step advances from this cursor, encoded. Breaks a run that would lose a row. */
  require(step: Named, cursor: string | null, latch: Latch): void {
    const walk = this.#walk
    if (walk === null) return
    this.#walk = null
    if (walk.step !== step || walk.after !== cursor || latch.told) return
    latch.break(
      new InvalidStepError(
        `Step '${step.name}' walks rows after { cursor: step.cursor } and moves by advance(), whose cursor names the next row: ` +
          `each resumption would pass one over. Expected { from: step.cursor }, or step.set(cursor) with the cursor that comes beside a row`,
      ),
    )
  }
}
