import type { Emit } from '../events.ts'
import { whereabouts } from '../steps/position.ts'
import { NO_HISTORY, type Claim, type Outcome } from '../drive/protocol.ts'
import type { SliceParts } from './parts.ts'

/** Tells that a slice was granted its run. */
export function tellStart(emit: Emit, claim: Extract<Claim, { ok: true }>): void {
  const { attempt, queueLagMs } = claim
  emit('slice.started', { attempt, ...(queueLagMs !== undefined && { queueLagMs }) })
}

/** Tells how a slice ended, and the run if it did. */
export function tellOutcome(
  emit: Emit,
  outcome: Outcome,
  { lane, deps, startedAt, claim, ending, usage }: SliceParts,
  commitsAtStart: number,
): void {
  const at = whereabouts(lane.state.checkpoint)
  const durationMs = deps.clock.now() - startedAt
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
    const { interruptions, workedMs } = claim.history ?? NO_HISTORY
    const history = { timesInterrupted: interruptions, totalTimeMs: workedMs + durationMs }
    const { resumptions } = ending
    emit('run.ended', { ...at, ...history, status, children, resumptions })
  }
  emit('slice.released', {
    outcome: outcome.kind,
    ...(outcome.kind === 'interrupted' && { reason: outcome.reason }),
    ...('error' in outcome && outcome.error && { error: outcome.error }),
    durationMs,
    commits: lane.state.commits - commitsAtStart,
    d1Statements: usage.statements,
    d1RowsRead: usage.rowsRead,
    d1RowsWritten: usage.rowsWritten,
  })
}
