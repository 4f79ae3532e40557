import type { NewRun, RunOptions } from '../drive/run-record.ts'
import { displayCheckpoint, displayNested, type Shown, viewOf } from '../drive/run-view.ts'
import type { RunError } from '../errors.ts'
import type { NestedSteps, RunView } from '../run.ts'
import { type LaneRow, readLane } from '../store/d1/lane-row.ts'
import { redactorIn } from '../store/d1/redactor-in.ts'
import { type ListedRun, type ListOptions, pageOfRuns } from '../store/d1/run-list.ts'

export type { ListOptions } from '../store/d1/run-list.ts'

export interface RunPage {
  runs: RunView[]
  next: { createdAt: string; id: string } | null
}

/** A page of runs, in the order of their creation. */
export async function listRuns(db: D1Database, options: ListOptions): Promise<RunPage> {
  const { limit } = options
  const found = await pageOfRuns(db, { ...options, limit: limit + 1 })
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return {
    runs: rows.map(toView),
    next: found.length > limit && last ? { createdAt: last.createdAt, id: last.id } : null,
  }
}

function toView(row: ListedRun): RunView {
  const run = { ...row, options: JSON.parse(row.options) as RunOptions }
  return viewOf(run, row, shownIn(row))
}

/** The last word of the run's Durable Object, corrected by D1's own columns. */
function shownIn(row: ListedRun): Shown {
  const known = JSON.parse(row.shown) as Partial<RunView>
  const ended = row.status !== 'active'
  const underWay = ended ? {} : known
  return {
    status: row.shownStatus,
    reason: underWay.reason ?? null,
    held: underWay.held ?? false,
    resumeAt: underWay.resumeAt ?? null,
    waitingSince: underWay.waitingSince ?? null,
    retry: underWay.retry ?? null,
    // It is renewed without a word to lists.
    lease: null,
    attention: row.attention ?? underWay.attention ?? null,
    result: row.result,
    error: row.error === null ? (underWay.error ?? null) : (JSON.parse(row.error) as RunError),
    attempts: known.attempts ?? 0,
    interruptions: known.interruptions ?? 0,
    resumptions: known.resumptions ?? 0,
    slices: known.slices ?? 0,
    workedMs: known.workedMs ?? 0,
    queueOperations: known.cost?.queueOperations ?? 0,
    durableObjectRequests: known.cost?.durableObjectRequests ?? 0,
    createdAt: row.createdAt,
    startedAt: known.startedAt ?? null,
    updatedAt: row.finishedAt ?? row.touchedAt,
    finishedAt: row.finishedAt,
    children: (JSON.parse(row.children) as NewRun[]).map(({ id }) => id),
  }
}

/** A run's lane in D1. */
export interface LaneView
  extends
    Pick<RunView, 'step' | 'cursor' | 'completedSteps'>,
    Pick<LaneRow, 'bytes' | 'fence' | 'seq' | 'updatedAt'> {
  /** The steps under way within the current one, with a cursor each. */
  nestedSteps?: NestedSteps
}

/** The checkpoint as D1 has it; null for an unknown run. */
export async function readCheckpoint(db: D1Database, run: string): Promise<LaneView | null> {
  const [row, redact] = await Promise.all([readLane(db, run), redactorIn(db, run)])
  if (!row) return null
  const { checkpoint, ...lane } = row
  const nestedSteps = displayNested(checkpoint)
  return redact({
    ...displayCheckpoint(checkpoint),
    ...(nestedSteps && { nestedSteps }),
    ...lane,
  })
}
