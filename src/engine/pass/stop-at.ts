import type { StepPosition } from '../steps/continuation.ts'

/** A checkpoint that a run has come to. */
export interface Checkpointed {
  /** The outermost step under way, and what is under way inside it. */
  readonly position: StepPosition | undefined
  /** Outermost steps that are done. */
  readonly completed: readonly string[]
  /** Items that were handled since the one before it, whether or not they count. */
  readonly items: number
}

/** True where the slice is to stop. */
export type StopAt = (at: Checkpointed) => boolean
