/** Time as the engine sees it; injected, so that tests steer it. */
export interface Clock {
  /** Milliseconds since the epoch. Stands still between I/O in production. */
  now: () => number
  /** Resolves after `ms`. `wait(0)` lets other work of this isolate have its turn. */
  wait: (ms: number) => Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  wait: (ms) => scheduler.wait(ms),
}

/** How long a slice goes on before it lets other work of its isolate have its turn. */
const BREATHE_EVERY_MS = 30

/** A tight loop of awaited D1 calls would starve everything else in a local isolate: it takes a breath. */
export class Breath {
  readonly #clock: Clock
  #takenAt: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#takenAt = clock.now()
  }

  /**
   * A request needs more than one turn, so two turns together serve it sooner than twice as many apart.
   * Each costs about 1.5 ms.
   */
  async take(): Promise<void> {
    if (this.#clock.now() - this.#takenAt < BREATHE_EVERY_MS) return
    await this.#clock.wait(0)
    await this.#clock.wait(0)
    this.#takenAt = this.#clock.now()
  }
}
