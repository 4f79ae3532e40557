import { displayCursor } from '../cursor.ts'
import type { NestedSteps, RunView } from '../run.ts'
import { maskParams, redactorOf } from '../sensitive.ts'
import { type Checkpoint, ITERATION_STEP, type Level } from '../steps/continuation.ts'
import type { Driving } from './driving.ts'
import type { NewRun, RunOptions } from './run-record.ts'

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

/** What is under way inside the current step; undefined when nothing is. */
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

/** A run in JSON, from its definition and the state of its Durable Object. */
export function runView(run: NewRun, d: Driving): RunView {
  const { seen } = d
  const waiting = d.sendAt !== null && (d.status === 'queued' || d.status === 'interrupted')
  return redactorOf(run)({
    id: run.id,
    job: run.job,
    style: run.style,
    status: d.status,
    ...(d.reason && { reason: d.reason }),
    ...(d.held && { held: true }),
    ...(waiting && { resumeAt: iso(d.sendAt ?? 0) }),
    ...(d.waits > 1 &&
      d.waitingSince !== null &&
      d.finishedAt === null && { waitingSince: iso(d.waitingSince) }),
    ...attentionOf(d),
    ...displayCheckpoint(seen.checkpoint),
    ...(run.options.labels && { labels: run.options.labels }),
    progress: { done: seen.done, total: seen.total, skipped: seen.skipped },
    params: maskParams(displayCursor(run.params), run.options.sensitive),
    ...(d.result !== null && { result: displayCursor(d.result) }),
    ...(d.error && { error: d.error }),
    attempts: d.attempts,
    interruptions: d.interruptions,
    resumptions: d.resumptions,
    slices: d.slices,
    workedMs: Math.max(0, d.workedMs),
    commits: seen.commits,
    cost: {
      d1RowsRead: seen.d1RowsRead,
      d1RowsWritten: seen.d1RowsWritten,
      d1Statements: seen.d1Statements,
      queueOperations: d.queueOperations,
      durableObjectRequests: d.objectRequests,
    },
    codeVersion: seen.codeVersion,
    createdAt: iso(d.createdAt),
    ...(d.startedAt !== null && { startedAt: iso(d.startedAt) }),
    updatedAt: iso(d.updatedAt),
    ...(d.finishedAt !== null && { finishedAt: iso(d.finishedAt) }),
    ...(run.parent !== null && { parent: run.parent }),
    ...(run.options.redriveOf !== undefined && { redriveOf: run.options.redriveOf }),
    ...forkOf(run.options),
    children: d.children,
  })
}

/** What a job or its code asks for comes before what is wrong around it. */
function attentionOf({ attention, trouble }: Driving): Pick<RunView, 'attention'> {
  const shown = attention ?? trouble
  return shown ? { attention: shown } : {}
}

/** Where a fork goes on from; nothing for other runs. */
export function forkOf({ origins }: Pick<RunOptions, 'origins'>): Pick<RunView, 'forkOf'> {
  const [nearest] = origins ?? []
  return nearest ? { forkOf: { run: nearest.run, seq: nearest.seq } } : {}
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
