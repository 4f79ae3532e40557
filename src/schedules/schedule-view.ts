import type { RunError } from '../engine/errors.ts'
import { isoTime } from '../engine/iso-time.ts'
import { readSchedules } from './schedule-rows.ts'
import type { Overlap, Schedule } from './schedule.ts'
import { newestTicks } from './tick-rows.ts'
import type { Tick } from './tick.ts'

/** A schedule as people see it. Times are ISO 8601. */
export interface ScheduleView {
  name: string
  job: string
  cron: string
  timeZone: string
  overlap: Overlap
  nextTick: string
  lastRun: { run: string; tick: string } | null
  /** A tick whose run starts as soon as the one before has ended. */
  waitingTick: string | null
  lastSkippedTick: string | null
  started: number
  skipped: number
  /** The reason why the newest tick's run could not be started. */
  error?: RunError
  /** The first of the ticks in a row whose runs could not be started; null when the newest could. */
  failingSince: string | null
  /** When a person paused it; null while its ticks start runs. */
  pausedAt: string | null
  /** What became of its last ticks, the newest first; at most 20. */
  ticks: Tick[]
}

const TICKS_SHOWN = 20

/** The schedules that are declared, and how far each has come. */
export async function listSchedules(
  db: D1Database,
  schedules: readonly Schedule[],
  now: number,
): Promise<ScheduleView[]> {
  const names = schedules.map(({ name }) => name)
  const [states, ticks] = await Promise.all([
    readSchedules(db),
    newestTicks(db, names, TICKS_SHOWN),
  ])
  return schedules.map((schedule) => {
    const { name, job, cron, timeZone, overlap } = schedule
    const state = states.get(name)
    const { lastRun, lastRunTick, error } = state ?? {}
    return {
      name,
      job: job.name,
      cron,
      timeZone,
      overlap,
      nextTick: isoTime(schedule.next(now)),
      lastRun: lastRun && lastRunTick ? { run: lastRun, tick: lastRunTick } : null,
      waitingTick: state?.waitingTick ?? null,
      lastSkippedTick: state?.lastSkippedTick ?? null,
      started: state?.started ?? 0,
      skipped: state?.skipped ?? 0,
      ...(error && { error: JSON.parse(error) as RunError }),
      failingSince: state?.failingSince ?? null,
      pausedAt: state?.pausedAt ?? null,
      ticks: ticks.get(name) ?? [],
    }
  })
}
