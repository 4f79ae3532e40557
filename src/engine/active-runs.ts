import type { Status } from './run.ts'

/** A run that has not ended, as the overview looks at it. Times are ISO 8601. */
export interface ActiveRun {
  id: string
  job: string
  status: Status
  /** A person holds it, or has paused it: nothing is to happen. */
  held: boolean
  commits: number
  startedAt: string | null
  /** When it is to go on, if it waits for a time. */
  resumeAt: string | null
  /** The last commit, or the take-over of the lane before it. */
  touchedAt: string
  attention: string | null
}

/** So many runs of each status are looked at, those that are there for longest. */
const PER_STATUS = 1_000
const ACTIVE: readonly Status[] = ['running', 'interrupted', 'queued', 'paused']

/** The runs that have not ended, by an index: what it costs does not depend on those that have. */
export async function activeRuns(db: D1Database): Promise<ActiveRun[]> {
  const query = db.prepare(
    `SELECT id, job, shown_status AS status, commits, touched_at AS touchedAt,
       shown_status = 'paused' OR coalesce(driving ->> '$.held', 0) AS held,
       driving ->> '$.startedAt' AS startedAt, driving ->> '$.resumeAt' AS resumeAt,
       driving ->> '$.attention' AS attention
     FROM (SELECT id, job, shown_status, driving FROM runs WHERE shown_status = ?1
           ORDER BY created_at, id LIMIT ${PER_STATUS}) AS oldest
     JOIN lanes ON lanes.run_id = oldest.id AND lanes.lane = 0`,
  )
  const answers = await db.batch<Omit<ActiveRun, 'held'> & { held: number }>(
    ACTIVE.map((status) => query.bind(status)),
  )
  return answers.flatMap(({ results }) => results.map((row) => ({ ...row, held: row.held === 1 })))
}

/** A run that a person should look at, and why. */
export interface Problem {
  run: string
  job: string
  status: Status
  problem: string
}

const PROBLEMS = 20

/** The newest runs that have failed, and those that ended with something to look at. */
export async function endedProblems(db: D1Database): Promise<Problem[]> {
  const columns = `id AS run, job, shown_status AS status,
    coalesce(attention, error ->> '$.message', 'failed') AS problem`
  const newest = `ORDER BY created_at DESC, id DESC LIMIT ${PROBLEMS}`
  const answers = await db.batch<Problem>([
    db.prepare(`SELECT ${columns} FROM runs WHERE shown_status = 'failed' ${newest}`),
    db.prepare(
      `SELECT ${columns} FROM runs WHERE attention IS NOT NULL AND shown_status <> 'failed' ${newest}`,
    ),
  ])
  return answers.flatMap(({ results }) => results)
}
