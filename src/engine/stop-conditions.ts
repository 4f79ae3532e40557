import { decodeCursor } from './cursor.ts'
import type { StopSignal } from './latch.ts'
import type { Tools } from './tools.ts'

type Watched = Pick<Tools, 'budget' | 'interrupt' | 'job' | 'lane' | 'reporter'>

/** What can stop a slice at a checkpoint: a directive, exact to the item, a request, or the budget. */
export class StopConditions {
  readonly #watched: Watched

  constructor(watched: Watched) {
    this.#watched = watched
  }

  /** Why to stop here, after `items` more than D1 knows of; a directive first, then people, then budget. */
  reason(items: number, cursor: string | null, now: number): StopSignal | undefined {
    const { interrupt, reporter, budget, job } = this.#watched
    const met =
      interrupt !== null &&
      (this.enough(items) ||
        now >= (interrupt.atTime ?? Infinity) ||
        // A step's cursor names the next item; an iteration is stopped before the item itself.
        (job.style === 'continuable' && this.reached(cursor)))
    if (met) return { kind: 'interrupt', reason: 'signal', directiveMet: true }
    if (reporter.stop) return { kind: 'interrupt', reason: reporter.stop, directiveMet: false }
    if (budget.exhausted(now)) return { kind: 'interrupt', reason: 'budget', directiveMet: false }
    return undefined
  }

  /** Whether the directive wants no more items than D1 knows of and `items` more. */
  enough(items: number): boolean {
    const { interrupt, lane } = this.#watched
    return lane.truth.done + items >= (interrupt?.afterItems ?? Infinity)
  }

  /** Whether the directive `at` names this (encoded) cursor or one before it. */
  reached(cursor: string | null): boolean {
    const at = this.#watched.interrupt?.at
    if (at === undefined || cursor === null) return false
    const wanted = at.slice(at.indexOf(':') + 1)
    const decoded = decodeCursor(cursor)
    const found = Array.isArray(decoded) ? (decoded[0] as unknown) : decoded
    return typeof found === 'number' ? found >= Number(wanted) : String(found) === wanted
  }
}
