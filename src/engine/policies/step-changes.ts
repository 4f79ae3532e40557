/**
 * The differences between a job's steps and those that runs under way have in their checkpoints. Without it, a
 * renamed, removed or inserted step is a `step_mismatch` for each of them. Keep an entry until no run
 * from before the change is left.
 */
export interface StepChanges {
  /** Old name to new name: a run resumes the new step where the old one had come to. */
  readonly renamed?: Readonly<Record<string, string>>
  /** Steps that are gone: what a run did of them counts for nothing. */
  readonly removed?: readonly string[]
  /** New steps that lie before others: a run that was past their place runs them when it meets them. */
  readonly added?: readonly string[]
}
