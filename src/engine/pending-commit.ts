import { RunAttributes } from './attributes.ts'
import type { Change, HeldLane, Skip } from './commit.ts'
import type { Checkpoint } from './continuation.ts'
import { PendingEffects } from './effects.ts'
import type { Job } from './job.ts'
import { PendingSkips } from './skips.ts'

/** All that the commit to come will write: what items have gathered since the last one. */
export class PendingCommit {
  readonly effects = new PendingEffects()
  readonly skips: PendingSkips
  readonly attributes: RunAttributes | undefined
  /** Items done. */
  items = 0
  /** The cursor has moved, or a step inside has ended. */
  moved = false
  total: number | undefined
  readonly #lane: HeldLane
  #marks = 0
  #stepResults: { step: string; result: string }[] = []

  constructor({ skip, attributes }: Job, lane: HeldLane) {
    this.#lane = lane
    this.skips = new PendingSkips(skip)
    this.attributes = attributes && new RunAttributes(attributes, lane.truth.attributes)
  }

  /** A checkpoint that changes nothing is no progress; as a commit it would look like some. */
  get empty(): boolean {
    return this.items === 0 && this.effects.empty && !this.moved && this.skips.count === 0
  }

  /** Items, or checkpoints without one, since the last commit was due. */
  get size(): number {
    return Math.max(this.items, this.#marks)
  }

  /** Everything up to here belongs to items that are done. */
  mark(items: number): void {
    this.items += items
    this.#marks += 1
    this.effects.mark()
    this.attributes?.mark()
  }

  /** Takes back what was gathered since the mark: what an item that failed has left behind. */
  rollback(): void {
    this.effects.rollback()
    this.attributes?.rollback()
  }

  addResult(step: string, result: string | undefined): void {
    if (result !== undefined) this.#stepResults.push({ step, result })
  }

  /** Records an item as failed; throws `skips_exhausted` when that is more than the job tolerates. */
  skip(skip: Omit<Skip, 'error'>, thrown: unknown): void {
    this.rollback()
    const { done, skipped } = this.#lane.truth
    this.skips.add(skip, thrown, { done: done + this.items, skipped })
  }

  /** A commit was asked for: checkpoints are counted anew, whether or not there is anything to write. */
  settled(): void {
    this.#marks = 0
  }

  /** Hands everything over and starts anew. */
  take(checkpoint: Checkpoint, covered: Pick<Change, 'step' | 'fromCursor' | 'toCursor'>): Change {
    const attributes = this.attributes?.encoded()
    const change: Change = {
      effects: this.effects.take(),
      checkpoint,
      items: this.items,
      stepResults: this.#stepResults,
      skips: this.skips.take(),
      ...(this.total !== undefined && { total: this.total }),
      ...(attributes !== undefined && attributes !== this.#lane.truth.attributes && { attributes }),
      ...covered,
    }
    this.#stepResults = []
    this.items = 0
    this.#marks = 0
    this.moved = false
    return change
  }
}
