import type { RunError } from '../engine/errors.ts'
import { type DecidedTick, noteOutcome, noteTicks, thinTicks } from './tick-rows.ts'

/** A schedule as D1 knows it. Times are ISO 8601. */
export interface ScheduleState {
  name: string
  /** The newest tick about which it is decided what to do; at first the time it was first seen. */
  lastTick: string
  /** A tick whose run is to be started. */
  waitingTick: string | null
  lastRun: string | null
  lastRunTick: string | null
  lastSkippedTick: string | null
  started: number
  skipped: number
  /** JSON; why the newest run could not be started. */
  error: string | null
  /** The first of the ticks in a row whose run could not be started. */
  failingSince: string | null
  pausedAt: string | null
}

/**
 * Makes schedules known that are new or tick by another expression now; they look at no tick before
 * `since`. Then gives what is known of them all.
 */
export async function knownSchedules(
  db: D1Database,
  schedules: readonly { name: string; cron: string }[],
  since: string,
): Promise<Map<string, ScheduleState>> {
  const [, answer] = await db.batch<ScheduleState>([
    db
      .prepare(
        `INSERT INTO dogear_schedules (name, cron, last_tick)
         SELECT value ->> 'name', value ->> 'cron', ?2 FROM json_each(?1) WHERE true
         ON CONFLICT (name) DO UPDATE SET cron = excluded.cron, last_tick = max(last_tick, excluded.last_tick)
           WHERE cron <> excluded.cron`,
      )
      .bind(JSON.stringify(schedules), since),
    db.prepare(ALL),
  ])
  return byName(answer?.results)
}

/** The state of each schedule that D1 knows, by its name. */
export async function readSchedules(db: D1Database): Promise<Map<string, ScheduleState>> {
  return byName((await db.prepare(ALL).all<ScheduleState>()).results)
}

const ALL = `
  SELECT name, last_tick AS lastTick, waiting_tick AS waitingTick, last_run AS lastRun,
    last_run_tick AS lastRunTick, last_skipped_tick AS lastSkippedTick, started, skipped, error,
    failing_since AS failingSince, paused_at AS pausedAt
  FROM dogear_schedules`

function byName(states: readonly ScheduleState[] = []): Map<string, ScheduleState> {
  return new Map(states.map((state) => [state.name, state]))
}

/**
 * Decides about a tick, once: false when somebody else has decided since `state` was read, or has paused the
 * schedule. The same transaction notes it in the history, with the ticks before it that were missed.
 */
export async function decide(
  db: D1Database,
  { name, lastTick }: ScheduleState,
  decided: DecidedTick & { outcome: 'waiting' | 'skipped' },
  missed: readonly DecidedTick[],
): Promise<boolean> {
  const { tick, outcome } = decided
  const change =
    outcome === 'waiting' ? 'waiting_tick = ?2' : 'last_skipped_tick = ?2, skipped = skipped + 1'
  const [, answer] = await db.batch([
    noteTicks(db, name, lastTick, [decided, ...missed]),
    db
      .prepare(
        `UPDATE dogear_schedules SET last_tick = ?2, ${change}
         WHERE name = ?1 AND last_tick = ?3 AND paused_at IS NULL`,
      )
      .bind(name, tick, lastTick),
    ...(hourOf(tick) === hourOf(lastTick) ? [] : [thinTicks(db, name)]),
  ])
  return (answer?.meta.changes ?? 0) > 0
}

/** Once an hour is often enough to look at all ticks of a schedule. */
function hourOf(tick: string): string {
  return tick.slice(0, 13)
}

/** The run of a tick is there. */
export async function noteStarted(
  db: D1Database,
  name: string,
  tick: string,
  run: string,
): Promise<void> {
  await db.batch([
    noteOutcome(db, name, tick, { run }),
    db
      .prepare(
        `UPDATE dogear_schedules SET waiting_tick = NULL, last_run = ?3, last_run_tick = ?2,
           started = started + 1, error = NULL, failing_since = NULL
         WHERE name = ?1 AND waiting_tick = ?2`,
      )
      .bind(name, tick, run),
  ])
}

/** The run of a tick can never be started. */
export async function noteRefused(
  db: D1Database,
  name: string,
  tick: string,
  error: RunError,
): Promise<void> {
  const json = JSON.stringify(error)
  await db.batch([
    noteOutcome(db, name, tick, { error: json }),
    db
      .prepare(
        `UPDATE dogear_schedules SET waiting_tick = NULL, error = ?3, failing_since = coalesce(failing_since, ?2)
         WHERE name = ?1 AND waiting_tick = ?2`,
      )
      .bind(name, tick, json),
  ])
}
