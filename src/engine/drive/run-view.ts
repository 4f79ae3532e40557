import { displayCursor } from '../cursor.ts'
import type { RunError } from '../errors.ts'
import {
  type InterruptionReason,
  isEnded,
  type LeaseView,
  type NestedSteps,
  type Retry,
  type RunView,
} from '../run.ts'
import { maskParams, redactorOf } from '../sensitive.ts'
import { type Checkpoint, ITERATION_STEP, type Level } from '../steps/continuation.ts'
import type { Driving } from './driving.ts'
import type { NewRun, Report, RunOptions } from './run-record.ts'
import { hasProgressed } from './streak.ts'
import { isoTime } from '../iso-time.ts'
import { withLanes } from './lanes-view.ts'

/** Step and cursor as people see them; an iteration has no step to show. */
export function displayCheckpoint(
  encoded: string,
): Pick<RunView, 'step' | 'cursor' | 'completedSteps'> {
  const checkpoint = JSON.parse(encoded) as Checkpoint
  const step = checkpoint.current?.step ?? null
  return {
    step: step === ITERATION_STEP ? null : step,
    cursor: displayCursor(checkpoint.current?.cursor ?? null),
    completedSteps: [...checkpoint.completed],
  }
}

/** The steps under way inside the current one; undefined when there are none. */
export function displayNested(encoded: string): NestedSteps | undefined {
  const { current } = JSON.parse(encoded) as Checkpoint
  return current?.nested && nestedSteps(current.nested)
}

function nestedSteps({ completed, current }: Level): NestedSteps {
  if (!current) return {}
  return {
    [current.step]: {
      cursor: displayCursor(current.cursor),
      ...(completed.length > 0 && { completedSteps: [...completed] }),
      ...(current.nested && { nestedSteps: nestedSteps(current.nested) }),
    },
  }
}

/** The part of a lane that a view shows. */
export type ShownLane = Omit<Report, 'fence' | 'seq' | 'progress' | 'resumed'>

/** The part of a view that is neither the run's definition nor its lane. Times are ISO 8601. */
export interface Shown extends Pick<
  RunView,
  'status' | 'attempts' | 'interruptions' | 'resumptions' | 'slices' | 'workedMs' | 'children'
> {
  reason: InterruptionReason | null
  held: boolean
  resumeAt: string | null
  waitingSince: string | null
  retry: Retry | null
  lease: LeaseView | null
  attention: string | null
  /** Encoded. */
  result: string | null
  error: RunError | null
  queueOperations: number
  durableObjectRequests: number
  createdAt: string
  startedAt: string | null
  updatedAt: string
  finishedAt: string | null
}

/** A run in JSON, masked. */
export function viewOf(run: NewRun, lane: ShownLane, shown: Shown): RunView {
  const { reason, held, resumeAt, waitingSince, attention, result, error } = shown
  const { startedAt, finishedAt } = shown
  const { labels, schedule, sensitive, redriveOf, commit } = run.options
  return redactorOf(run)({
    id: run.id,
    job: run.job,
    style: run.style,
    status: shown.status,
    ...(reason && { reason }),
    ...(held && { held }),
    ...(resumeAt !== null && { resumeAt }),
    ...(waitingSince !== null && { waitingSince }),
    ...(attention && { attention }),
    ...displayCheckpoint(lane.checkpoint),
    ...(labels && { labels }),
    progress: { done: lane.done, total: lane.total, skipped: lane.skipped },
    params: maskParams(displayCursor(run.params), sensitive),
    ...(result !== null && { result: displayCursor(result) }),
    ...(error && { error }),
    attempts: shown.attempts,
    ...(shown.retry && { retry: shown.retry }),
    ...(shown.lease && { lease: shown.lease }),
    interruptions: shown.interruptions,
    resumptions: shown.resumptions,
    slices: shown.slices,
    workedMs: shown.workedMs,
    commits: lane.commits,
    ...(lane.pace && { pace: lane.pace }),
    ...(commit && { commit }),
    cost: {
      d1RowsRead: lane.d1RowsRead,
      d1RowsWritten: lane.d1RowsWritten,
      d1Statements: lane.d1Statements,
      queueOperations: shown.queueOperations,
      durableObjectRequests: shown.durableObjectRequests,
    },
    codeVersion: lane.codeVersion,
    createdAt: shown.createdAt,
    ...(startedAt !== null && { startedAt }),
    updatedAt: shown.updatedAt,
    ...(finishedAt !== null && { finishedAt }),
    ...(run.parent !== null && { parent: run.parent }),
    ...(schedule && { schedule }),
    ...(redriveOf !== undefined && { redriveOf }),
    ...forkOf(run.options),
    children: shown.children,
  })
}

/** A run as its Durable Object knows it. */
export function runView(run: NewRun, d: Driving): RunView {
  return withLanes(viewOf(run, d.seen, shownBy(d)), d)
}

/** What a job or its code asks for comes before what is wrong around it. */
export function attentionOf(d: Driving): string | null {
  return d.attention ?? d.trouble
}

function shownBy(d: Driving): Shown {
  const waiting = d.status === 'queued' || d.status === 'interrupted'
  const { waiting: stuck } = d
  const waitsAgain = stuck !== null && stuck.slices > 1 && d.finishedAt === null
  return {
    status: d.status,
    reason: d.reason,
    held: d.held,
    resumeAt: waiting ? isoOf(d.sendAt) : null,
    waitingSince: waitsAgain ? isoTime(stuck.since) : null,
    // A slice that gets further is no attempt at what failed before.
    retry: d.retry && (isEnded(d.status) || !hasProgressed(d)) ? d.retry : null,
    lease: leaseView(d),
    attention: attentionOf(d),
    result: d.result,
    error: d.error,
    attempts: d.attempts,
    interruptions: d.interruptions,
    resumptions: d.resumptions,
    slices: d.slices,
    workedMs: Math.max(0, d.workedMs),
    queueOperations: d.queueOperations,
    durableObjectRequests: d.objectRequests,
    createdAt: isoTime(d.createdAt),
    startedAt: isoOf(d.startedAt),
    updatedAt: isoTime(d.updatedAt),
    finishedAt: isoOf(d.finishedAt),
    children: d.children,
  }
}

/** Each sign of life makes the lease last for one more patience. */
function leaseView({ lease, patienceMs }: Driving): LeaseView | null {
  if (lease === null) return null
  return { heardAt: isoTime(lease.until - patienceMs), endsAt: isoTime(lease.until) }
}

/** The origin of a fork; nothing for other runs. */
export function forkOf({ origins }: Pick<RunOptions, 'origins'>): Pick<RunView, 'forkOf'> {
  const [nearest] = origins ?? []
  return nearest ? { forkOf: { run: nearest.run, seq: nearest.seq } } : {}
}

function isoOf(time: number | null): string | null {
  return time === null ? null : isoTime(time)
}
