import type { NewRun } from '../../drive/run-record.ts'
import type { EndStatus, Status } from '../../run.ts'
import { type RunFilter, selectRuns } from './run-filter.ts'
import { RUN_SUMS } from './run-sums.ts'

export interface ListOptions extends RunFilter {
  /** At most this many runs. */
  limit: number
  /** @default 'newest' */
  sort?: 'newest' | 'oldest'
  /** The end of the page before this one, in the same order. */
  after?: { createdAt: string; id: string }
}

/** A run as lists find it, with its lane. Options, error, children and `shown` are JSON. */
export interface ListedRun extends Pick<NewRun, 'id' | 'job' | 'style' | 'params' | 'parent'> {
  options: string
  status: 'active' | EndStatus
  shownStatus: Status
  /** The run as its object last showed it, while it was under way. */
  shown: string
  /** Encoded. */
  result: string | null
  error: string | null
  attention: string | null
  children: string
  createdAt: string
  finishedAt: string | null
  touchedAt: string
  checkpoint: string
  commits: number
  done: number
  skipped: number
  total: number | null
  codeVersion: string
  d1Statements: number
  d1RowsRead: number
  d1RowsWritten: number
}

/** Runs in the order of their creation, by keyset: each page costs the same. */
export async function pageOfRuns(
  db: D1Database,
  { limit, sort = 'newest', after, ...filter }: ListOptions,
): Promise<ListedRun[]> {
  const { from, createdAt, id, range, checks } = selectRuns(filter)
  const [order, beyond] = sort === 'newest' ? ['DESC', '<'] : ['ASC', '>']
  const conditions = [...range.sql, ...checks.sql]
  const values = [...range.values, ...checks.values]
  const all = [...conditions, ...(after ? [`(${createdAt}, ${id}) ${beyond} (?, ?)`] : [])]
  const where = all.length > 0 ? `WHERE ${all.join(' AND ')}` : ''
  // The page is found by the index alone; only its own runs are looked up.
  const { results } = await db
    .prepare(
      `SELECT dogear_runs.id, job, style, params, options, parent, dogear_runs.status, shown_status AS shownStatus,
         driving AS shown, result, error, dogear_runs.attention, children, dogear_runs.created_at AS createdAt,
         finished_at AS finishedAt, touched_at AS touchedAt, checkpoint, commits, done, skipped, total,
         code_version AS codeVersion, d1_statements AS d1Statements, d1_rows_read AS d1RowsRead,
         d1_rows_written AS d1RowsWritten
       FROM (SELECT ${id} AS id, ${createdAt} AS created_at
         FROM ${from} ${where} ORDER BY ${createdAt} ${order}, ${id} ${order} LIMIT ?) AS page
       CROSS JOIN dogear_runs ON dogear_runs.id = page.id
       CROSS JOIN ${RUN_SUMS} AS lanes ON lanes.run_id = page.id
       ORDER BY page.created_at ${order}, page.id ${order}`,
    )
    .bind(...values, ...(after ? [after.createdAt, after.id] : []), limit)
    .all<ListedRun>()
  return results
}
