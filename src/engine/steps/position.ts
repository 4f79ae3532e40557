import { displayCursor } from '../cursor.ts'
import type { Whereabouts } from '../events.ts'
import type { Checkpoint, Level, StepPosition } from './continuation.ts'

/**
 * The cursor of a step for the ledger, which knows outermost steps only: with steps inside it under way,
 * a JSON array of the cursor and what is inside. Equal for equal positions, so ranges can be compared.
 */
export function coveredCursor(position: StepPosition | undefined): string | null {
  if (!position) return null
  const { cursor, nested } = position
  return nested ? `[${cursor ?? 'null'},${JSON.stringify(nested)}]` : cursor
}

/** The outermost step under way at a commit and the cursors that the commit covers, for the ledger. */
export interface Covered {
  step: string | null
  fromCursor: string | null
  toCursor: string | null
}

export const NOTHING_COVERED: Covered = { step: null, fromCursor: null, toCursor: null }

/** Between the last commit of the outermost step and now. */
export function coveredBetween(
  before: StepPosition | undefined,
  now: StepPosition | undefined,
): Covered {
  return {
    step: now?.step ?? null,
    fromCursor: before?.step === now?.step ? coveredCursor(before) : null,
    toCursor: coveredCursor(now),
  }
}

/**
 * Names one item of a run: the steps and cursors on the way to it, and its own cursor. `depth` is that of
 * the step that asks: steps that happen to be under way inside it do not change the name of its item.
 */
export function itemKey(
  position: StepPosition | undefined,
  cursor: string | null,
  depth: number,
): string {
  const inner = position?.nested?.current
  if (!position || !inner || depth === 0) return `${position?.step ?? ''}/${cursor ?? 'start'}`
  const around = position.nested.of ?? position.cursor ?? 'start'
  return `${position.step}/${around}/${itemKey(inner, cursor, depth - 1)}`
}

/** The position of a run, for events. */
export function whereabouts({ completed, current }: Checkpoint): Whereabouts {
  const last = completed.at(-1)
  const cursor = displayCursor(current?.cursor ?? null)
  const description = current
    ? `at '${current.step}', cursor ${JSON.stringify(cursor)}`
    : last === undefined
      ? 'not started'
      : `after '${last}'`
  return { description, completedSteps: completed, currentStep: current?.step ?? null, cursor }
}

/** True for two checkpoints that stand at different places. */
export function isOther(one: Level, other: Level): boolean {
  const place = ({ completed, current, suspended }: Level) =>
    JSON.stringify([completed, current, suspended])
  return place(one) !== place(other)
}
