import type { Clock } from '../../engine/clock.ts'

/**
 * The clock of a deployed Worker: it stands still while code runs, and goes on only when an answer from
 * outside comes in, or a timer rings. Take a new one for each invocation.
 */
export class FrozenClock implements Clock {
  readonly #clock: Clock
  #now: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#now = clock.now()
  }

  readonly now = (): number => this.#now

  readonly wait = async (ms: number): Promise<void> => {
    await this.#clock.wait(ms)
    this.goOn()
  }

  /** An answer has come in: it is now as late as it really is. */
  goOn(): void {
    this.#now = this.#clock.now()
  }
}
