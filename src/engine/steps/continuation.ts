import { describeValue, InvalidStepError } from '../errors.ts'
import type { StepChanges } from '../policies/step-changes.ts'

/**
 * The steps of one level: those done, in the order in which they were met, and the one under way. The
 * outermost level is `perform`'s; a step that has steps of its own has a level for each of its items.
 */
export interface Level {
  readonly completed: readonly string[]
  readonly current?: StepPosition
  /** The step that was under way when one that was added before it had its turn. */
  readonly suspended?: StepPosition
  /** The item of the outer walk that this level belongs to, by its encoded cursor. */
  readonly of?: string
}

/** The state of a step under way. Cursors are kept in their encoded form. */
export interface StepPosition {
  readonly step: string
  /** Null while the step has none. */
  readonly cursor: string | null
  /** The steps inside it, for the item at the cursor. */
  readonly nested?: Level
}

/** A call of `step`. */
export interface StepCall {
  /** For messages: it may be no name at all. */
  readonly name: string
  /** Somebody waits for it, or did. */
  awaited: boolean
}

/** The state of a run as of a commit; this is what D1 stores. */
export interface Checkpoint extends Level {
  /** Set once an iteration's `onStart` has run. */
  readonly started?: true
}

export const EMPTY_CHECKPOINT: Checkpoint = { completed: [] }

/** True once anything has been done; a resumption of a run that had not started does not count as one. */
export function hasProgress(checkpoint: Checkpoint): boolean {
  return (
    checkpoint.completed.length > 0 ||
    checkpoint.current !== undefined ||
    checkpoint.started === true
  )
}

/**
 * The steps of a level that are done and those that may come next, during one pass through it. Pure: knows
 * rules, not time or storage. The rules are Rails' (`ActiveJob::Continuation::Validation`), in their
 * order, and one more that Rails lacks: a level may not be left before all it had begun has been met.
 */
export class Continuation {
  readonly #resumed: Level
  readonly #changes: StepChanges
  readonly #outer: string | undefined
  #completed: readonly string[]
  /** The step under way or to be resumed. */
  #step: string | undefined
  #cursor: string | null
  /** Steps that wait for one that was added before them. */
  #suspended: StepPosition | undefined
  /** The item that an outer walk is at. */
  #item: string | undefined
  /** The steps under way inside it, until that level is entered. */
  #resumedInner: Level | undefined
  #inner: Continuation | undefined
  #encountered: string[] = []
  #running: string | undefined
  #calls = 0
  #call: StepCall | undefined
  /** The step around this level has moved on, or passed the item over. */
  left = false
  /** A step of this level has completed since this pass began. */
  stepCompleted = false

  /** `outer`: the step that this level is inside of. */
  constructor(resumed: Level, changes: StepChanges = {}, outer?: string) {
    this.#resumed = resumed
    this.#changes = changes
    this.#outer = outer
    this.#completed = resumed.completed
    this.#step = resumed.current?.step
    this.#cursor = resumed.current?.cursor ?? null
    this.#resumedInner = resumed.current?.nested
    this.#suspended = resumed.suspended
  }

  get completed(): readonly string[] {
    return this.#completed
  }

  /** The step under way or to be resumed, and what is under way inside it. */
  get position(): StepPosition | undefined {
    if (this.#step === undefined) return undefined
    const nested = this.#inner ? this.#innerLevel(this.#inner) : this.#resumedInner
    const inside = nested && (nested.completed.length > 0 || nested.current)
    return { step: this.#step, cursor: this.#cursor, ...(inside && { nested }) }
  }

  /** The cursor of that step. */
  get cursor(): string | null {
    return this.#cursor
  }

  /** True once steps inside the one under way have been begun. */
  get hasInner(): boolean {
    return this.#inner !== undefined || this.#resumedInner !== undefined
  }

  get level(): Level {
    const current = this.position
    return {
      completed: this.#completed,
      ...(current && { current }),
      ...(this.#suspended && { suspended: this.#suspended }),
    }
  }

  get running(): string | undefined {
    return this.#running
  }

  /** The level inside the step that is running, for its current item. */
  get inner(): Continuation {
    this.#inner ??= new Continuation(
      this.#resumedInner ?? EMPTY_CHECKPOINT,
      this.#changes,
      this.#step,
    )
    return this.#inner
  }

  /** Counts calls of `step` that have not returned, so that one nobody awaits is found. */
  called(call: StepCall): void {
    this.#calls += 1
    this.#call = call
  }

  /** The step that was called last. */
  get lastCall(): StepCall | undefined {
    return this.#call
  }

  /** The same by its name, while nobody awaits it. */
  get unawaited(): string | undefined {
    return this.#call?.awaited === false ? this.#call.name : undefined
  }

  /** The step that is at work, or about to be. */
  get underWay(): string | undefined {
    return this.#running ?? (this.#calls > 0 ? this.#call?.name : undefined)
  }

  returned(): void {
    this.#calls -= 1
  }

  /** Validates that `name` may come now; tells whether it is to be skipped or run. */
  meet(name: string): 'skip' | 'run' {
    requireName(name)
    this.#requireFirstEncounter(name)
    this.requireNotBeside(name, this.#running)
    this.#requireExpectedCurrent(name)
    this.#requireCompletedOrder(name)
    this.#encountered.push(name)
    return this.#resumed.completed.includes(name) ? 'skip' : 'run'
  }

  /** The cursor to start `name` with, when the run was interrupted inside it. */
  resumedCursor(name: string): StepPosition | undefined {
    const { current, suspended } = this.#resumed
    return [current, suspended].find((position) => position?.step === name)
  }

  /** Begins or resumes a step. */
  begin(name: string, cursor: string | null): void {
    this.#running = name
    const before = this.position
    if (before && before.step !== name) this.#suspended = before
    else if (this.#suspended?.step === name) this.#suspended = undefined
    this.#stand(name, cursor)
    this.#resumedInner = this.resumedCursor(name)?.nested
  }

  /** Moves the cursor: what the steps inside had come to belongs to the item that is done now. */
  move(cursor: string): void {
    if (this.#step === undefined) return
    if (this.hasInner) this.inner.finish()
    this.#stand(this.#step, cursor)
  }

  /** An outer walk comes to an item: what was begun inside another one does not belong to it. */
  enterItem(item: string): void {
    this.#item = item
    if (this.#resumedInner && this.#resumedInner.of !== item) this.#resumedInner = undefined
  }

  /** Forgets what was begun inside the current item: it is passed over. */
  dropInner(): void {
    this.#inner?.leave()
    this.#inner = undefined
    this.#resumedInner = undefined
  }

  complete(name: string): void {
    if (this.hasInner) this.inner.finish()
    this.#running = undefined
    const completed = [...this.#completed]
    // Where it was met: a step that was added later may lie before others that are done.
    completed.splice(this.#encountered.indexOf(name), 0, name)
    this.#completed = completed
    this.stepCompleted = true
    this.#stand(this.#suspended?.step, this.#suspended?.cursor ?? null)
    this.#resumedInner = this.#suspended?.nested
    this.#suspended = undefined
  }

  /** After an error nothing runs any more; the level stands where its last finished item left it. */
  retreat(): void {
    this.#running = undefined
  }

  /** To be called when the level is left: all that the checkpoint knows of it must have been met. */
  finish(): void {
    if (this.#calls > 0 || this.unawaited !== undefined) {
      const name = this.unawaited ?? this.#running ?? this.#call?.name
      throw new InvalidStepError(
        `${this.#left} without awaiting step '${name}'; expected each step to be awaited`,
        'step_not_awaited',
      )
    }
    const { completed, current, suspended } = this.#resumed
    const underWay = [current, suspended].flatMap((position) => position?.step ?? [])
    const expected = [...completed, ...underWay]
    const missed = expected.find((step) => !this.#encountered.includes(step))
    if (missed !== undefined) {
      throw mismatch(
        `${this.#left} without meeting step '${missed}', ` +
          `which the checkpoint has as ${completed.includes(missed) ? 'completed' : 'in progress'}`,
      )
    }
  }

  get #left(): string {
    return this.#outer === undefined ? 'perform returned' : `Step '${this.#outer}' moved on`
  }

  #innerLevel(inner: Continuation): Level {
    return { ...inner.level, ...(this.#item !== undefined && { of: this.#item }) }
  }

  #stand(step: string | undefined, cursor: string | null): void {
    this.#step = step
    this.#cursor = cursor
    this.#resumedInner = undefined
    this.#inner?.leave()
    this.#inner = undefined
  }

  /** The step around this level has moved on: nothing in here counts any more. */
  leave(): void {
    this.left = true
    this.#inner?.leave()
  }

  #requireFirstEncounter(name: string): void {
    if (this.#encountered.includes(name)) {
      throw new InvalidStepError(`Step '${name}' has already been encountered`)
    }
  }

  /** `other`: the step that was at work when this one was called. */
  requireNotBeside(name: string, other: string | undefined): void {
    if (other === undefined) return
    throw new InvalidStepError(
      `Step '${name}' is nested inside step '${other}', or that step was not awaited; ` +
        `a step within a step is declared on the outer one: ${other}.step('${name}', ...)`,
    )
  }

  #requireExpectedCurrent(name: string): void {
    const current = this.#resumed.current?.step
    if (current === undefined || current === name || this.#changes.added?.includes(name)) return
    if (this.#resumed.completed.includes(name) || this.#completed.includes(current)) return
    throw mismatch(`Step '${name}' found, expected to resume from '${current}'`)
  }

  #requireCompletedOrder(name: string): void {
    const { completed } = this.#resumed
    if (this.#changes.added?.includes(name) && !completed.includes(name)) return
    const met = this.#encountered.filter((step) => completed.includes(step)).length
    const expected = completed[met]
    if (expected === undefined || expected === name) return
    throw mismatch(`Step '${name}' found, expected to see '${expected}'`)
  }
}

/** The checkpoint and the code do not fit. */
export function mismatch(problem: string): InvalidStepError {
  return new InvalidStepError(problem, 'step_mismatch')
}

/** A step is kept and found by its name. */
export function requireName(name: unknown): asserts name is string {
  if (typeof name === 'string' && name !== '') return
  throw new InvalidStepError(
    `Step ${describeValue(name)} must be a non-empty string, found '${typeof name}'`,
  )
}

/** The name of an iteration's cursor in the checkpoint; the API shows no step. */
export const ITERATION_STEP = 'iteration'
