import type { Cursor } from '../cursor.ts'
import type { Enumerators } from '../enumerators/index.ts'
import type { InterruptOptions } from '../policies/resume-policy.ts'
import type { RunView } from '../run.ts'
import type { SkippedItem } from '../skipped-item.ts'
import type { Effects } from './effects.ts'
import type { RunInfo } from './run-info.ts'
import type { StepFunction } from './step.ts'

/** Params of a job without a schema: none. */
export type NoParams = Record<string, never>

/** Attributes of a job that declares none. */
export type NoAttributes = Record<string, never>

/** The context of every part of a job. */
export interface RunContext<Params, A = NoAttributes> {
  readonly params: Params
  /** State that the job declares; committed with the checkpoint. Assign new values, they are frozen. */
  readonly attributes: A
  /** The Worker's bindings. `env.DB` is metered: its statements count towards budget and cost. */
  readonly env: Cloudflare.Env
  readonly effects: Effects
  readonly run: RunInfo
  readonly enumerators: Enumerators
  /** Tells how many items the run has. The first answer stands, also after resumptions. */
  readonly expectTotal: (total: number) => void
}

/** The context of `perform`, of a job in steps. */
export interface JobContext<Params, A = NoAttributes> extends RunContext<Params, A> {
  readonly step: StepFunction
}

/** The context of `eachIteration`, beside the item. */
export interface IterationContext<Params, C extends Cursor, A = NoAttributes> extends RunContext<
  Params,
  A
> {
  /** The item's own cursor. */
  readonly cursor: C
  /** The same for this item in every attempt: for effects outside D1. */
  readonly idempotencyKey: string
  /**
   * Ends the iteration here: the run is completed, with what it has done. With `complete: false` neither
   * `onComplete` nor `continuations` follow. After job-iteration's `throw(:abort)`.
   */
  readonly abort: (options?: { complete?: boolean }) => never
  /**
   * Sends the run back to its queue once this item is done, for a wait if given: the next slice goes on
   * with the item after it. Nothing happens when the item fails.
   */
  readonly interrupt: (options?: InterruptOptions) => void
}

/** The context of `verify`: what the run has left behind, as of its last commit. */
export interface VerifyContext<Params, A = object> {
  /** As `perform` has them. */
  readonly params: Params
  readonly env: Cloudflare.Env
  /** The run as it is shown, its sensitive params masked. */
  readonly run: RunView
  /** Ids of the run and of those it was forked from, the nearest first: their work counts for it. */
  readonly lineage: readonly string[]
  /**
   * The result of a step; undefined when it returned none, or is not done. Of a step within steps, by the names
   * on the way to it: `result('import', 'count')`.
   */
  readonly result: (...path: [step: string, ...within: string[]]) => unknown
  /** As `perform` has them, read-only. */
  readonly attributes: Readonly<A>
  /**
   * The run's skipped items in the order in which they were skipped, with their cursors as the walk has set
   * them. They are read page by page as they are asked for, and do not fill the memory however many they are.
   */
  readonly skips: () => AsyncIterable<SkippedItem>
}
