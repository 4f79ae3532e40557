import type { Statement } from '../../statement.ts'
import type { Change, End, Holder, LanePlan, Spent } from '../change.ts'
import { keptState } from '../kept-state.ts'
import type { LaneState } from '../lane-state.ts'

/** A commit on its way from one state of its lane to the next. */
export interface Commit {
  holder: Holder
  /** Of the slice's last raise. */
  token: string
  before: LaneState
  next: LaneState
  change: Change
  spent: Spent
  /** ISO 8601. */
  at: string
}

/** The statements of one commit, which D1 runs as one transaction: all of them or none. */
export function commitBatch(commit: Commit): Statement[] {
  const { holder, before, change, at } = commit
  const { end, stepResults = [], skips = [] } = change
  const forgets = stepResults.some(({ result }) => result === null)
  return [
    guard(commit),
    ...change.effects,
    ...(forgets ? [forgetStepResults(holder, stepResults)] : []),
    ...(stepResults.length > 0 ? [keepStepResults(holder, stepResults, before.seq)] : []),
    ...(skips.length > 0 ? keepSkips(holder, skips, before.seq, at) : []),
    advance(commit),
    ...(change.plan ? cutIntoLanes(holder, change.plan, at) : []),
    ...(change.startOver ? startOver(holder) : []),
    ...(end ? [endRun(holder, end, at)] : []),
  ]
}

// The EXISTS becomes held = 0, and with it the failed CHECK commit_guard, when the lane has moved on,
// the run has ended, or either is gone. The token is that of the slice's last raise: when D1 is put back to
// an earlier time, a seq comes again.
const guardWith = (mayEnd = ''): string => `
  INSERT INTO dogear_ledger (run_id, lane, seq, step, from_cursor, to_cursor, items, fence, code_version, at, round, state, held)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, EXISTS (
    SELECT 1 FROM dogear_lanes JOIN dogear_runs ON dogear_runs.id = dogear_lanes.run_id
    WHERE dogear_lanes.run_id = ?1 AND dogear_lanes.lane = ?2 AND dogear_lanes.seq = ?3 AND dogear_lanes.token = ?13
      AND dogear_runs.status = 'active' ${mayEnd}))`

export const GUARD = guardWith()

/** Of the commit that ends the run, which completes it only when every other lane has finished. */
export const GUARD_END = guardWith(`AND (?14 <> 'completed' OR NOT EXISTS (
      SELECT 1 FROM dogear_lanes AS other WHERE other.run_id = ?1 AND other.lane <> ?2 AND other.finished = 0))`)

/** The first of each commit: raises unless the lane is as the slice knows it, and writes the ledger's row. */
function guard({ holder, token, before, next, change, at }: Commit): Statement {
  const { end } = change
  const params = [
    holder.run,
    holder.lane,
    before.seq,
    change.step,
    change.fromCursor,
    change.toCursor,
    change.items,
    holder.fence,
    holder.codeVersion,
    at,
    before.round,
    // Who starts over begins with nothing, which needs no keeping.
    change.startOver ? null : keptState(next),
    token,
  ]
  return end ? { sql: GUARD_END, params: [...params, end.status] } : { sql: GUARD, params }
}

type StepResults = NonNullable<Change['stepResults']>

const FORGET_STEP_RESULTS = `
  DELETE FROM dogear_step_results WHERE run_id = ?1 AND step IN (
    SELECT value ->> 'step' FROM json_each(?2) WHERE value ->> 'result' IS NULL)`

function forgetStepResults({ run }: Holder, results: StepResults): Statement {
  return { sql: FORGET_STEP_RESULTS, params: [run, JSON.stringify(results)] }
}

const KEEP_STEP_RESULTS = `
  INSERT OR REPLACE INTO dogear_step_results (run_id, step, result, seq)
  SELECT ?1, value ->> 'step', value ->> 'result', ?3 FROM json_each(?2)
  WHERE value ->> 'result' IS NOT NULL`

function keepStepResults({ run }: Holder, results: StepResults, seq: number): Statement {
  return { sql: KEEP_STEP_RESULTS, params: [run, JSON.stringify(results), seq] }
}

const KEEP_SKIPS = `
  INSERT INTO dogear_skips (run_id, lane, seq, position, step, cursor, before_cursor, error, attempts, skipped_at, item, passed_by, error_group)
  SELECT ?1, ?2, ?3, key, value ->> 'step', value ->> 'cursor', value ->> 'before', value ->> 'error',
    value ->> 'attempts', ?4, value ->> 'item', value ->> 'by', value ->> 'group'
  FROM json_each(?5)`

// A row per group and commit, however many items it has.
const COUNT_SKIPS = `
  INSERT INTO dogear_skip_groups (run_id, id, error, skips, first_at, last_at)
  SELECT ?1, value ->> 'group', value ->> 'error', count(*), ?2, ?2 FROM json_each(?3) WHERE true
  GROUP BY value ->> 'group'
  ON CONFLICT (run_id, id) DO UPDATE SET skips = skips + excluded.skips, last_at = excluded.last_at`

function keepSkips(
  { run, lane }: Holder,
  skips: NonNullable<Change['skips']>,
  seq: number,
  at: string,
): Statement[] {
  const rows = JSON.stringify(skips)
  return [
    { sql: KEEP_SKIPS, params: [run, lane, seq, at, rows] },
    { sql: COUNT_SKIPS, params: [run, at, rows] },
  ]
}

const ADVANCE = `
  UPDATE dogear_lanes SET seq = seq + 1, checkpoint = ?3, commits = commits + 1, done = done + ?4,
    total = coalesce(total, ?5), code_version = ?6, finished = ?7, touched_at = ?8,
    d1_statements = d1_statements + ?9, d1_rows_read = d1_rows_read + ?10,
    d1_rows_written = d1_rows_written + ?11, attributes = coalesce(?12, attributes),
    skipped = skipped + ?13, progress = progress + ?14
  WHERE run_id = ?1 AND lane = ?2`

function advance({ holder, change, spent, at }: Commit): Statement {
  const params = [
    holder.run,
    holder.lane,
    JSON.stringify(change.checkpoint),
    change.items,
    change.total ?? null,
    holder.codeVersion,
    change.finished || change.end?.status === 'completed' ? 1 : 0,
    at,
    spent.statements,
    spent.rowsRead,
    spent.rowsWritten,
    change.attributes ?? null,
    change.skips?.length ?? 0,
    change.progress ? 1 : 0,
  ]
  return { sql: ADVANCE, params }
}

const NARROW = `
  UPDATE dogear_lanes SET lanes = ?3, last_cursor = ?4 WHERE run_id = ?1 AND lane = ?2`

// Each begins after the item that ends the one before it, as if it had done that one itself.
const ADD_LANES = `
  INSERT INTO dogear_lanes (run_id, lane, lanes, checkpoint, first_cursor, last_cursor, code_version, touched_at)
  SELECT ?1, key + 1, ?2, json_object('completed', json('[]'), 'started', json('true'),
      'current', json_object('step', ?3, 'cursor', value)),
    value, ?4 ->> ('$[' || (key + 1) || ']'), ?5, ?6
  FROM json_each(?4)`

/** The whole plan, in the commit that makes it: no lane is without an owner at any time. */
function cutIntoLanes(
  { run, lane, codeVersion }: Holder,
  { step, cuts }: LanePlan,
  at: string,
): Statement[] {
  const lanes = cuts.length + 1
  return [
    { sql: NARROW, params: [run, lane, lanes, cuts[0] ?? null] },
    { sql: ADD_LANES, params: [run, lanes, step, JSON.stringify(cuts), codeVersion, at] },
  ]
}

const START_OVER = `
  UPDATE dogear_lanes SET checkpoint = '{"completed":[]}', done = 0, skipped = 0, attributes = NULL,
    round = round + 1
  WHERE run_id = ?1 AND lane = ?2`

/** Forgets everything but what has happened: the ledger keeps the rounds before. */
function startOver({ run, lane }: Holder): Statement[] {
  return [
    { sql: START_OVER, params: [run, lane] },
    { sql: `DELETE FROM dogear_step_results WHERE run_id = ?1`, params: [run] },
    { sql: `DELETE FROM dogear_skips WHERE run_id = ?1`, params: [run] },
    { sql: `DELETE FROM dogear_skip_groups WHERE run_id = ?1`, params: [run] },
  ]
}

const END_RUN = `
  UPDATE dogear_runs SET status = ?2, result = ?3, error = ?4, attention = ?5, children = ?6, finished_at = ?7,
    skipped_items = (SELECT sum(skipped) FROM dogear_lanes WHERE run_id = ?1)
  WHERE id = ?1 AND status = 'active'`

function endRun({ run }: Holder, end: End, at: string): Statement {
  const { status, result = null, error, attention = null, children } = end
  const errorText = error ? JSON.stringify(error) : null
  return { sql: END_RUN, params: [run, status, result, errorText, attention, children, at] }
}
