import type { Statement } from '../../statement.ts'
import type { Change, Holder, Spent } from '../change.ts'
import { keptState } from '../kept-state.ts'
import type { LaneState } from '../lane-state.ts'
import {
  ADVANCE,
  END,
  FORGET_RESULTS,
  FORGET_SKIPS,
  FORGET_STEP_RESULTS,
  GUARD,
  GUARD_END,
  SKIPS,
  START_OVER,
  STEP_RESULTS,
} from './commit-sql.ts'

/** A commit on its way from one state to the next. */
interface Transition {
  before: LaneState
  next: LaneState
  change: Change
  spent: Spent
}

/** The statements of one commit, which D1 runs as one transaction: all of them or none. */
export function commitBatch(
  { run, lane, fence, codeVersion }: Holder,
  token: string,
  { before, next, change, spent }: Transition,
  at: string,
): Statement[] {
  const { end, stepResults = [], skips = [], attributes = null } = change
  const covered = [run, lane, before.seq, change.step, change.fromCursor, change.toCursor]
  // Who starts over begins with nothing, which needs no keeping.
  const state = change.startOver ? null : keptState(next)
  const guard = [...covered, change.items, fence, codeVersion, at, before.round, state, token]
  const batch: Statement[] = [
    end ? { sql: GUARD_END, params: [...guard, end.status] } : { sql: GUARD, params: guard },
    ...change.effects,
  ]
  if (stepResults.length > 0) {
    const params = [run, JSON.stringify(stepResults)]
    if (stepResults.some(({ result }) => result === null)) {
      batch.push({ sql: FORGET_STEP_RESULTS, params })
    }
    batch.push({ sql: STEP_RESULTS, params: [...params, before.seq] })
  }
  if (skips.length > 0) {
    batch.push({ sql: SKIPS, params: [run, lane, before.seq, at, JSON.stringify(skips)] })
  }
  batch.push({
    sql: ADVANCE,
    params: [
      run,
      lane,
      JSON.stringify(change.checkpoint),
      change.items,
      change.total ?? null,
      codeVersion,
      end?.status === 'completed' ? 1 : 0,
      at,
      spent.statements,
      spent.rowsRead,
      spent.rowsWritten,
      attributes,
      skips.length,
      change.progress ? 1 : 0,
    ],
  })
  if (change.startOver) {
    batch.push(
      { sql: START_OVER, params: [run, lane] },
      { sql: FORGET_RESULTS, params: [run] },
      { sql: FORGET_SKIPS, params: [run] },
    )
  }
  if (end) {
    const { status, result = null, error, attention = null, children } = end
    const errorText = error ? JSON.stringify(error) : null
    batch.push({ sql: END, params: [run, status, result, errorText, attention, children, at] })
  }
  return batch
}
