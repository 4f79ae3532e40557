import type { EndStatus } from '../../run.ts'

/** The statements by which the sweep finds runs that nobody drives. One function per statement. */

/** So many runs a sweep passes by that need no look, the longest without one first. */
const PASSED_BY = 5_000

/** A run that is not closed and where nothing happens. */
export interface IdleRun {
  id: string
  job: string
  status: 'active' | EndStatus
  finishedAt: string | null
}

/** As the indexes have it, to the letter. */
const RESTING = `(status = 'active' AND (phase = 'paused' OR coalesce(driving ->> '$.held', 0)))`

const DRIVEN = `SELECT id, job, status, driving, finished_at, looked_at FROM dogear_runs INDEXED BY dogear_runs_open_driven
  WHERE closed_at IS NULL AND ${RESTING} = 0 AND looked_at < ?1 ORDER BY looked_at LIMIT ${PASSED_BY}`

const BUSY = `EXISTS (SELECT 1 FROM dogear_lanes WHERE run_id = oldest.id AND touched_at >= ?1)`
const WAITS_UNTIL = `iif(oldest.status = 'active', oldest.driving ->> '$.resumeAt', NULL)`

/**
 * Lets those rest where something has happened since `before`, and those that wait for a time: till then,
 * or till `tomorrow`, since a wait may be cut short. Without that each sweep would read them all.
 */
export async function passBy(
  db: D1Database,
  before: string,
  now: string,
  tomorrow: string,
): Promise<void> {
  await db
    .prepare(
      `UPDATE dogear_runs SET looked_at = rest.until
       FROM (SELECT id, iif(${BUSY}, ?2, min(${WAITS_UNTIL}, ?3)) AS until FROM (${DRIVEN}) AS oldest) AS rest
       WHERE dogear_runs.id = rest.id AND rest.until > ?1`,
    )
    .bind(before, now, tomorrow)
    .run()
}

/** Runs that are not closed and where nothing has happened since `before`. */
export async function idleRuns(db: D1Database, before: string, limit: number): Promise<IdleRun[]> {
  const { results } = await db
    .prepare(
      `SELECT id, job, status, finished_at AS finishedAt FROM (${DRIVEN}) AS oldest
       WHERE NOT ${BUSY} AND (${WAITS_UNTIL} IS NULL OR ${WAITS_UNTIL} <= ?1)
       ORDER BY looked_at LIMIT ?2`,
    )
    .bind(before, limit)
    .all<IdleRun>()
  return results
}

/** Runs that a person has paused or holds, and that nobody has looked at since `before`. */
export async function restingRuns(
  db: D1Database,
  before: string,
  limit: number,
): Promise<string[]> {
  const { results } = await db
    .prepare(
      `SELECT id FROM dogear_runs INDEXED BY dogear_runs_open_resting
       WHERE closed_at IS NULL AND ${RESTING} = 1 AND looked_at < ?1 ORDER BY looked_at LIMIT ?2`,
    )
    .bind(before, limit)
    .all<{ id: string }>()
  return results.map(({ id }) => id)
}

/** Notes as of when somebody looked at these runs; the next sweep looks at others first. */
export async function noteLookedAt(
  db: D1Database,
  runs: readonly { id: string; at: string }[],
): Promise<void> {
  await db
    .prepare(
      `UPDATE dogear_runs SET looked_at = noted.value ->> 'at'
       FROM json_each(?1) AS noted WHERE dogear_runs.id = noted.value ->> 'id'`,
    )
    .bind(JSON.stringify(runs))
    .run()
}
