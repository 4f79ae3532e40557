import type { CommitOutcome } from '../store/change.ts'
import type { InterruptSignal, NotWritten } from './latch.ts'
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

/** Why user code must stop now. All but `broken` are no failures of the job. */
export type StopSignal =
  | InterruptSignal
  /** A commit's outcome is unknown or its guard failed: raise again and go on from what D1 says. */
  | ({ kind: 'rewind' } & NotWritten)
  /** The D1 statements of the invocation are used up. */
  | { kind: 'spent'; error: unknown }
  /** A commit was refused for good: the effects themselves are at fault. */
  | ({ kind: 'refused' } & NotWritten)
  /** User code broke a rule of the engine in a way that it may not hide by a `catch`. */
  | { kind: 'broken'; error: Error }

/** An item of a walk, by the step that walks and the item's encoded cursor. */
export interface WalkedItem {
  step: string
  cursor: string
}
