import { decodeCursor, encodeCursor, type Cursor } from './cursor.ts'
import type { Walk } from './enumerators/enumerator.ts'
import { DogearError, InvalidStepError, UnadvanceableCursorError } from './errors.ts'
import { walk } from './iteration.ts'
import type { Performance } from './performance.ts'

/** A step as its block sees it. After Rails' `ActiveJob::Continuation::Step`. */
export interface Step<C extends Cursor = Cursor> {
  readonly name: string
  /** Where to go on: the start value, or what was set last, also by an earlier slice. */
  readonly cursor: C
  /** This step was begun by an earlier slice. */
  readonly resumed: boolean
  /** The cursor differs from what it was when this slice entered the step. */
  readonly advanced: boolean
  /** The same for this cursor in every attempt: for effects outside D1. */
  readonly idempotencyKey: string
  /** Moves the cursor. A checkpoint. Throws `invalid_cursor` for a value that would not come back. */
  set(cursor: Cursor): Promise<void>
  /**
   * Moves the cursor to the successor of `from`, or of itself: one more. A checkpoint. Throws
   * `unadvanceable_cursor` for anything but safe integers and bigints.
   */
  advance(options?: { from: Cursor }): Promise<void>
  /** A checkpoint where the cursor stays. */
  checkpoint(): Promise<void>
  /**
   * Walks an enumerator inside this step, handling one item after the other. The step's cursor is the
   * enumerator's while it does; a checkpoint follows each item.
   */
  iterate<Item, I extends Cursor>(
    build: (position: { cursor: Cursor | null }) => Walk<Item, I> | Promise<Walk<Item, I>>,
    each: (item: Item, position: { cursor: I; idempotencyKey: string }) => void | Promise<void>,
  ): Promise<void>
}

/** A start of 0 makes a cursor of numbers, not of nothing but 0. */
type Widened<C extends Cursor> = C extends number
  ? number
  : C extends string
    ? string
    : C extends boolean
      ? boolean
      : C extends bigint
        ? bigint
        : C

export interface StepFunction {
  /**
   * Runs a step, or, when it was completed before, skips it and gives back what it returned then: what
   * a cursor can be, or nothing, else `invalid_result`. Throws `invalid_step` and `step_mismatch` when
   * a rule of steps is broken: see `Continuation`.
   */
  <R>(name: string, block: (step: Step) => R | Promise<R>): Promise<R>
  /** `start` is the first cursor; a resumed step sees the one it had come to instead. */
  <R, C extends Cursor>(
    name: string,
    options: { start: C },
    block: (step: Step<Widened<C>>) => R | Promise<R>,
  ): Promise<R>
}

type Block = (step: Step) => unknown

/** The `step` function of one performance. */
export function stepFunction(performance: Performance): StepFunction {
  const { continuation, latch } = performance
  const step = async (
    name: string,
    first: Block | { start: Cursor },
    second?: Block,
  ): Promise<unknown> => {
    latch.check()
    continuation.called()
    try {
      return typeof first === 'function'
        ? await runStep(performance, name, undefined, first)
        : await runStep(performance, name, first.start, second as Block)
    } finally {
      continuation.returned()
    }
  }
  return step
}

async function runStep(
  performance: Performance,
  name: string,
  start: Cursor | undefined,
  block: Block,
): Promise<unknown> {
  const { continuation } = performance
  // Rails' automatic checkpoint: before each step but the first one executed in this pass.
  if (continuation.stepCompleted && continuation.running === undefined) {
    performance.arrive(0)
    await performance.settle()
  }
  if (continuation.meet(name) === 'skip') {
    const stored = performance.tools.lane.truth.results.get(name)
    return stored === undefined ? undefined : decodeCursor(stored)
  }
  const resumed = continuation.resumedCursor(name)
  const initial = start === undefined ? null : encodeCursor(start)
  const cursor = resumed ? resumed.cursor : initial
  continuation.begin(name)
  performance.enter(name, cursor)
  const running = new RunningStep(performance, name, cursor, resumed !== undefined)
  const result = await running.run(block)
  const encoded = result === undefined ? undefined : encodeCursor(result, 'invalid_result')
  if (encoded !== undefined) requireRoom(performance, name, encoded)
  await performance.completeStep(name, encoded)
  return result
}

/** A raise reads all results of a run in one value, and D1's values end at 2 MB. */
const MAX_RESULTS_LENGTH = 500_000

function requireRoom(performance: Performance, step: string, result: string): void {
  let length = result.length
  for (const stored of performance.tools.lane.truth.results.values()) length += stored.length
  if (length <= MAX_RESULTS_LENGTH) return
  throw new DogearError(
    'invalid_result',
    `With the result of step '${step}' the run's results have ${length} characters; expected at most ${MAX_RESULTS_LENGTH} in all`,
  )
}

class RunningStep implements Step {
  readonly name: string
  readonly resumed: boolean
  readonly #performance: Performance
  readonly #entered: string | null
  #encoded: string | null
  #cursor: Cursor
  #open = 0
  #over = false

  constructor(performance: Performance, name: string, cursor: string | null, resumed: boolean) {
    this.#performance = performance
    this.name = name
    this.resumed = resumed
    this.#entered = cursor
    this.#encoded = cursor
    this.#cursor = cursor === null ? null : decodeCursor(cursor)
  }

  get cursor(): Cursor {
    return this.#cursor
  }

  get advanced(): boolean {
    return this.#encoded !== this.#entered
  }

  get idempotencyKey(): string {
    return this.#performance.idempotencyKey(this.#encoded)
  }

  /** Runs the block; what it began must be done when it returns. */
  async run(block: Block): Promise<unknown> {
    try {
      const result = await block(this)
      if (this.#open > 0) {
        throw new DogearError(
          'checkpoint_not_awaited',
          `Step '${this.name}' returned before its own set, advance, checkpoint or iterate had; await each of them`,
        )
      }
      return result
    } finally {
      this.#over = true
    }
  }

  // set and advance run once per item, so without the closure and the extra promise of #opened.
  async set(cursor: Cursor): Promise<void> {
    this.#begin()
    try {
      if (this.#arriveAt(cursor)) await this.#performance.settle()
    } finally {
      this.#open -= 1
    }
  }

  async advance(options?: { from: Cursor }): Promise<void> {
    this.#begin()
    try {
      const next = successor(this.name, options ? options.from : this.#cursor)
      if (this.#arriveAt(next)) await this.#performance.settle()
    } finally {
      this.#open -= 1
    }
  }

  checkpoint(): Promise<void> {
    return this.#opened(async () => {
      if (this.#performance.arrive(0)) await this.#performance.settle()
    })
  }

  iterate<Item, I extends Cursor>(
    build: (position: { cursor: Cursor | null }) => Walk<Item, I> | Promise<Walk<Item, I>>,
    each: (item: Item, position: { cursor: I; idempotencyKey: string }) => void | Promise<void>,
  ): Promise<void> {
    return this.#opened(async () => {
      const enumerator = await build({ cursor: this.#cursor })
      await walk(this.#performance, enumerator, each, (encoded, cursor) =>
        this.#move(encoded, cursor),
      )
    })
  }

  /** One more item is done. True when the checkpoint must be settled. */
  #arriveAt(cursor: Cursor): boolean {
    const encoded = encodeCursor(cursor)
    // Before the cursor moves: an item that is refused here must not be passed over.
    this.#performance.requireReady()
    this.#move(encoded, cursor)
    return this.#performance.arrive(1)
  }

  /** Counts what has begun and is not done yet; refuses to begin anything once the step is over. */
  #begin(): void {
    this.#performance.latch.check()
    if (this.#over) {
      throw new InvalidStepError(`Step '${this.name}' is over; its cursor cannot be moved any more`)
    }
    this.#open += 1
  }

  async #opened(work: () => Promise<void>): Promise<void> {
    this.#begin()
    try {
      await work()
    } finally {
      this.#open -= 1
    }
  }

  #move(encoded: string, cursor: Cursor): void {
    this.#encoded = encoded
    // An object could be changed in place by its owner; what is stored could not.
    this.#cursor = typeof cursor === 'object' ? decodeCursor(encoded) : cursor
    this.#performance.move(encoded)
  }
}

function successor(step: string, cursor: Cursor): Cursor {
  if (typeof cursor === 'bigint') return cursor + 1n
  if (typeof cursor === 'number' && Number.isSafeInteger(cursor + 1) && Number.isInteger(cursor))
    return cursor + 1
  throw new UnadvanceableCursorError(step, cursor)
}
