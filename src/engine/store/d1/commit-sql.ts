// The EXISTS becomes held = 0, and with it the failed CHECK commit_guard, when the lane has moved on,
// the run has ended, or either is gone. The token is that of the slice's last raise: when D1 is put back to
// an earlier time, a seq comes again.
const guard = (mayEnd = ''): string => `
  INSERT INTO ledger (run_id, lane, seq, step, from_cursor, to_cursor, items, fence, code_version, at, round, state, held)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, EXISTS (
    SELECT 1 FROM lanes JOIN runs ON runs.id = lanes.run_id
    WHERE lanes.run_id = ?1 AND lanes.lane = ?2 AND lanes.seq = ?3 AND lanes.token = ?13
      AND runs.status = 'active' ${mayEnd}))`

export const GUARD = guard()

/** Of the commit that ends the run, which completes it only when every other lane has finished. */
export const GUARD_END = guard(`AND (?14 <> 'completed' OR NOT EXISTS (
      SELECT 1 FROM lanes AS other WHERE other.run_id = ?1 AND other.lane <> ?2 AND other.finished = 0))`)

export const ADVANCE = `
  UPDATE lanes SET seq = seq + 1, checkpoint = ?3, commits = commits + 1, done = done + ?4,
    total = coalesce(total, ?5), code_version = ?6, finished = ?7, touched_at = ?8,
    d1_statements = d1_statements + ?9, d1_rows_read = d1_rows_read + ?10,
    d1_rows_written = d1_rows_written + ?11, attributes = coalesce(?12, attributes),
    skipped = skipped + ?13, progress = progress + ?14
  WHERE run_id = ?1 AND lane = ?2`

export const STEP_RESULTS = `
  INSERT OR REPLACE INTO step_results (run_id, step, result, seq)
  SELECT ?1, value ->> 'step', value ->> 'result', ?3 FROM json_each(?2)
  WHERE value ->> 'result' IS NOT NULL`

export const FORGET_STEP_RESULTS = `
  DELETE FROM step_results WHERE run_id = ?1 AND step IN (
    SELECT value ->> 'step' FROM json_each(?2) WHERE value ->> 'result' IS NULL)`

export const SKIPS = `
  INSERT INTO skips (run_id, lane, seq, position, step, cursor, before_cursor, error, attempts, skipped_at, item)
  SELECT ?1, ?2, ?3, key, value ->> 'step', value ->> 'cursor', value ->> 'before', value ->> 'error',
    value ->> 'attempts', ?4, value ->> 'item'
  FROM json_each(?5)`

/** Everything but what has happened: the ledger keeps the rounds before. */
export const START_OVER = `
  UPDATE lanes SET checkpoint = '{"completed":[]}', done = 0, skipped = 0, attributes = NULL,
    round = round + 1
  WHERE run_id = ?1 AND lane = ?2`
export const FORGET_RESULTS = `DELETE FROM step_results WHERE run_id = ?1`
export const FORGET_SKIPS = `DELETE FROM skips WHERE run_id = ?1`

export const END = `
  UPDATE runs SET status = ?2, result = ?3, error = ?4, attention = ?5, children = ?6, finished_at = ?7
  WHERE id = ?1 AND status = 'active'`

/** After the run's end: all that follows from it is there. */
export const MARK_CLOSED = `
  UPDATE runs SET closed_at = ?2 WHERE id = ?1 AND status <> 'active' AND closed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM lanes WHERE run_id = ?1 AND fence > ?3)`
