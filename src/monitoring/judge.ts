import { RUN_SUMS } from '../engine/store/d1/run-sums.ts'
import type { UnclosedRun } from '../engine/runs/sweep.ts'
import type { AlertPolicy } from '../engine/policies/alert-policy.ts'
import {
  GAPS,
  MAX_WAITING_MS,
  MIN_QUIET_MS,
  overBudget,
  overSkipRate,
  quietSince,
  slow,
  stalled,
  usualInterval,
  unclosed,
  type JudgedKind,
} from './alert-rules.ts'
import { keepFindings, type Findings } from './alert-rows.ts'
import { ACTIVE, PER_STATUS } from './active-runs.ts'
import { LEAST_SLOW_MS, usualDurations } from './job-pace.ts'
import { isoTime } from '../engine/iso-time.ts'

/** Ended runs that one look takes on; the next one takes others. */
const ENDED_PER_LOOK = 200
/** Quiet runs whose usual interval one look reads: the quietest first. */
const QUIET_PER_LOOK = 200

/**
 * Judges the runs under way, and those that have ended since, by what their jobs say is worth an alert. To
 * be called every minute; calling it twice raises nothing twice. Runs that are held or
 * paused are not stalled, nor those that wait, but for those that do nothing else for long. Reads those that are there for longest, up to 1,000 of each status.
 */
export async function judgeRuns(db: D1Database, now: number): Promise<void> {
  const rows = await readRuns(db)
  if (rows.length === 0) return
  const stalls = await findStalls(db, rows, now)
  const usual = await usualOfLong(db, rows, now)
  const findings: Findings = { raised: [], cleared: [], judged: [] }
  for (const row of rows) {
    const { run, job, finishedAt } = row
    if (finishedAt !== null) findings.judged.push(run)
    const begun = judgedOf(row)
    const found: Record<JudgedKind, string | undefined> = {
      stalled: stalls.get(run),
      slow: begun && row.held !== 1 ? slow(begun, usual.get(job) ?? null, now) : undefined,
      skip_rate: begun && overSkipRate(begun),
      budget: begun && overBudget(begun, now),
    }
    for (const kind of Object.keys(found) as JudgedKind[]) {
      const message = found[kind]
      if (message === undefined) findings.cleared.push({ run, kind })
      else findings.raised.push({ run, job, kind, message })
    }
  }
  await keepFindings(db, findings, isoTime(now))
}

/** Judges runs that the sweep has found ended and not closed: their follow-ups may be what cannot start. */
export async function judgeUnclosed(
  db: D1Database,
  runs: readonly UnclosedRun[],
  now: number,
): Promise<void> {
  const raised = runs.flatMap(({ run, job, finishedAt }) => {
    const message = unclosed(now - Date.parse(finishedAt))
    return message === undefined ? [] : [{ run, job, kind: 'stalled' as const, message }]
  })
  if (raised.length === 0) return
  await keepFindings(db, { raised, cleared: [], judged: [] }, isoTime(now))
}

interface Row {
  run: string
  job: string
  /** JSON. */
  policy: string | null
  /** A person holds it, or has paused it. */
  held: number
  startedAt: string | null
  /** The time of its last change of status: it went on after a wait. */
  changedAt: string | null
  resumeAt: string | null
  /** It has only waited since then, slice after slice. */
  waitingSince: string | null
  finishedAt: string | null
  lastCommitAt: string | null
  done: number
  skipped: number
  d1RowsRead: number
  d1RowsWritten: number
  queueOperations: number
  durableObjectRequests: number
}

const FACTS = `SELECT id AS run, job, options -> '$.alerts' AS policy, finished_at AS finishedAt,
    shown_status = 'paused' OR coalesce(driving ->> '$.held', 0) AS held,
    driving ->> '$.startedAt' AS startedAt, driving ->> '$.updatedAt' AS changedAt,
    driving ->> '$.resumeAt' AS resumeAt, driving ->> '$.waitingSince' AS waitingSince,
    coalesce(driving ->> '$.cost.queueOperations', 0) AS queueOperations,
    coalesce(driving ->> '$.cost.durableObjectRequests', 0) AS durableObjectRequests,
    lanes.done, lanes.skipped, lanes.d1_rows_read AS d1RowsRead, lanes.d1_rows_written AS d1RowsWritten,
    (SELECT max((SELECT at FROM dogear_ledger WHERE run_id = part.run_id AND lane = part.lane
       ORDER BY seq DESC LIMIT 1)) FROM dogear_lanes AS part WHERE part.run_id = id) AS lastCommitAt
  FROM`

async function readRuns(db: D1Database): Promise<Row[]> {
  const active = db.prepare(
    `${FACTS} (SELECT id, job, shown_status, options, driving, finished_at FROM dogear_runs
       WHERE shown_status = ?1 ORDER BY created_at, id LIMIT ${PER_STATUS}) AS oldest
     JOIN ${RUN_SUMS} AS lanes ON lanes.run_id = oldest.id`,
  )
  const ended = db.prepare(
    `${FACTS} (SELECT run_id FROM dogear_runs_to_judge LIMIT ${ENDED_PER_LOOK}) AS due
     JOIN dogear_runs AS runs ON runs.id = due.run_id
     JOIN ${RUN_SUMS} AS lanes ON lanes.run_id = runs.id`,
  )
  const answers = await db.batch<Row>([...ACTIVE.map((status) => active.bind(status)), ended])
  return answers.flatMap(({ results }) => results)
}

/** A run that has not begun has nothing to be judged by. */
function judgedOf(row: Row) {
  if (row.startedAt === null) return undefined
  return {
    policy: policyOf(row),
    startedAt: Date.parse(row.startedAt),
    finishedAt: timeOf(row.finishedAt),
    done: row.done,
    skipped: row.skipped,
    cost: row,
  }
}

/** So many jobs are asked about in one look: those whose runs are there for longest. */
const JOBS_PER_LOOK = 50

/** What runs take of the jobs that have one under way which may be slow. */
async function usualOfLong(db: D1Database, rows: readonly Row[], now: number) {
  const long = rows
    .filter(({ startedAt, finishedAt, held }) => {
      const begun = startedAt !== null && finishedAt === null && held !== 1
      return begun && now - Date.parse(startedAt) > LEAST_SLOW_MS
    })
    .map(({ job }) => job)
  return usualDurations(db, [...new Set(long)].slice(0, JOBS_PER_LOOK))
}

/** The message of each run that is quiet for too long. */
async function findStalls(
  db: D1Database,
  rows: readonly Row[],
  now: number,
): Promise<Map<string, string | undefined>> {
  const quiet = rows
    .filter((row) => row.finishedAt === null && row.startedAt !== null && !waits(row, now))
    .map((row) => {
      const { lastCommitAt, startedAt, changedAt, resumeAt, waitingSince } = row
      const since =
        timeOf(waitingSince) ??
        quietSince([lastCommitAt, startedAt, changedAt, resumeAt].map(timeOf))
      return { row, quietMs: now - since }
    })
    .filter(({ quietMs }) => quietMs > MIN_QUIET_MS)
    .sort((a, b) => b.quietMs - a.quietMs)
    .slice(0, QUIET_PER_LOOK)
  if (quiet.length === 0) return new Map()
  const commits = await newestCommits(
    db,
    quiet.map(({ row }) => row.run),
  )
  return new Map(
    quiet.map(({ row, quietMs }) => {
      const interval = usualInterval(timeOf(row.startedAt) ?? now, commits.get(row.run) ?? [])
      return [row.run, stalled(policyOf(row), quietMs, interval)]
    }),
  )
}

/** One wait is nothing to tell of; a run that does nothing but wait has stalled, too. */
function waits({ held, resumeAt, waitingSince }: Row, now: number): boolean {
  if (held === 1) return true
  if (waitingSince !== null) return now - Date.parse(waitingSince) <= MAX_WAITING_MS
  return resumeAt !== null && Date.parse(resumeAt) > now
}

/** The times of these runs' last commits, the newest first. */
async function newestCommits(db: D1Database, runs: string[]): Promise<Map<string, number[]>> {
  const { results } = await db
    .prepare(
      `SELECT quiet.value AS run, (SELECT json_group_array(at) FROM (
         SELECT at FROM dogear_ledger WHERE run_id = quiet.value AND lane = 0 ORDER BY seq DESC LIMIT ${GAPS + 1}
       )) AS times FROM json_each(?1) AS quiet`,
    )
    .bind(JSON.stringify(runs))
    .all<{ run: string; times: string }>()
  return new Map(
    results.map(({ run, times }) => [
      run,
      (JSON.parse(times) as string[]).map((at) => Date.parse(at)),
    ]),
  )
}

function policyOf({ policy }: Row): AlertPolicy {
  return policy === null ? {} : (JSON.parse(policy) as AlertPolicy)
}

function timeOf(at: string | null): number | null {
  return at === null ? null : Date.parse(at)
}
