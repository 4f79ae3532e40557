import type { InterruptionReason } from '../run.ts'
import type { CommitOutcome } from '../store/change.ts'

/** An item of a walk, by the step that walks and the item's encoded cursor; and its name within the run. */
export interface WalkedItem {
  step: string
  cursor: string
  place: string
}

/** A walk, as far as its items have names. */
export interface Walked {
  readonly step: string
  readonly depth: number
  readonly pass: { placeOf(cursor: string, depth: number): string }
}

/** A planned end of the slice; everything before it is committed. */
export interface InterruptSignal {
  kind: 'interrupt'
  reason: InterruptionReason
  directiveMet: boolean
  waitMs?: number
  /** The next slice should have an invocation for itself. */
  alone?: true
  /** The walk's own words for why it stands still. */
  why?: string
}

/** A commit that was not written, as far as anybody knows. */
export interface NotWritten {
  cause: unknown
  /** The number of its items. */
  items: number
  /** Its one item, when all its effects were that item's own. */
  onlyItem: WalkedItem | undefined
  /** Rows of its effects passed statements of items before. */
  reordered: boolean
}

/** A reason for user code to stop now. All but `broken` are no failures of the job. */
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

/** The reason for the slice to stop after a commit; undefined when the commit was written. */
export function stopAfter(
  outcome: CommitOutcome,
  commit: Omit<NotWritten, 'cause'>,
): StopSignal | undefined {
  switch (outcome.kind) {
    case 'committed':
      return undefined
    case 'guard':
    case 'unknown':
      return { kind: 'rewind', cause: outcome.error, ...commit }
    case 'refused':
      return { kind: 'refused', cause: outcome.error, ...commit }
    case 'spent':
      return { kind: 'spent', error: outcome.error }
  }
}
