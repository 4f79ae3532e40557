import { displayCursor } from '../cursor.ts'
import type { Cost, LaneView, RunView } from '../run.ts'
import type { Checkpoint } from '../steps/continuation.ts'
import type { Driving } from './driving.ts'
import { statusOfAll } from './lanes.ts'
import type { StoredRun } from './run-record.ts'

/** A view of a run that is worked in lanes: each of them, and the sum of all. Other views stay as they are. */
export function withLanes(view: RunView, d: Driving): RunView {
  if (!d.lanes) return view
  const others = d.lanes.map(({ shown }, index) => shown ?? unheardOf(index + 1, view.updatedAt))
  const lanes = [laneOf(view), ...others]
  const sum = (of: (lane: LaneView) => number) => lanes.reduce((total, lane) => total + of(lane), 0)
  const status = statusOfAll(d)
  const attention = view.attention ?? attentionOf(others)
  const { reason: _reason, ...rest } = view
  return {
    ...(status === d.status && view.reason !== 'lanes' ? view : rest),
    status,
    ...(attention !== undefined && { attention }),
    progress: {
      ...view.progress,
      done: sum(({ progress }) => progress.done),
      skipped: sum(({ progress }) => progress.skipped),
    },
    interruptions: sum(({ interruptions }) => interruptions),
    resumptions: sum(({ resumptions }) => resumptions),
    slices: sum(({ slices }) => slices),
    workedMs: sum(({ workedMs }) => workedMs),
    commits: sum(({ commits }) => commits),
    cost: {
      d1RowsRead: sum(({ cost }) => cost.d1RowsRead),
      d1RowsWritten: sum(({ cost }) => cost.d1RowsWritten),
      d1Statements: sum(({ cost }) => cost.d1Statements),
      queueOperations: sum(({ cost }) => cost.queueOperations),
      durableObjectRequests: sum(({ cost }) => cost.durableObjectRequests),
    },
    lanes,
  }
}

const NOTHING_SPENT: Cost = {
  d1RowsRead: 0,
  d1RowsWritten: 0,
  d1Statements: 0,
  queueOperations: 0,
  durableObjectRequests: 0,
}

/** A lane whose object has not been heard of. */
function unheardOf(lane: number, updatedAt: string): LaneView {
  return {
    lane,
    status: 'queued',
    cursor: null,
    progress: { done: 0, skipped: 0 },
    attempts: 0,
    interruptions: 0,
    resumptions: 0,
    slices: 0,
    workedMs: 0,
    commits: 0,
    cost: NOTHING_SPENT,
    updatedAt,
  }
}

/** A lane of whose object nothing has been heard, as D1 has it. */
export function storedLane(
  lane: number,
  { finished, seen }: StoredRun['others'][number],
  at: string,
): LaneView {
  const { done, skipped, commits, d1Statements, d1RowsRead, d1RowsWritten } = seen
  const { current } = JSON.parse(seen.checkpoint) as Checkpoint
  return {
    ...unheardOf(lane, at),
    ...(finished && { status: 'completed' }),
    cursor: displayCursor(current?.cursor ?? null),
    progress: { done, skipped },
    commits,
    cost: { ...NOTHING_SPENT, d1Statements, d1RowsRead, d1RowsWritten },
  }
}

/** The lane that a view is of. */
export function laneOf(view: RunView, lane = 0): LaneView {
  const { status, reason, resumeAt, attention, cursor, error, attempts, retry, lease, pace } = view
  const { interruptions, resumptions, slices, workedMs, commits, cost, updatedAt } = view
  const { done, skipped } = view.progress
  return {
    lane,
    status,
    ...(reason && { reason }),
    ...(resumeAt !== undefined && { resumeAt }),
    ...(attention !== undefined && { attention }),
    cursor,
    progress: { done, skipped },
    ...(error && { error }),
    attempts,
    ...(retry && { retry }),
    ...(lease && { lease }),
    interruptions,
    resumptions,
    slices,
    workedMs,
    commits,
    ...(pace && { pace }),
    cost,
    updatedAt,
  }
}

function attentionOf(lanes: readonly LaneView[]): string | undefined {
  const noted = lanes.find(({ attention }) => attention !== undefined)
  return noted && `Lane ${noted.lane}: ${noted.attention}`
}
