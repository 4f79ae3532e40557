import type { Cursor } from '../cursor.ts'
import type { Effects } from './effects.ts'
import type { Walk } from '../enumerators/enumerator.ts'
import type { InterruptOptions } from '../policies/resume-policy.ts'

/** A step as its block sees it. After Rails' `ActiveJob::Continuation::Step`. */
export interface Step<C extends Cursor = Cursor> {
  readonly name: string
  /** The place to go on at: the start value, or what was set last, also by an earlier slice. */
  readonly cursor: C
  /** This step was begun by an earlier slice. */
  readonly resumed: boolean
  /** The cursor differs from what it was when this slice entered the step. */
  readonly advanced: boolean
  /** The same for this cursor in every attempt: for effects outside D1. */
  readonly idempotencyKey: string
  /**
   * Runs a step within this step, for the item at its cursor. When the cursor moves on, the steps within
   * begin again for the next item; when the run is cut off, they resume where they were. In a walk
   * (`iterate`) they belong to the item by its cursor: if it is gone by then, the next one begins again. A
   * cursor that is moved by `set` or `advance` only says where to go on, so there they are resumed for
   * whatever the block finds at it: let it find the same item, or walk.
   */
  readonly step: StepFunction
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
   * A checkpoint where the run is interrupted and goes back to its queue, after a wait if given. The next
   * slice resumes this step at its cursor, and comes here again if that has not moved.
   */
  interrupt(options?: InterruptOptions): Promise<void>
  /**
   * Walks an enumerator inside this step, handling one item after the other, or several at once. The
   * step's cursor is the enumerator's while it does; a checkpoint follows each item.
   */
  iterate<Item, I extends Cursor>(
    build: (position: { cursor: Cursor | null }) => Walk<Item, I> | Promise<Walk<Item, I>>,
    each: (item: Item, position: ItemPosition<I>) => void | Promise<void>,
    options?: WalkOptions,
  ): Promise<void>
}

/** Options of a walk. */
export interface WalkOptions {
  /**
   * Items that are worked on at once, from 1 to 100: for those that wait for something else, HTTP say; a Worker
   * has six connections at a time. Each item has effects of its own, and is durable once those before it are
   * done. After a crash up to twice as many are done again. No steps within items. @default 1
   */
  concurrency?: number
}

/** An item of a walk, as its handler sees it beside the item. */
export interface ItemPosition<C extends Cursor> {
  readonly cursor: C
  /** The same for this item in every attempt: for effects outside D1. */
  readonly idempotencyKey: string
  /** Sends the run back to its queue once this item is done, for a wait if given. */
  readonly interrupt: (options?: InterruptOptions) => void
  /**
   * The item's own: they work until its handler settles. Those of `perform` do the same, where the Worker
   * has the flag `nodejs_compat` or `nodejs_als`, by which the engine can tell who calls.
   */
  readonly effects: Effects
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

/** Options of a step. */
export interface StepOptions<C extends Cursor> {
  /** The first cursor; a resumed step sees the one it had come to instead. */
  start?: C
  /**
   * Runs in a slice of its own: the slice is interrupted before it and after it, but for the first step
   * that a slice runs. After Rails' `isolated`.
   */
  isolated?: boolean
  /**
   * Counts its items as done in the run's progress, and for `--interrupt-after-items`. False for
   * a pass over what another step counts. @default true
   */
  counts?: boolean
}

export interface StepFunction {
  /**
   * Runs a step, or, when it was completed before, skips it and gives back what it returned then: what
   * a cursor can be, or nothing, else `invalid_result`. Throws `invalid_step` and `step_mismatch` when
   * a rule of steps is broken: see `Continuation`.
   */
  <R>(name: string, block: (step: Step) => R | Promise<R>): Promise<R>
  <R, C extends Cursor = Cursor>(
    name: string,
    options: StepOptions<C>,
    block: (step: Step<Widened<C>>) => R | Promise<R>,
  ): Promise<R>
  /**
   * A named function is a step of its own name; it gets the step, or nothing. The name is that of the
   * bundle: keep names when you minify, and declare the function above this call.
   */
  <R>(block: (step: Step) => R | Promise<R>): Promise<R>
  <R, C extends Cursor = Cursor>(
    block: (step: Step<Widened<C>>) => R | Promise<R>,
    options: StepOptions<C>,
  ): Promise<R>
}
