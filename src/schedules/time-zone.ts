import { DogearError } from '../engine/errors.ts'

const DAY_MS = 86_400_000

/** Between times and what a wall clock of a time zone shows then, in ms as if the wall stood in UTC. */
export class TimeZone {
  readonly name: string
  readonly #format: Intl.DateTimeFormat | undefined

  /** Throws `invalid_schedule` for a name that is not in the IANA database. */
  constructor(name: string) {
    this.name = name
    if (name === 'UTC') return
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      })
    } catch (cause) {
      throw new DogearError(
        'invalid_schedule',
        `Time zone is '${name}'; expected a name like UTC or Europe/Berlin`,
        { cause },
      )
    }
  }

  /** The time that the wall clock shows at a time, to the second. */
  wallTime(time: number): number {
    if (!this.#format) return time
    const parts = new Map(
      this.#format.formatToParts(time).map(({ type, value }) => [type, Number(value)]),
    )
    const part = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0
    return Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    )
  }

  /** The times at which the wall clock shows one: two where it is put back, none where it jumps over it. */
  timesOf(wall: number): number[] {
    const times = new Set([this.#before(wall), wall - this.#offsetAt(wall + DAY_MS)])
    return [...times].filter((time) => this.wallTime(time) === wall).sort((a, b) => a - b)
  }

  /**
   * The time at which the wall clock shows one. The first when it shows it twice; when it jumps over it,
   * as long after the jump as it should have been.
   */
  timeOf(wall: number): number {
    return this.timesOf(wall)[0] ?? this.#before(wall)
  }

  /** The clock is changed within so many ms of that time, before or after. */
  changesNear(time: number, withinMs: number): boolean {
    return (
      this.#format !== undefined &&
      this.#offsetAt(time - withinMs) !== this.#offsetAt(time + withinMs)
    )
  }

  /** The time by the clock as it was set a day earlier. */
  #before(wall: number): number {
    return wall - this.#offsetAt(wall - DAY_MS)
  }

  #offsetAt(time: number): number {
    return this.wallTime(time) - Math.floor(time / 1_000) * 1_000
  }
}
