import type { CommitOutcome } from './commit.ts'
import type { StopSignal } from './latch.ts'
import type { PendingCommit } from './pending-commit.ts'

/** How long to stand back when the invocation's or the day's D1 statements are used up. */
const SPENT_WAIT_MS = 60_000

/** Why the slice stops after a commit; undefined when the commit was written. */
export function stopAfter(
  outcome: CommitOutcome,
  {
    entries: items,
    onlyItem,
    reordered,
  }: Pick<PendingCommit, 'entries' | 'onlyItem' | 'reordered'>,
): StopSignal | undefined {
  switch (outcome.kind) {
    case 'committed':
      return undefined
    case 'guard':
    case 'unknown':
      return { kind: 'rewind', cause: outcome.error, items, onlyItem, reordered }
    case 'refused':
      return { kind: 'refused', cause: outcome.error, items, onlyItem, reordered }
    case 'spent':
      return {
        kind: 'interrupt',
        reason: 'throttle',
        directiveMet: false,
        waitMs: SPENT_WAIT_MS,
      }
  }
}
