import { nameProblem } from '../engine/name.ts'
import { latestTick, nextTick, parseCron, type Cron } from './cron.ts'
import { describeValue, DogearError } from '../engine/errors.ts'
import type { Job } from '../engine/job/job.ts'
import type { Registry } from '../engine/job/registry.ts'
import { TimeZone } from './time-zone.ts'

/**
 * The policy for a tick while the run of an earlier one is still active (paused counts, too):
 * - `skip`: nothing; the tick is recorded as skipped.
 * - `queue`: the run starts once the earlier one has ended, within a minute. One tick waits at most;
 *   those after it are recorded as skipped.
 * - `allow`: it starts beside the earlier one.
 */
export type Overlap = 'skip' | 'queue' | 'allow'

const OVERLAPS: readonly unknown[] = ['skip', 'queue', 'allow'] satisfies Overlap[]

/** Runs of a job that start by the clock. */
export interface ScheduleDefinition<P> {
  /** Unique in the Worker: lower case, digits and dashes. A schedule that is renamed is a new one. */
  name: string
  /** Five fields: minute, hour, day of the month, month, day of the week; `0 3 * * *` is each day at 3:00. */
  cron: string
  /** A name of the IANA database, like `Europe/Berlin`. @default 'UTC' */
  timeZone?: string
  job: Job<P>
  /** Params of each run, or what makes them of the time of the tick. */
  params?: Partial<NoInfer<P>> | ((tick: Date) => Partial<NoInfer<P>>)
  /** @default 'skip' */
  overlap?: Overlap
}

/** A schedule as the engine runs it. Made by `defineSchedule`. Times are ms since the epoch. */
export interface Schedule {
  readonly name: string
  readonly cron: string
  readonly timeZone: string
  readonly job: Job
  readonly params: unknown
  readonly overlap: Overlap
  /** The first tick after a time. */
  next(after: number): number
  /** The last tick at a time or before. */
  latest(upTo: number): number
}

/**
 * Declares runs that start by the clock; give it to `createDogear`. The Worker's cron trigger, which
 * must fire every minute, starts one run per tick, however often the trigger fires. Ticks while the
 * Worker was down are missed: the last of them is made up for, once, as soon as it is back.
 *
 * Where the clock of a time zone changes, schedules do as Debian's cron does. One whose minute or hour
 * begins with `*` goes on by real time: it ticks in both hours that the clock shows twice, and not in the
 * hour that it jumps over. One at fixed times ticks once in the hour that is shown twice, and as long after
 * the jump as it should have ticked in the hour that is jumped over. Throws `invalid_schedule`.
 */
export function defineSchedule<P>(definition: ScheduleDefinition<P>): Schedule {
  const { name, cron, timeZone = 'UTC', job, params, overlap = 'skip' } = definition
  const problem = nameProblem(name)
  if (problem !== undefined) throw invalid(name, problem)
  if (typeof (job as Partial<Job> | undefined)?.name !== 'string') {
    throw invalid(name, `job is ${describeValue(job)}; expected what defineJob has made`)
  }
  if (!OVERLAPS.includes(overlap)) {
    throw invalid(name, `overlap is ${describeValue(overlap)}; expected 'skip', 'queue' or 'allow'`)
  }
  const ticks = new Ticks(parseCron(cron), new TimeZone(timeZone))
  return {
    name,
    cron,
    timeZone,
    job,
    params,
    overlap,
    next: (after) => ticks.next(after),
    latest: (upTo) => ticks.latest(upTo),
  }
}

/**
 * The schedules of a Worker as given, when it can run them. Throws `invalid_schedule` for two of one name
 * and for one whose job is not among the Worker's.
 */
export function checkSchedules(
  schedules: readonly Schedule[],
  jobs: Registry,
): readonly Schedule[] {
  const names = new Set<string>()
  for (const { name, job } of schedules) {
    if (names.has(name))
      throw new DogearError('invalid_schedule', `Two schedules are named '${name}'`)
    if (jobs.get(job.name) !== job) {
      throw new DogearError(
        'invalid_schedule',
        `Schedule '${name}' starts job '${job.name}', which this Worker was not given; expected it among its jobs`,
      )
    }
    names.add(name)
  }
  return schedules
}

/** Clocks are changed by an hour, or by half of one. */
const CHANGE_MS = 2 * 3_600_000

/** The ticks of an expression in a time zone. */
class Ticks {
  readonly #cron: Cron
  readonly #zone: TimeZone

  constructor(cron: Cron, zone: TimeZone) {
    this.#cron = cron
    this.#zone = zone
  }

  next(after: number): number {
    let best: { time: number; wall: number } | undefined
    for (let wall = this.#zone.wallTime(after) - this.#lookAround(after); ;) {
      wall = found(nextTick(this.#cron, wall))
      if (best && wall > best.wall + this.#lookAround(best.time)) return best.time
      const time = this.#timesOf(wall).find((one) => one > after)
      if (time !== undefined && (!best || time < best.time)) {
        best = { time, wall: best?.wall ?? wall }
      }
      if (best && this.#lookAround(best.time) === 0) return best.time
    }
  }

  latest(upTo: number): number {
    let best: { time: number; wall: number } | undefined
    for (let wall = this.#zone.wallTime(upTo) + this.#lookAround(upTo); ; wall -= 1) {
      wall = found(latestTick(this.#cron, wall))
      if (best && wall < best.wall - this.#lookAround(best.time)) return best.time
      const time = this.#timesOf(wall).findLast((one) => one <= upTo)
      if (time !== undefined && (!best || time > best.time)) {
        best = { time, wall: best?.wall ?? wall }
      }
      if (best && this.#lookAround(best.time) === 0) return best.time
    }
  }

  /** The times of a tick of the wall clock, in order. */
  #timesOf(wall: number): number[] {
    return this.#cron.wildcard ? this.#zone.timesOf(wall) : [this.#zone.timeOf(wall)]
  }

  /**
   * Around a change of the clock the ticks do not come in the order in which a wall clock shows them: an
   * hour is shown twice, or the ticks of one that is left out come among those after it.
   */
  #lookAround(time: number): number {
    return this.#zone.changesNear(time, CHANGE_MS) ? CHANGE_MS : 0
  }
}

/** `parseCron` refuses expressions that never tick. */
function found(tick: number | undefined): number {
  if (tick === undefined) throw new RangeError('no tick within 40 years')
  return tick
}

function invalid(name: unknown, problem: string): DogearError {
  return new DogearError('invalid_schedule', `Schedule ${describeValue(name)}: ${problem}`)
}
