import { displayCursor, encodeCursor, type Cursor } from '../engine/cursor.ts'
import type { RunView } from '../engine/run.ts'

type Seen = Pick<RunView, 'step' | 'cursor' | 'completedSteps'>

interface MatcherResult {
  pass: boolean
  message: () => string
  actual?: unknown
  expected?: unknown
}

/** Checkpoint assertions on a `RunView`, for `expect.extend(dogearMatchers)`. */
export const dogearMatchers = {
  /**
   * The run is inside `step`, which has come to `cursor`. For an iteration, and for a run between two
   * steps, `step` is null. Dates and bigints are given as such.
   */
  toHaveCheckpointAt(run: Seen, step: string | null, cursor: Cursor = null): MatcherResult {
    const expected = { step, cursor: cursor === null ? null : displayCursor(encodeCursor(cursor)) }
    const actual = { step: run.step, cursor: run.cursor }
    return {
      // A view's cursor has been JSON, and so has this one: the order of keys is all that may differ.
      pass: actual.step === expected.step && sorted(actual.cursor) === sorted(expected.cursor),
      message: () =>
        `The run's checkpoint is at ${said(actual)}; expected ${said(expected)} (or not, with .not)`,
      actual,
      expected,
    }
  },

  /** Exactly these steps are completed, in this order. */
  toHaveCompletedSteps(run: Seen, ...steps: string[]): MatcherResult {
    const actual = [...run.completedSteps]
    return {
      pass: JSON.stringify(actual) === JSON.stringify(steps),
      message: () =>
        `The run has completed [${actual.join(', ')}]; expected [${steps.join(', ')}] (or not, with .not)`,
      actual,
      expected: steps,
    }
  },
}

function said({ step, cursor }: { step: string | null; cursor: unknown }): string {
  return `${step === null ? 'no step' : `step '${step}'`}, cursor ${JSON.stringify(cursor)}`
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- as vitest declares it
  interface Matchers<T = any> {
    toHaveCheckpointAt(step: string | null, cursor?: Cursor): T
    toHaveCompletedSteps(...steps: string[]): T
  }
}
