import type { StoredRun } from '../../drive/run-record.ts'

type StoredLane = StoredRun['others'][number]

/** A lane as slices report it. */
const SEEN = `json_object('fence', fence, 'seq', seq, 'checkpoint', checkpoint, 'done', done,
      'skipped', skipped, 'total', total, 'commits', commits, 'progress', progress, 'd1Statements', d1_statements,
      'd1RowsRead', d1_rows_read, 'd1RowsWritten', d1_rows_written, 'codeVersion', code_version,
      'resumed', json('false'), 'lanes', lanes)`

const STORED = `
  SELECT id, job, style, params, options, parent, created_at AS createdAt, rev, status, result, error,
    attention, finished_at AS finishedAt, closed_at AS closedAt, driving AS shown,
    (SELECT json_group_array(value ->> 'id') FROM json_each(children)) AS children,
    coalesce((SELECT max(fence) FROM dogear_lanes WHERE run_id = id), 0) AS fence,
    (SELECT ${SEEN} FROM dogear_lanes WHERE run_id = id AND lane = 0) AS seen,
    (SELECT json_group_array(json_object('finished', finished, 'seen', ${SEEN})) FROM (
      SELECT * FROM dogear_lanes WHERE run_id = id AND lane > 0 ORDER BY lane)) AS others
  FROM dogear_runs WHERE id = ?1`

const AS_JSON = ['options', 'seen', 'others', 'shown', 'children', 'error'] as const

type Row = Omit<StoredRun, (typeof AS_JSON)[number]> & {
  [column in (typeof AS_JSON)[number]]: string | null
}

/** A run as D1 has it, for its Durable Object; null when its rows are gone. */
export async function readRun(db: D1Database, run: string): Promise<StoredRun | null> {
  const row = await db.prepare(STORED).bind(run).first<Row>()
  if (!row?.seen) return null
  const parsed = AS_JSON.map((column) => [column, JSON.parse(row[column] ?? 'null')] as const)
  return { ...row, ...Object.fromEntries(parsed) } as unknown as StoredRun
}

/** One of its lanes; null when there is none of that number. */
export async function readLaneOf(
  db: D1Database,
  run: string,
  lane: number,
): Promise<StoredLane | null> {
  const row = await db
    .prepare(`SELECT finished, ${SEEN} AS seen FROM dogear_lanes WHERE run_id = ?1 AND lane = ?2`)
    .bind(run, lane)
    .first<{ finished: 0 | 1; seen: string }>()
  return row && { finished: row.finished, seen: JSON.parse(row.seen) as StoredLane['seen'] }
}
