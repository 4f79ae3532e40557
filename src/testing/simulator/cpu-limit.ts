import type { StopAt } from '../../engine/pass/stop-at.ts'
import { KillSwitch } from '../../engine/slice/kill-switch.ts'

/**
 * The end of an invocation by its CPU limit, which only the platform can measure: here it comes after so much work.
 * Whichever comes first ends it.
 */
export interface CpuLimit {
  /** Items that an invocation can handle: it dies once they are handled, whether or not they are committed. */
  items?: number
  /** Calls to D1 that an invocation can make: it dies when it makes one more. */
  calls?: number
}

/** The life of one invocation. It ends without a word: nothing is called any more, and nothing answered. */
export class Life {
  readonly #switch = new KillSwitch()
  readonly #limit: CpuLimit
  #items = 0
  #calls = 0

  constructor(limit: CpuLimit) {
    this.#limit = limit
  }

  /** Resolves when it ends. */
  get ended(): Promise<void> {
    return this.#switch.ended
  }

  /** A call of any kind, and its answer. */
  call<T>(work: () => Promise<T>): Promise<T> {
    return this.#switch.whileAlive(work)
  }

  countD1Call(): void {
    if (++this.#calls > (this.#limit.calls ?? Infinity)) this.#switch.kill()
  }

  /** Counts the items of a slice, at its checkpoints. */
  readonly countItems: StopAt = ({ items }) => {
    this.#items += items
    if (this.#items >= (this.#limit.items ?? Infinity)) this.#switch.kill()
    return false
  }
}
