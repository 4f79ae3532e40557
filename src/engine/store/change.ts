import type { RunError } from '../errors.ts'
import type { Statement } from '../statement.ts'
import type { EndStatus } from '../run.ts'
import type { Checkpoint } from '../steps/continuation.ts'
import type { Covered } from '../steps/position.ts'

/**
 * The meaning of an error of D1 for the batch that met it.
 *
 * - `guard`: the commit guard raised; somebody else has written to the lane, or my own late batch.
 * - `refused`: it did not commit and never will, because the statements themselves are at fault.
 * - `spent`: it did not run; this invocation's or this day's statements are used up.
 * - `unknown`: it may have committed, may still commit, or not.
 */
export type D1Verdict = 'guard' | 'refused' | 'spent' | 'unknown'

/** The result of a step, encoded; null forgets what is stored under its name. */
export interface StepResult {
  step: string
  result: string | null
}

/** An item that is recorded as failed and passed over. Cursors are encoded. */
export interface Skip {
  step: string
  cursor: string | null
  /** The cursor of its walk before it. */
  before: string | null
  /** The mark by which it is known again where its cursor names a place; see `itemMark`. */
  item: string | null
  /** JSON. */
  error: string
  attempts: number
  /** The group of its error. */
  group: string
  /** Who has asked for it; missing where it was the job's tolerance. */
  by?: string
}

/** The changes of one commit besides the effects' own tables. */
export interface Change extends Covered {
  effects: Statement[]
  checkpoint: Checkpoint
  items: number
  /** It takes the run further: see `PendingCommit`. */
  progress?: boolean
  total?: number
  stepResults?: StepResult[]
  skips?: Skip[]
  /** Encoded, when they have changed. */
  attributes?: string
  /** Cuts the run's walk into lanes. */
  plan?: LanePlan
  /** This lane, which is not the first, has come to its end. */
  finished?: true
  /** Forgets all progress: the run begins again, in its next round. */
  startOver?: true
  end?: End
}

/** Where a walk is cut into lanes. Cursors are encoded. */
export interface LanePlan {
  /** The step that walks. */
  step: string
  /** The last item of each lane but the last one, which has no end. */
  cuts: readonly string[]
}

/** The end of a run: a status in D1, written once, with all that follows from it. */
export interface End {
  status: EndStatus
  /** Encoded. */
  result?: string
  error?: RunError
  attention?: string
  /** JSON of the runs to start next. */
  children: string
}

/** The writer, and its code. */
export interface Holder {
  run: string
  lane: number
  fence: number
  codeVersion: string
}

export type CommitOutcome = { kind: 'committed' } | { kind: D1Verdict; error: unknown }

/** D1 statements and rows, as the platform counts them. */
export interface Spent {
  statements: number
  rowsRead: number
  rowsWritten: number
}
