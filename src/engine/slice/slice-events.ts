import type { Outcome } from '../drive/protocol.ts'
import { whereabouts } from '../steps/position.ts'
import { historyOf } from './history.ts'
import type { SliceParts } from './parts.ts'

/** Tells that a slice was granted its run. */
export function tellStart({ emit, claim }: SliceParts): void {
  const { attempt, queueLagMs } = claim
  emit('slice.started', { attempt, ...(queueLagMs !== undefined && { queueLagMs }) })
}

/** Tells how a slice ended, and the run if it did. */
export function tellOutcome(parts: SliceParts, outcome: Outcome): void {
  const { emit, lane, deps, startedAt, ending, usage, state } = parts
  const at = whereabouts(lane.state.checkpoint)
  if (outcome.kind === 'interrupted') {
    const { reason, waitMs, why } = outcome
    emit('run.interrupted', {
      ...at,
      reason,
      ...(waitMs !== undefined && { waitMs }),
      ...(why !== undefined && { why }),
    })
  } else if (outcome.kind === 'errored') {
    emit('run.errored', { ...at, error: outcome.error, willRetry: true })
  } else if (outcome.kind === 'ended') {
    const { status, children, error } = outcome
    if (error) emit('run.errored', { ...at, error, willRetry: false })
    const { resumptions } = ending
    const isFirst = lane.holder.lane === 0
    if (!isFirst && status === 'completed') emit('lane.finished', {})
    // The end of a run is told by its first lane.
    if (isFirst) emit('run.ended', { ...at, ...historyOf(parts), status, children, resumptions })
  }
  emit('slice.released', {
    outcome: outcome.kind,
    ...(outcome.kind === 'interrupted' && { reason: outcome.reason }),
    ...('error' in outcome && outcome.error && { error: outcome.error }),
    durationMs: deps.clock.now() - startedAt,
    commits: state.commits,
    d1Statements: usage.statements,
    d1RowsRead: usage.rowsRead,
    d1RowsWritten: usage.rowsWritten,
  })
}
