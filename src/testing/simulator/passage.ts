import type { Clock } from '../../engine/clock.ts'
import { TestClock } from '../test-clock.ts'

/**
 * Lets the time of ways pass. By a `TestClock`, which stands still, it moves the clock itself: to the end
 * of the shortest way, once no call is being answered that may begin another one.
 */
export class Passage {
  readonly #clock: Clock
  #ways: { until: number; done: () => void }[] = []
  #answering = 0
  #moving = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when `ms` have passed. */
  pass(ms: number): Promise<void> {
    if (ms <= 0) return Promise.resolve()
    if (!(this.#clock instanceof TestClock)) return this.#clock.wait(ms)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ways.push({ until: this.#clock.now() + ms, done: resolve })
    void this.#move(this.#clock)
    return promise
  }

  /** While a real call is answered, no way comes to its end by a `TestClock`. */
  async answer<T>(work: () => Promise<T>): Promise<T> {
    this.#answering += 1
    try {
      return await work()
    } finally {
      this.#answering -= 1
      if (this.#clock instanceof TestClock) void this.#move(this.#clock)
    }
  }

  async #move(clock: TestClock): Promise<void> {
    if (this.#moving) return
    this.#moving = true
    try {
      while (this.#ways.length > 0) {
        // Whoever was answered last may begin a call, whose way could be the shortest.
        await scheduler.wait(0)
        if (this.#answering > 0) return
        await clock.advanceTo(Math.min(...this.#ways.map(({ until }) => until)))
        const over = this.#ways.filter(({ until }) => until <= clock.now())
        this.#ways = this.#ways.filter((way) => !over.includes(way))
        for (const { done } of over) done()
      }
    } finally {
      this.#moving = false
    }
  }
}
