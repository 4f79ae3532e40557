import type { RunObjects } from '../engine/drive/protocol.ts'
import type { NewRun } from '../engine/drive/run-record.ts'
import { ensureError, serializeError } from '../engine/errors.ts'
import { log } from '../engine/log.ts'
import { type Redact, showAll } from '../engine/redactor.ts'
import { isEnded } from '../engine/run.ts'
import { missingQueue } from '../engine/runs/start.ts'
import { redactor } from '../engine/sensitive.ts'
import {
  decide,
  knownSchedules,
  noteRefused,
  noteStarted,
  type ScheduleState,
} from './schedule-rows.ts'
import type { Schedule } from './schedule.ts'
import { isoTime } from '../engine/iso-time.ts'
import { missedTicks } from './missed.ts'
import { scheduledRun } from './scheduled-run.ts'
import type { DecidedTick } from './tick-rows.ts'

export interface SchedulerDeps {
  db: D1Database
  objects: RunObjects
  schedules: readonly Schedule[]
}

/** A new schedule looks at no tick before the minute in which it is first seen. */
const MINUTE_MS = 60_000

/**
 * Starts what is due by `now`, in ms since the epoch. To be called every minute; calling it twice, late
 * or at the same time starts nothing twice. For each tick it is first decided in D1 what to do, which
 * one caller can do; then its run is started, under an id that follows from schedule and tick; then
 * that is noted. Who dies in between is made up for by the next call.
 */
export async function runSchedules(
  { db, objects, schedules }: SchedulerDeps,
  now: number,
): Promise<void> {
  if (schedules.length === 0) return
  const declared = schedules.map(({ name, cron, timeZone }) => ({
    name,
    cron: `${cron} ${timeZone}`,
  }))
  const states = await knownSchedules(db, declared, isoTime(now - MINUTE_MS))
  await Promise.all(
    schedules.map(async (schedule) => {
      const state = states.get(schedule.name)
      try {
        if (state) await new DueTick(db, objects, schedule, state).run(now)
      } catch (error) {
        // It is tried again in a minute, and others go on.
        log.error('schedule.failed', { schedule: schedule.name, error })
      }
    }),
  )
}

/** One look at one schedule. */
class DueTick {
  readonly #db: D1Database
  readonly #objects: RunObjects
  readonly #schedule: Schedule
  #state: ScheduleState

  constructor(db: D1Database, objects: RunObjects, schedule: Schedule, state: ScheduleState) {
    this.#db = db
    this.#objects = objects
    this.#schedule = schedule
    this.#state = state
  }

  async run(now: number): Promise<void> {
    if (this.#state.pausedAt !== null) return
    await this.#startWaiting()
    const { lastTick, lastRun } = this.#state
    const tick = isoTime(this.#schedule.latest(now))
    if (tick <= lastTick) return
    const outcome = await this.#outcomeNow()
    const missed = missedTicks(this.#schedule, lastTick, tick).map((one): DecidedTick => ({
      tick: one,
      outcome: 'missed',
      run: null,
    }))
    const decided = { tick, outcome, run: outcome === 'skipped' ? lastRun : null } as const
    if (!(await decide(this.#db, this.#state, decided, missed)) || outcome === 'skipped') return
    this.#state = { ...this.#state, lastTick: tick, waitingTick: tick }
    await this.#startWaiting()
  }

  /** A tick whose run is to be started waits until that is there. */
  async #outcomeNow(): Promise<'waiting' | 'skipped'> {
    const { overlap } = this.#schedule
    if (overlap === 'allow') return 'waiting'
    if (this.#state.waitingTick !== null) return 'skipped'
    return overlap === 'skip' && (await this.#isBusy()) ? 'skipped' : 'waiting'
  }

  /** Starts the run of the tick that waits, unless it has to wait for an earlier run. */
  async #startWaiting(): Promise<void> {
    const { name, waitingTick } = this.#state
    if (waitingTick === null) return
    if (this.#schedule.overlap !== 'allow' && (await this.#isBusy())) return
    let run: NewRun
    try {
      run = await scheduledRun(this.#schedule, waitingTick)
    } catch (error) {
      return this.#refuse(waitingTick, ensureError(error))
    }
    const created = await this.#objects(run.id).create(run)
    if (!created.ok && created.code === 'unknown_queue') {
      return this.#refuse(waitingTick, missingQueue(run.job, created.queue))
    }
    // A conflict says that it is there, with params as they were when it was started.
    await noteStarted(this.#db, name, waitingTick, run.id)
    this.#state = { ...this.#state, waitingTick: null, lastRun: run.id }
  }

  async #refuse(tick: string, error: Error): Promise<void> {
    await noteRefused(this.#db, this.#schedule.name, tick, serializeError(error, this.#redact))
    this.#state = { ...this.#state, waitingTick: null }
  }

  /** What a validator or queue says of params may repeat them. */
  get #redact(): Redact {
    const { job, params } = this.#schedule
    return typeof params === 'function' ? showAll : redactor(params, job.sensitive)
  }

  /** The run that was started last has not ended. */
  async #isBusy(): Promise<boolean> {
    const { lastRun } = this.#state
    const run = lastRun === null ? null : await this.#objects(lastRun).describe()
    return run !== null && !isEnded(run.status)
  }
}
