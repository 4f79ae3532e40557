import { InvalidStepError } from './errors.ts'

/**
 * How far a run has come: completed steps and the current step with its cursor, as of a commit. The
 * cursor is kept in its encoded form; this is what D1 stores.
 */
export interface Checkpoint {
  readonly completed: readonly string[]
  /** `cursor` is null while the step has none. */
  readonly current?: { readonly step: string; readonly cursor: string | null }
  /** Set once an iteration's `onStart` has run. */
  readonly started?: true
}

export const EMPTY_CHECKPOINT: Checkpoint = { completed: [] }

/** Whether anything has been done; a resumption of a run that had not started does not count as one. */
export function hasProgress(checkpoint: Checkpoint): boolean {
  return (
    checkpoint.completed.length > 0 ||
    checkpoint.current !== undefined ||
    checkpoint.started === true
  )
}

/**
 * Which steps are done and which may come next, during one pass through `perform`. Pure: knows rules,
 * not time or storage. The rules are Rails' (`ActiveJob::Continuation::Validation`), in their order,
 * and one more that Rails lacks: `perform` may not return before it has met all it had begun.
 */
export class Continuation {
  readonly #completed: string[]
  readonly #resumedSteps: readonly string[]
  readonly #resumedCurrent: { step: string; cursor: string | null } | undefined
  #encountered: string[] = []
  #running: string | undefined
  #calls = 0
  /** A step has completed since this pass began. */
  stepCompleted = false

  constructor(checkpoint: Checkpoint) {
    this.#completed = [...checkpoint.completed]
    this.#resumedSteps = checkpoint.completed
    this.#resumedCurrent = checkpoint.current
  }

  get completed(): readonly string[] {
    return this.#completed
  }

  get running(): string | undefined {
    return this.#running
  }

  /** Counts calls of `step` that have not returned, so that one nobody awaits is found. */
  called(): void {
    this.#calls += 1
  }

  returned(): void {
    this.#calls -= 1
  }

  /** Validates that `name` may come now; tells whether it is to be skipped or run. */
  meet(name: string): 'skip' | 'run' {
    this.#requireName(name)
    this.#requireFirstEncounter(name)
    this.#requireNotNested(name)
    this.#requireExpectedCurrent(name)
    this.#requireCompletedOrder(name)
    this.#encountered.push(name)
    return this.#resumedSteps.includes(name) ? 'skip' : 'run'
  }

  /** The cursor to start `name` with, when the run was interrupted inside it. */
  resumedCursor(name: string): { cursor: string | null } | undefined {
    return this.#resumedCurrent?.step === name ? this.#resumedCurrent : undefined
  }

  begin(name: string): void {
    this.#running = name
  }

  complete(name: string): void {
    this.#running = undefined
    this.#completed.push(name)
    this.stepCompleted = true
  }

  /** The step stays current in the checkpoint, so nothing but it may come next. */
  abandon(): void {
    this.#running = undefined
  }

  /** To be called when `perform` returned: all that the checkpoint knows must have been met. */
  finish(): void {
    if (this.#calls > 0) {
      throw new InvalidStepError(
        `perform returned while step '${this.#running ?? 'not yet begun'}' was still running; expected it to be awaited`,
        'step_not_awaited',
      )
    }
    const expected = [
      ...this.#resumedSteps,
      ...(this.#resumedCurrent ? [this.#resumedCurrent.step] : []),
    ]
    const missed = expected.find((step) => !this.#encountered.includes(step))
    if (missed !== undefined) {
      throw new InvalidStepError(
        `perform returned without meeting step '${missed}', which the checkpoint has as ` +
          (this.#resumedSteps.includes(missed) ? 'completed' : 'in progress'),
        'step_mismatch',
      )
    }
  }

  #requireName(name: unknown): void {
    if (typeof name !== 'string' || name === '') {
      throw new InvalidStepError(
        `Step '${String(name)}' must be a non-empty string, found '${typeof name}'`,
      )
    }
  }

  #requireFirstEncounter(name: string): void {
    if (this.#encountered.includes(name)) {
      throw new InvalidStepError(`Step '${name}' has already been encountered`)
    }
  }

  #requireNotNested(name: string): void {
    if (this.#running !== undefined) {
      throw new InvalidStepError(
        `Step '${name}' is nested inside step '${this.#running}', or that step was not awaited`,
      )
    }
  }

  #requireExpectedCurrent(name: string): void {
    const current = this.#resumedCurrent?.step
    if (current === undefined || current === name) return
    if (this.#resumedSteps.includes(name) || this.#completed.includes(current)) return
    throw new InvalidStepError(
      `Step '${name}' found, expected to resume from '${current}'`,
      'step_mismatch',
    )
  }

  #requireCompletedOrder(name: string): void {
    const expected = this.#resumedSteps[this.#encountered.length]
    if (expected === undefined || expected === name) return
    throw new InvalidStepError(
      `Step '${name}' found, expected to see '${expected}'`,
      'step_mismatch',
    )
  }
}
