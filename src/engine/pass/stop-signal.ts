import type { CommitOutcome } from '../store/d1/held-lane.ts'
import type { StopSignal } from './latch.ts'
import type { PendingCommit } from './pending-commit.ts'

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
      return { kind: 'spent', error: outcome.error }
  }
}
