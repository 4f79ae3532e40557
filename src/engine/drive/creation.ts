import type { Driving } from './driving.ts'
import type { Created } from './protocol.ts'
import type { NewRun, StoredRun } from './run-record.ts'
import { runView } from './run-view.ts'

/**
 * The answer to creating a run whose object knows one already; null when it knows none. An id that
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

/** The same for the same run. */
function createdAs({ job, params, options }: NewRun): string {
  return JSON.stringify([job, params, options.origins?.[0]])
}

/** True when D1's row is what creating this run has made, and nothing has happened since. */
export function isAsCreated(stored: StoredRun, run: NewRun): boolean {
  const untouched = stored.status === 'active' && stored.fence === 0 && stored.rev === 0
  return untouched && createdAs(stored) === createdAs(run)
}
