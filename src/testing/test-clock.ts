import type { Clock } from '../engine/clock.ts'
import { durationMs } from '../engine/durations.ts'

/** The alarms of a bench's runs, which a clock wakes when their time comes. */
export interface Alarms {
  /** The time of the next alarm, in ms since the epoch; null when none is set. */
  next(): Promise<number | null>
  /** Rings every alarm whose time has come. */
  ring(): Promise<void>
}

/** Far enough ahead of the machine's time that no alarm of a Durable Object rings by itself. */
const AHEAD_MS = 3_600_000

/**
 * Time that stands still until a test moves it on. Moving it rings the alarms of the Durable Objects
 * that run on it, each at its own time, so waits, retries and leases pass without sleeping.
 */
export class TestClock implements Clock {
  #start: number | undefined
  /** How far tests have moved it. */
  #moved = 0
  readonly #alarms = new Set<Alarms>()
  #waiting: { until: number; done: () => void }[] = []

  /** Starts an hour ahead of the machine's time, or at `startAt` (ms since the epoch), which must be later than now. */
  constructor(startAt: number = Date.now() + AHEAD_MS) {
    this.#start = startAt
  }

  /**
   * A clock that also goes on by itself: the machine's, and further on by as much as the test moves it. For work
   * that takes real time, or whose times are held against the machine's.
   */
  static ticking(): TestClock {
    const clock = new TestClock()
    clock.#start = undefined
    return clock
  }

  readonly now = (): number => (this.#start ?? Date.now()) + this.#moved

  /** Resolves once `ms` have passed by this clock. `wait(0)` takes a turn of the event loop. */
  readonly wait = (ms: number): Promise<void> => {
    if (ms <= 0) return scheduler.wait(0)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push({ until: this.now() + ms, done: resolve })
    if (this.#start === undefined) void scheduler.wait(ms).then(resolve)
    return promise
  }

  /** Moves on by milliseconds, or by a text like `'5 minutes'`. */
  advance(duration: number | string): Promise<void> {
    return this.advanceTo(this.now() + durationMs(duration))
  }

  /** Moves on to `time` (ms since the epoch), and stops at each alarm on the way. Never goes back. */
  async advanceTo(time: number): Promise<void> {
    for (;;) {
      const due = await this.#nextAlarm()
      if (due === null || due > time) break
      this.#moveTo(due)
      for (const alarms of this.#alarms) await alarms.ring()
    }
    this.#moveTo(time)
  }

  /** Lets `alarms` ring by this clock. */
  drive(alarms: Alarms): void {
    this.#alarms.add(alarms)
  }

  async #nextAlarm(): Promise<number | null> {
    const times: number[] = []
    for (const alarms of this.#alarms) times.push((await alarms.next()) ?? Infinity)
    const next = Math.min(...times)
    return Number.isFinite(next) ? next : null
  }

  #moveTo(time: number): void {
    const now = this.now()
    this.#moved += Math.max(0, time - now)
    const due = this.#waiting.filter(({ until }) => until <= this.now())
    this.#waiting = this.#waiting.filter((one) => !due.includes(one))
    for (const { done } of due) done()
  }
}
