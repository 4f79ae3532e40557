import type { RunError } from '../engine/errors.ts'
import { isoTime } from '../engine/iso-time.ts'
import type { Tick, TickOutcome } from './tick.ts'

/** The rows of ticks in D1: the history of each schedule. One function per statement or batch. */

/** A tick about which it is decided now. */
export type DecidedTick = Pick<Tick, 'tick' | 'outcome' | 'run'>

/** So many ticks of a schedule are kept, and those of an hour more. */
const KEPT = 500
const KEPT_MS = 90 * 86_400_000
const PER_PRUNE = 1_000

/** Notes ticks, unless somebody else has decided since `lastTick`: to be done in the batch that decides, before it does. */
export function noteTicks(
  db: D1Database,
  name: string,
  lastTick: string,
  ticks: readonly DecidedTick[],
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT OR IGNORE INTO dogear_schedule_ticks (schedule, tick, outcome, run_id)
       SELECT ?1, value ->> 'tick', value ->> 'outcome', value ->> 'run' FROM json_each(?2)
       WHERE EXISTS (SELECT 1 FROM dogear_schedules WHERE name = ?1 AND last_tick = ?3 AND paused_at IS NULL)`,
    )
    .bind(name, JSON.stringify(ticks), lastTick)
}

/** A tick that waited for its run to be started has it, or never will: `error` is JSON. */
export function noteOutcome(
  db: D1Database,
  name: string,
  tick: string,
  { run = null, error = null }: { run?: string | null; error?: string | null },
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE dogear_schedule_ticks SET outcome = iif(?3 IS NULL, 'failed', 'ran'), run_id = ?3, error = ?4
       WHERE schedule = ?1 AND tick = ?2 AND outcome = 'waiting'`,
    )
    .bind(name, tick, run, error)
}

/** Forgets the oldest ticks of a schedule that has many. */
export function thinTicks(db: D1Database, name: string): D1PreparedStatement {
  return db
    .prepare(
      `DELETE FROM dogear_schedule_ticks WHERE schedule = ?1 AND tick <=
         (SELECT tick FROM dogear_schedule_ticks WHERE schedule = ?1 ORDER BY tick DESC LIMIT 1 OFFSET ${KEPT})`,
    )
    .bind(name)
}

/** Removes ticks of more than 90 days ago, also those of schedules that are no more, some at a time. */
export async function pruneTicks(db: D1Database, now: number): Promise<void> {
  await db
    .prepare(
      `DELETE FROM dogear_schedule_ticks WHERE (schedule, tick) IN (
         SELECT schedule, tick FROM dogear_schedule_ticks INDEXED BY dogear_schedule_ticks_by_time
         WHERE tick < ?1 ORDER BY tick LIMIT ${PER_PRUNE})`,
    )
    .bind(isoTime(now - KEPT_MS))
    .run()
}

interface TickRow {
  schedule: string
  tick: string
  outcome: TickOutcome
  run: string | null
  error: string | null
  byHand: number
}

/** The newest ticks of each of these schedules, by its name; the newest first. */
export async function newestTicks(
  db: D1Database,
  names: readonly string[],
  limit: number,
): Promise<Map<string, Tick[]>> {
  const { results } = await db
    .prepare(
      `SELECT schedule, tick, outcome, run_id AS run, error, by_hand AS byHand
       FROM json_each(?1) AS named CROSS JOIN dogear_schedule_ticks ON schedule = named.value
         AND tick >= coalesce((SELECT tick FROM dogear_schedule_ticks WHERE schedule = named.value
           ORDER BY tick DESC LIMIT 1 OFFSET ?2), '')
       ORDER BY named.key, tick DESC`,
    )
    .bind(JSON.stringify(names), limit - 1)
    .all<TickRow>()
  const ticks = new Map(names.map((name): [string, Tick[]] => [name, []]))
  for (const { schedule, error, byHand, ...tick } of results) {
    ticks.get(schedule)?.push({
      ...tick,
      ...(error !== null && { error: JSON.parse(error) as RunError }),
      ...(byHand === 1 && { byHand: true as const }),
    })
  }
  return ticks
}
