import type { PassDeps } from './deps.ts'
import type { InterruptSignal } from './stop-signal.ts'
import type { Continuation } from '../steps/continuation.ts'
import { hasReached, parseStopPoint, pathTo, type StopPoint } from '../steps/stop-point.ts'

type Watched = Pick<PassDeps, 'budget' | 'interrupt' | 'job' | 'lane' | 'reporter' | 'stopAt'>

/** The reasons to stop a slice at a checkpoint: a directive, exact to the item, a request, or the budget. */
export class StopConditions {
  readonly #watched: Watched
  readonly #place: StopPoint | undefined
  #asked = false

  constructor(watched: Watched) {
    const { interrupt, job } = watched
    this.#watched = watched
    this.#place = interrupt?.at === undefined ? undefined : parseStopPoint(interrupt.at, job.unit)
  }

  /** To be called at each checkpoint: asks whoever wants to stop the slice there. */
  arrived(steps: Continuation, items: number): void {
    const { stopAt } = this.#watched
    if (!stopAt) return
    const { position, completed } = steps
    this.#asked ||= stopAt({ position, completed, items })
  }

  /** The reason to stop here, after `items` more than D1 knows of; a directive first, then people, then budget. */
  reason(items: number, steps: Continuation, now: number): InterruptSignal | undefined {
    const { interrupt, reporter, budget, job } = this.#watched
    const met =
      this.#asked ||
      (interrupt !== null &&
        (this.enough(items) ||
          now >= (interrupt.atTime ?? Infinity) ||
          // A step's cursor names the next item; an iteration is stopped before the item itself.
          (job.body.style === 'continuable' && this.reached(steps))))
    if (met) return { kind: 'interrupt', reason: 'signal', directiveMet: true }
    if (reporter.stop) return { kind: 'interrupt', reason: reporter.stop, directiveMet: false }
    if (budget.exhausted(now)) return { kind: 'interrupt', reason: 'budget', directiveMet: false }
    return undefined
  }

  /** True when the directive wants no more items than D1 knows of and `items` more. */
  enough(items: number): boolean {
    const { interrupt, lane } = this.#watched
    return lane.state.done + items >= (interrupt?.afterItems ?? Infinity)
  }

  /**
   * True once the run has come to the place that the directive names: with its steps, or by the item at
   * `cursor` that a step `depth` levels deep walks to.
   */
  reached(steps: Continuation, cursor?: string, depth?: number): boolean {
    return (
      this.#place !== undefined && hasReached(pathTo(steps.position, cursor, depth), this.#place)
    )
  }
}
