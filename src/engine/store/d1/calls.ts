import type { LaneCall, RunCall } from '../store.ts'
import { CANCEL_RUN, FAIL_RUN, REOPEN_RUN } from './by-fence.ts'
import { GUARD, GUARD_END } from './commit-batch.ts'
import { INSERT_RUN } from './create-run.ts'
import { MARK_CLOSED } from './ended-run.ts'
import { RAISE } from './held-lane.ts'
import { INDEX_RUN } from './index-run.ts'

/**
 * The names of the store's calls, for who sees only what is sent to D1. They are known by the whole texts of
 * their statements: a job may write some that look much the same.
 */

const LANE_CALLS = new Map<string | undefined, LaneCall>([
  [RAISE, 'raise'],
  [GUARD, 'commit'],
  [GUARD_END, 'end'],
  [MARK_CLOSED, 'close'],
  // As code from before there were lanes writes it.
  [MARK_CLOSED.replace(' AND lane = 0', ''), 'close'],
])

/** The call of a slice that these statements are. A commit's batch begins with its guard. */
export function laneCall(sql: readonly string[]): LaneCall | undefined {
  return LANE_CALLS.get(sql[0])
}

const RUN_CALLS = new Map<string, RunCall>([
  [INSERT_RUN, 'create'],
  [INDEX_RUN, 'index'],
  [CANCEL_RUN, 'cancel'],
  [FAIL_RUN, 'fail'],
  [REOPEN_RUN, 'reopen'],
])

/** The call of a run's object that these statements are. */
export function runCall(sql: readonly string[]): RunCall | undefined {
  return sql.map((text) => RUN_CALLS.get(text)).find((call) => call !== undefined)
}
