import type { Beginning, NewRun } from '../../drive/run-record.ts'
import { coveredCursor } from '../../steps/position.ts'
import type { KeptState } from '../kept-state.ts'

/**
 * The statements that give a fork what it begins with; part of the batch that creates it. They come
 * before the one that inserts its lane: a batch that is sent twice, and comes late, finds the lane
 * there and changes nothing of what the run has made of it meanwhile.
 *
 * The fork's ledger opens with what is carried forward: a row of fence 0, which no commit has, with the
 * origin's seq, items and cursor. So the ledger proves itself also when the origin's is gone.
 */
export function forkedLane(
  db: D1Database,
  { id, options }: NewRun,
  { state, results, codeVersion }: Beginning,
  at: string,
): D1PreparedStatement[] {
  const [origin] = options.origins ?? []
  if (!origin) throw new TypeError(`Run ${id} has a beginning and no origin`)
  const { checkpoint, attributes, done, total } = JSON.parse(state) as KeptState
  const { current } = checkpoint
  return [
    db.prepare(OPENING).bind(
      id,
      origin.seq,
      current?.step ?? null,
      coveredCursor(current),
      done,
      codeVersion,
      at,
      // As a commit keeps it: the fork may itself be forked at its beginning.
      state,
    ),
    db.prepare(RESULTS).bind(id, JSON.stringify(results)),
    db.prepare(SKIPS).bind(id, origin.run, origin.seq),
    db.prepare(SKIP_GROUPS).bind(id),
    db
      .prepare(LANE)
      .bind(id, origin.seq, JSON.stringify(checkpoint), attributes, done, total, codeVersion, at),
  ]
}

const IS_NEW = `NOT EXISTS (SELECT 1 FROM dogear_lanes WHERE run_id = ?1)`

const OPENING = `
  INSERT INTO dogear_ledger (run_id, lane, seq, step, to_cursor, items, fence, code_version, at, state, held)
  SELECT ?1, 0, ?2, ?3, ?4, ?5, 0, ?6, ?7, ?8, 1 WHERE ${IS_NEW}`

const RESULTS = `
  INSERT INTO dogear_step_results (run_id, step, result, seq)
  SELECT ?1, value ->> 'step', value ->> 'result', value ->> 'seq' FROM json_each(?2) WHERE ${IS_NEW}`

// A fork lists all that its lineage has passed over, so it can be re-driven by itself.
const SKIPS = `
  INSERT INTO dogear_skips (run_id, lane, seq, position, step, cursor, before_cursor, error, attempts, skipped_at, item, passed_by,
    error_group)
  SELECT ?1, lane, seq, position, step, cursor, before_cursor, error, attempts, skipped_at, item, passed_by,
    error_group
  FROM dogear_skips WHERE run_id = ?2 AND lane = 0 AND seq <= ?3 AND ${IS_NEW}`

const SKIP_GROUPS = `
  INSERT INTO dogear_skip_groups (run_id, id, error, skips, first_at, last_at)
  SELECT ?1, error_group, error, count(*), min(skipped_at), max(skipped_at)
  FROM dogear_skips WHERE run_id = ?1 AND error_group IS NOT NULL AND ${IS_NEW} GROUP BY error_group`

const LANE = `
  INSERT OR IGNORE INTO dogear_lanes
    (run_id, lane, seq, checkpoint, attributes, done, skipped, total, code_version, touched_at)
  VALUES (?1, 0, ?2, ?3, ?4, ?5, (SELECT count(*) FROM dogear_skips WHERE run_id = ?1), ?6, ?7, ?8)`
