import type { StepChanges } from '../policies/step-changes.ts'
import type { Style } from '../run.ts'
import {
  type Checkpoint,
  hasProgress,
  type Level,
  mismatch,
  type StepPosition,
} from './continuation.ts'
import { resultKey, stepPath } from './result-key.ts'

/** The checkpoint as the job's code of today would have written it. */
export function migrateCheckpoint(checkpoint: Checkpoint, changes: StepChanges): Checkpoint {
  if (!changes.renamed && !changes.removed) return checkpoint
  return {
    ...migrateLevel(checkpoint, changes),
    ...(checkpoint.started && { started: true }),
  }
}

/**
 * A run keeps the style that it began in: a cursor of steps names the next item, an iteration's the last
 * one, so either would lose an item to the other. Throws `step_mismatch`. What has not begun may change.
 */
export function requireStyle(checkpoint: Checkpoint, style: Style): void {
  // Only an iteration notes that it has started, and does so before its first item.
  const begun = checkpoint.started ? 'iteration' : 'continuable'
  if (begun === style || !hasProgress(checkpoint)) return
  const words = { iteration: 'an iteration', continuable: 'a job in steps' }
  throw mismatch(
    `The run was begun by ${words[begun]}, found ${words[style]} under the job's name; expected the style that it began in. Give the new job a name of its own, or start a new run`,
  )
}

/** Results under the step names of today. */
export function migrateResults(
  results: ReadonlyMap<string, string>,
  { renamed }: StepChanges,
): ReadonlyMap<string, string> {
  if (!renamed) return results
  const entries = [...results].map(
    ([key, result]) =>
      [resultKey(stepPath(key).map((step) => renamed[step] ?? step)), result] as const,
  )
  return new Map(entries)
}

function migrateLevel({ completed, current, suspended, of }: Level, changes: StepChanges): Level {
  const { renamed = {}, removed = [] } = changes
  const [now, waiting] = [current, suspended].map((at) => migratePosition(at, changes))
  // What waited for a step that is gone is under way again.
  const [first, second] = now ? [now, waiting] : [waiting, undefined]
  return {
    completed: completed
      .filter((step) => !removed.includes(step))
      .map((step) => renamed[step] ?? step),
    ...(first && { current: first }),
    ...(second && { suspended: second }),
    ...(of !== undefined && { of }),
  }
}

function migratePosition(
  position: StepPosition | undefined,
  changes: StepChanges,
): StepPosition | undefined {
  if (!position || changes.removed?.includes(position.step)) return undefined
  return {
    ...position,
    step: changes.renamed?.[position.step] ?? position.step,
    ...(position.nested && { nested: migrateLevel(position.nested, changes) }),
  }
}
