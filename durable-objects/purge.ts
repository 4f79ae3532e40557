import type { Driving } from '../src/engine/drive/driving.ts'
import { isUnanswered } from '../src/engine/drive/owed.ts'
import { isEnded } from '../src/engine/run.ts'
import { MIN_RETENTION_DAYS } from '../src/engine/runs/sweep.ts'
import type { RunStore } from '../src/engine/store/store.ts'
import type { RunStorage } from './run-storage.ts'
import { isoTime } from '../src/engine/iso-time.ts'

/** Large statements of one look: the rest waits for the alarm. */
const STATEMENTS = 40
/** It goes on after this. */
export const PURGE_AGAIN_MS = 5_000

const MIN_RETENTION_MS = MIN_RETENTION_DAYS * 86_400_000

/** Nothing is left to do for the run, as far as its object knows: somebody may have reopened it since. */
export function mayBePurged(d: Driving): boolean {
  return isEnded(d.status) && !d.closing && !isUnanswered(d)
}

/** The time by which the run must have been closed. One that was reopened lives as long again. */
export function closedBy(d: Driving | undefined, now: number): string {
  const reopened = d?.reopenedAt ?? null
  const lately = reopened !== null && reopened > now - MIN_RETENTION_MS
  return isoTime(lately ? now - MIN_RETENTION_MS : now)
}

/**
 * Goes on with a purge that has begun, if one has. The object first says that there is no run, so that
 * nobody reopens it; then D1's rows go, some at a time, if D1 agrees; the object's own storage goes last.
 */
export async function goOnWithPurge(
  store: Pick<RunStore, 'remove'>,
  storage: RunStorage,
  forgetAll: (purged: { run: string; lanes: number }) => Promise<void>,
): Promise<void> {
  const { purging } = storage
  if (!purging) return
  const { run, closed, lanes = 0 } = purging
  const outcome = await store.remove(run, { closed, statements: STATEMENTS })
  if (!storage.purging) return
  if (outcome === 'removed') await forgetAll({ run, lanes })
  else if (outcome === 'kept') storage.endPurge()
}
