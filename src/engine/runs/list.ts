import { displayCursor } from '../cursor.ts'
import type { NewRun, RunOptions } from '../drive/run-record.ts'
import { displayCheckpoint, displayNested, forkOf } from '../drive/run-view.ts'
import type { RunError } from '../errors.ts'
import type { NestedSteps, RunView, Status } from '../run.ts'
import { maskParams, redactorIn, redactorOf } from '../sensitive.ts'
import { type RunFilter, selectRuns } from '../store/d1/run-filter.ts'

export interface ListOptions extends RunFilter {
  /** At most this many runs. */
  limit: number
  /** @default 'newest' */
  sort?: 'newest' | 'oldest'
  /** Where the page before this one ended, in the same order. */
  after?: { createdAt: string; id: string }
}

export interface RunPage {
  runs: RunView[]
  next: { createdAt: string; id: string } | null
}

/** Runs in the order of their creation, by keyset: each page costs the same. */
export async function listRuns(
  db: D1Database,
  { limit, sort = 'newest', after, ...filter }: ListOptions,
): Promise<RunPage> {
  const { from, createdAt, id, conditions, values } = selectRuns(filter)
  const [order, beyond] = sort === 'newest' ? ['DESC', '<'] : ['ASC', '>']
  const all = [...conditions, ...(after ? [`(${createdAt}, ${id}) ${beyond} (?, ?)`] : [])]
  const where = all.length > 0 ? `WHERE ${all.join(' AND ')}` : ''
  // The page is found by the index alone; only its own runs are looked up.
  const { results } = await db
    .prepare(
      `SELECT runs.id, job, style, params, options, parent, shown_status, runs.status AS truth, result, error,
         attention, children, driving, runs.created_at, finished_at, lanes.*
       FROM (SELECT ${id} AS id, ${createdAt} AS created_at
         FROM ${from} ${where} ORDER BY ${createdAt} ${order}, ${id} ${order} LIMIT ?) AS page
       CROSS JOIN runs ON runs.id = page.id
       CROSS JOIN lanes ON lanes.run_id = page.id AND lanes.lane = 0
       ORDER BY page.created_at ${order}, page.id ${order}`,
    )
    .bind(...values, ...(after ? [after.createdAt, after.id] : []), limit + 1)
    .all<ListRow>()
  const rows = results.slice(0, limit)
  const last = rows.at(-1)
  return {
    runs: rows.map(toView),
    next: results.length > limit && last ? { createdAt: last.created_at, id: last.id } : null,
  }
}

interface ListRow {
  id: string
  job: string
  style: RunView['style']
  params: string
  options: string
  parent: string | null
  shown_status: Status
  truth: string
  result: string | null
  error: string | null
  attention: string | null
  children: string
  driving: string
  created_at: string
  finished_at: string | null
  checkpoint: string
  commits: number
  done: number
  skipped: number
  total: number | null
  code_version: string
  d1_statements: number
  d1_rows_read: number
  d1_rows_written: number
  touched_at: string
}

/** What the run's Durable Object said last, corrected by what D1 itself knows. */
function toView(row: ListRow): RunView {
  const known = JSON.parse(row.driving) as Partial<RunView>
  const { reason, held, resumeAt, waitingSince, attention, error: lastError, ...driving } = known
  const options = JSON.parse(row.options) as RunOptions
  const { labels, sensitive } = options
  const ended = row.truth !== 'active'
  const error =
    row.error === null ? (ended ? undefined : lastError) : (JSON.parse(row.error) as RunError)
  return redactorOf({ params: row.params, options })({
    attempts: 0,
    interruptions: 0,
    resumptions: 0,
    slices: 0,
    workedMs: 0,
    ...driving,
    ...(!ended && {
      ...(reason && { reason }),
      ...(held && { held }),
      ...(resumeAt && { resumeAt }),
      ...(waitingSince && { waitingSince }),
      ...(attention && { attention }),
    }),
    id: row.id,
    job: row.job,
    style: row.style,
    status: row.shown_status,
    ...(row.attention !== null && { attention: row.attention }),
    ...displayCheckpoint(row.checkpoint),
    ...(labels && { labels }),
    progress: {
      done: row.done,
      total: row.total,
      skipped: row.skipped,
    },
    params: maskParams(displayCursor(row.params), sensitive),
    ...(row.result !== null && { result: displayCursor(row.result) }),
    ...(error && { error }),
    commits: row.commits,
    cost: {
      queueOperations: 0,
      durableObjectRequests: 0,
      ...driving.cost,
      d1RowsRead: row.d1_rows_read,
      d1RowsWritten: row.d1_rows_written,
      d1Statements: row.d1_statements,
    },
    codeVersion: row.code_version,
    createdAt: row.created_at,
    updatedAt: row.finished_at ?? row.touched_at,
    ...(row.finished_at !== null && { finishedAt: row.finished_at }),
    ...(row.parent !== null && { parent: row.parent }),
    ...forkOf(options),
    children: (JSON.parse(row.children) as NewRun[]).map(({ id }) => id),
  })
}

/** Where a run's lane stands in D1. */
export interface LaneView extends Pick<RunView, 'step' | 'cursor' | 'completedSteps'> {
  fence: number
  seq: number
  updatedAt: string
  /** What the checkpoint takes up in D1. */
  bytes: number
  /** The steps under way within the current one, with a cursor each. */
  nestedSteps?: NestedSteps
}

/** The checkpoint as D1 has it; null for an unknown run. */
export async function readCheckpoint(db: D1Database, run: string): Promise<LaneView | null> {
  const [row, redact] = await Promise.all([laneRow(db, run), redactorIn(db, run)])
  if (!row) return null
  const nestedSteps = displayNested(row.checkpoint)
  return redact({
    ...displayCheckpoint(row.checkpoint),
    ...(nestedSteps && { nestedSteps }),
    fence: row.fence,
    seq: row.seq,
    updatedAt: row.touched_at,
    bytes: row.bytes,
  })
}

function laneRow(db: D1Database, run: string) {
  return db
    .prepare(`SELECT checkpoint, length(CAST(checkpoint AS BLOB)) AS bytes, fence, seq, touched_at
       FROM lanes WHERE run_id = ?1 AND lane = 0`)
    .bind(run)
    .first<{ checkpoint: string; bytes: number; fence: number; seq: number; touched_at: string }>()
}
