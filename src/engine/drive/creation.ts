import type { Driving } from './driving.ts'
import type { Created } from './protocol.ts'
import type { NewRun } from './run-record.ts'
import { runView } from './run-view.ts'

/**
 * What creating a run comes to when its object knows one already: null when it knows none. An id that
 * follows from a key must mean the same run each time.
 */
export function createdBefore(
  known: { run: NewRun; driving: Driving } | null,
  run: NewRun,
): Created | null {
  if (!known) return null
  return createdAs(known.run) === createdAs(run)
    ? { ok: true, created: false, run: runView(known.run, known.driving) }
    : { ok: false, code: 'idempotency_conflict' }
}

/** What must be the same for it to be the same run. */
export function createdAs({ job, params, options }: NewRun): string {
  return JSON.stringify([job, params, options.origins?.[0]])
}
