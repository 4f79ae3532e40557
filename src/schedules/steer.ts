import { DogearError } from '../engine/errors.ts'
import { isoTime } from '../engine/iso-time.ts'
import { isEnded, type RunView } from '../engine/run.ts'
import { started } from '../engine/runs/start.ts'
import { readSchedules } from './schedule-rows.ts'
import type { Schedule } from './schedule.ts'
import { scheduledRun } from './scheduled-run.ts'
import type { SchedulerDeps } from './scheduler.ts'

/** The commands of people to a schedule. Times are ms since the epoch. */

/** Its ticks start nothing until somebody resumes it. One that is paused stays as it is. */
export async function pauseSchedule(
  db: D1Database,
  { name, cron, timeZone }: Schedule,
  now: number,
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO dogear_schedules (name, cron, last_tick, paused_at) VALUES (?1, ?2, ?3, ?3)
       ON CONFLICT (name) DO UPDATE SET paused_at = coalesce(paused_at, excluded.paused_at)`,
    )
    .bind(name, `${cron} ${timeZone}`, isoTime(now))
    .run()
}

/** Its next tick starts a run again; those while it was paused are neither made up for nor missed. */
export async function resumeSchedule(
  db: D1Database,
  { name }: Schedule,
  now: number,
): Promise<void> {
  await db
    .prepare(
      `UPDATE dogear_schedules SET paused_at = NULL, last_tick = max(last_tick, ?2)
       WHERE name = ?1 AND paused_at IS NOT NULL`,
    )
    .bind(name, isoTime(now))
    .run()
}

/**
 * Starts a run at once, also while the schedule is paused. Throws `invalid_params`, and `invalid_transition` while the
 * run before is at work, unless the schedule allows several.
 */
export async function runNow(
  { db, objects }: Pick<SchedulerDeps, 'db' | 'objects'>,
  schedule: Schedule,
  now: number,
): Promise<RunView> {
  const { name, job, overlap } = schedule
  const last = (await readSchedules(db)).get(name)?.lastRun ?? null
  const before = overlap === 'allow' || last === null ? null : await objects(last).describe()
  if (before && !isEnded(before.status)) {
    throw new DogearError(
      'invalid_transition',
      `Schedule '${name}' has overlap '${overlap}', and its run ${before.id} is ${before.status}; expected that one to have ended. Wait for it, or cancel it`,
    )
  }
  const at = isoTime(now)
  const run = await scheduledRun(schedule, at, true)
  const created = started(job, await objects(run.id).create(run))
  if (!created.ok) throw new DogearError('state_lost', `Run ${run.id} exists already`)
  await noteByHand(db, schedule, at, run.id)
  return created.run
}

async function noteByHand(
  db: D1Database,
  { name, cron, timeZone }: Schedule,
  at: string,
  run: string,
): Promise<void> {
  await db.batch([
    db
      .prepare(
        `INSERT OR IGNORE INTO dogear_schedule_ticks (schedule, tick, outcome, run_id, by_hand)
         VALUES (?1, ?2, 'ran', ?3, 1)`,
      )
      .bind(name, at, run),
    db
      .prepare(
        `INSERT INTO dogear_schedules (name, cron, last_tick, last_run, last_run_tick, started)
         VALUES (?1, ?2, ?3, ?4, ?3, 1)
         ON CONFLICT (name) DO UPDATE SET last_run = excluded.last_run, last_run_tick = excluded.last_run_tick,
           started = started + 1, error = NULL, failing_since = NULL`,
      )
      .bind(name, `${cron} ${timeZone}`, at, run),
  ])
}
