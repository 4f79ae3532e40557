import { RUN_SUMS } from '../engine/store/d1/run-sums.ts'
import type { Status } from '../engine/run.ts'

/** A run that has not ended, as the overview looks at it. Times are ISO 8601. */
export interface ActiveRun {
  id: string
  job: string
  status: Status
  /** A person holds it, or has paused it: nothing is to happen. */
  held: boolean
  commits: number
  startedAt: string | null
  /** The time at which it is to go on, if it waits for one. */
  resumeAt: string | null
  /** The last commit, or the take-over of the lane before it. */
  touchedAt: string
}

/** So many runs of each status are looked at, those that are there for longest. */
export const PER_STATUS = 1_000
export const ACTIVE: readonly Status[] = ['running', 'interrupted', 'queued', 'paused']

/** The runs that have not ended, by an index: what it costs does not depend on those that have. */
export async function activeRuns(db: D1Database): Promise<ActiveRun[]> {
  const query = db.prepare(
    `SELECT id, job, shown_status AS status, commits, touched_at AS touchedAt,
       shown_status = 'paused' OR coalesce(driving ->> '$.held', 0) AS held,
       driving ->> '$.startedAt' AS startedAt, driving ->> '$.resumeAt' AS resumeAt
     FROM (SELECT id, job, shown_status, driving FROM dogear_runs WHERE shown_status = ?1
           ORDER BY created_at, id LIMIT ${PER_STATUS}) AS oldest
     JOIN ${RUN_SUMS} AS lanes ON lanes.run_id = oldest.id`,
  )
  const answers = await db.batch<Omit<ActiveRun, 'held'> & { held: number }>(
    ACTIVE.map((status) => query.bind(status)),
  )
  return answers.flatMap(({ results }) => results.map((row) => ({ ...row, held: row.held === 1 })))
}
