import { isEnded } from '../../engine/run.ts'
import type { Run } from '../../client/index.ts'

/** The pace of a run just now. */
export interface Pace {
  itemsPerSecond: number
  /** Milliseconds until its last item at this rate; undefined when its total is unknown or it stands. */
  etaMs?: number
}

/** A rate over less time is mostly chance, one over more time lags behind. */
const LEAST_MS = 1_000
const WINDOW_MS = 10_000

interface Sample {
  at: number
  done: number
}

/** The paces of runs, from what was seen of their progress in the last seconds. */
export class Paces {
  readonly #samples = new Map<string, Sample[]>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** The run as it is seen now; its pace once it has been seen for a second. */
  seen({ id, status, held, progress: { done, total } }: Run): Pace | undefined {
    const still = isEnded(status) || status === 'paused' || held === true
    if (still) {
      // Time that it stands still is no part of its pace.
      this.#samples.delete(id)
      return undefined
    }
    const now = this.#now()
    const samples = [...(this.#samples.get(id) ?? []), { at: now, done }]
    // The newest sample that is older than the window stays: the window reaches back to it.
    const from = samples.findLastIndex(({ at }) => now - at >= WINDOW_MS)
    const recent = samples.slice(Math.max(from, 0))
    this.#samples.set(id, recent)
    const first = recent[0]
    if (first === undefined || now - first.at < LEAST_MS) return undefined
    const itemsPerSecond = ((done - first.done) * 1_000) / (now - first.at)
    // More than was expected: nobody knows how many are left.
    if (total === null || done > total || itemsPerSecond <= 0)
      return { itemsPerSecond: Math.max(itemsPerSecond, 0) }
    return { itemsPerSecond, etaMs: ((total - done) / itemsPerSecond) * 1_000 }
  }
}
