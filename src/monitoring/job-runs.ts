import { RUN_SUMS } from '../engine/store/d1/run-sums.ts'
import type { Status } from '../engine/run.ts'
import { type RunTimes, slowAfterMs, tookMs, usualDurations } from './job-pace.ts'
import type { AlertPolicy } from '../engine/policies/alert-policy.ts'
import { isEnded } from '../engine/run.ts'

/** A run of a job, as the bars of its last runs show it. Times are ISO 8601. */
export interface JobRun {
  id: string
  status: Status
  createdAt: string
  /** From its first slice on, or since; null for one that has not begun. */
  tookMs: number | null
  skipped: number
  codeVersion: string
  /** It takes longer than usual, or did. */
  slow: boolean
}

/** How runs of one job do. */
export interface JobRuns {
  /** The last 50, the newest first. */
  runs: JobRun[]
  /** Those that completed among those of them that have ended, but for the cancelled; null when none has. */
  successRate: number | null
  /** The median of the last 20 that completed; null when there are fewer than 5. */
  usualMs: number | null
  /** From when on a run is slower than usual; null for never. */
  slowAfterMs: number | null
  /** Of the last 50, the newest first. */
  codeVersions: { version: string; runs: number; lastAt: string }[]
}

const RUNS_SHOWN = 50

interface Row extends RunTimes {
  id: string
  status: Status
  skipped: number
  codeVersion: string
}

const NEWEST = `
  SELECT newest.id, newest.status, newest.createdAt, newest.startedAt, newest.finishedAt,
    lanes.skipped, lanes.code_version AS codeVersion
  FROM (SELECT id, shown_status AS status, created_at AS createdAt, driving ->> '$.startedAt' AS startedAt,
          finished_at AS finishedAt
        FROM dogear_runs INDEXED BY dogear_runs_by_job WHERE job = ?1
        ORDER BY created_at DESC, id DESC LIMIT ${RUNS_SHOWN}) AS newest
  JOIN ${RUN_SUMS} AS lanes ON lanes.run_id = newest.id`

/** Reads the last runs of a job by indexes: what it costs does not depend on how many there are. */
export async function readJobRuns(
  db: D1Database,
  { name, alerts = {} }: { name: string; alerts?: AlertPolicy | undefined },
  now: number,
): Promise<JobRuns> {
  const [{ results }, usual] = await Promise.all([
    db.prepare(NEWEST).bind(name).all<Row>(),
    usualDurations(db, [name]),
  ])
  const usualMs = usual.get(name) ?? null
  const slowMs = slowAfterMs(usualMs, alerts)
  const runs = results
    .map((row) => jobRunOf(row, slowMs, now))
    .toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0))
  return {
    runs,
    successRate: successRateOf(runs),
    usualMs,
    slowAfterMs: slowMs,
    codeVersions: versionsOf(runs),
  }
}

function jobRunOf(row: Row, slowMs: number | null, now: number): JobRun {
  const { id, status, createdAt, startedAt, finishedAt, skipped, codeVersion } = row
  const begun = startedAt !== null || finishedAt !== null
  const took = begun ? tookMs(row, now) : null
  const counts = status !== 'paused' && status !== 'cancelled'
  const slow = counts && slowMs !== null && took !== null && took > slowMs
  return { id, status, createdAt, tookMs: took, skipped, codeVersion, slow }
}

/** Who cancels a run says nothing about its job. */
function successRateOf(runs: readonly JobRun[]): number | null {
  const ended = runs.filter(({ status }) => isEnded(status) && status !== 'cancelled')
  const completed = ended.filter(({ status }) => status === 'completed').length
  return ended.length === 0 ? null : completed / ended.length
}

function versionsOf(runs: readonly JobRun[]): JobRuns['codeVersions'] {
  const versions = new Map<string, { version: string; runs: number; lastAt: string }>()
  for (const { codeVersion: version, createdAt } of runs) {
    if (version === '') continue
    const known = versions.get(version)
    if (known) known.runs += 1
    else versions.set(version, { version, runs: 1, lastAt: createdAt })
  }
  return [...versions.values()]
}

/** The newest run of a job. */
export type LastRun = Pick<JobRun, 'id' | 'status' | 'createdAt'>

const LAST = `
  SELECT job.value AS job, dogear_runs.id, shown_status AS status, created_at AS createdAt
  FROM json_each(?1) AS job JOIN dogear_runs ON dogear_runs.id = (
    SELECT id FROM dogear_runs INDEXED BY dogear_runs_by_job WHERE dogear_runs.job = job.value
    ORDER BY created_at DESC, id DESC LIMIT 1)`

/** The newest run of each of these jobs, by the job's name; those that have none are missing. */
export async function lastRuns(
  db: D1Database,
  jobs: readonly string[],
): Promise<ReadonlyMap<string, LastRun>> {
  const { results } = await db
    .prepare(LAST)
    .bind(JSON.stringify(jobs))
    .all<LastRun & { job: string }>()
  return new Map(results.map(({ job, ...run }) => [job, run]))
}
