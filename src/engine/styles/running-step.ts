import { type Cursor, decodeCursor, displayCursor, encodeCursor } from '../cursor.ts'
import type { Walk } from '../enumerators/enumerator.ts'
import { DogearError, ensureError, InvalidStepError, UnadvanceableCursorError } from '../errors.ts'
import { handlerProblem } from '../job/job-functions.ts'
import { concurrencyProblem } from '../job/job-settings.ts'
import type { ItemPosition, Step, StepFunction, WalkOptions } from '../job/step.ts'
import type { Pass } from '../pass/pass.ts'
import { callerScope, Scope, within } from '../pass/scope.ts'
import { askedInterrupt, type InterruptOptions } from '../policies/resume-policy.ts'
import type { Continuation } from '../steps/continuation.ts'
import { resultKey } from '../steps/result-key.ts'
import { Awaited } from './awaited.ts'
import { walkWith } from './concurrent-walk.ts'
import { expectSize, requireEnumerator, type Walking } from './walking.ts'

export type Block = (step: Step) => unknown

/** The surroundings of steps: a level, and the names of the steps around it. */
export interface StepScope {
  pass: Pass
  /** Looked up again at each use: the level inside a step changes with its cursor. */
  level: () => Continuation
  outer: readonly string[]
}

/** Options of a running step. */
interface Way {
  resumed: boolean
  counts: boolean
  /** Makes the `step` function of a scope: that of the steps within. */
  stepIn: (scope: StepScope) => StepFunction
}

/** A step while its block runs. */
export class RunningStep implements Step {
  readonly name: string
  readonly resumed: boolean
  /** Steps within this one, for the item at its cursor: skipped, resumed and checked like any other. */
  readonly step: StepFunction
  readonly #pass: Pass
  readonly #level: Continuation
  readonly #outer: readonly string[]
  readonly #key: string
  /** The beginning of the keys of steps within this one. */
  readonly #innerKey: string
  readonly #entered: string | null
  readonly #counts: boolean
  /** The promise of a checkpoint that has nothing to wait for: one for all of them. */
  readonly #passed: Promise<void>
  #encoded: string | null
  #cursor: Cursor
  #open = 0
  /** Somebody waits, or has waited, for the last checkpoint. */
  #awaited = true
  #over = false
  /** It walks with several items at work at once. */
  #concurrent = false

  constructor(
    { pass, outer }: StepScope,
    level: Continuation,
    name: string,
    cursor: string | null,
    { resumed, counts, stepIn }: Way,
  ) {
    this.#pass = pass
    this.#level = level
    this.#outer = outer
    this.#key = resultKey([...outer, name])
    this.#innerKey = resultKey([...outer, name, ''])
    this.step = stepIn({
      pass,
      level: () => {
        this.#requireUnderWay('a step within it cannot run any more')
        if (this.#concurrent) throw new InvalidStepError(NO_STEPS_WITHIN)
        return level.inner
      },
      outer: [...outer, name],
    })
    this.name = name
    this.resumed = resumed
    this.#counts = counts
    this.#entered = cursor
    this.#encoded = cursor
    this.#cursor = cursor === null ? null : decodeCursor(cursor)
    this.#passed = this.#watched(Promise.resolve())
  }

  get cursor(): Cursor {
    return this.#cursor
  }

  get advanced(): boolean {
    return this.#encoded !== this.#entered
  }

  get idempotencyKey(): string {
    this.#requireUnderWay('its idempotency key belongs to nothing any more')
    return this.#pass.idempotencyKey(this.#encoded, this.#outer.length)
  }

  /** Runs the block; what it began must be done when it returns. */
  async run(block: Block): Promise<unknown> {
    const scope = new Scope(callerScope())
    try {
      const result = await this.#pass.nextRow.within(this, async () =>
        within(scope, () => block(this)),
      )
      const { latch } = this.#pass
      if (latch.told) return await latch.hold()
      if (this.#open > 0 || !this.#awaited) this.#breakUnawaited('returned before')
      return result
    } finally {
      scope.end()
      this.#over = true
    }
  }

  set(cursor: Cursor): Promise<void> {
    this.#pass.nextRow.forget()
    return this.#reach(SET, cursor)
  }

  advance(options?: { from: Cursor }): Promise<void> {
    this.#pass.nextRow.require(this, this.#encoded, this.#pass.latch)
    return this.#reach(ADVANCE, options ? options.from : this.#cursor)
  }

  checkpoint(): Promise<void> {
    return this.#reach(STAY, null)
  }

  interrupt(options: InterruptOptions = {}): Promise<void> {
    const { latch } = this.#pass
    if (latch.told) return latch.hold()
    return this.#opened(async () => {
      this.#begin()
      const asked = askedInterrupt(options)
      this.#pass.arrive(0)
      await this.#pass.settle({ asked })
    })
  }

  iterate<Item, I extends Cursor>(
    build: (position: { cursor: Cursor | null }) => Walk<Item, I> | Promise<Walk<Item, I>>,
    each: (item: Item, position: ItemPosition<I>) => void | Promise<void>,
    { concurrency = 1 }: WalkOptions = {},
  ): Promise<void> {
    const { latch } = this.#pass
    if (latch.told) return latch.hold()
    return this.#opened(async () => {
      this.#begin()
      requireHandler(each)
      requireConcurrency(concurrency)
      const enumerator = await build({ cursor: this.#cursor })
      this.#pass.nextRow.forget()
      requireEnumerator(enumerator)
      if (this.#mayTellTotal) await expectSize(this.#pass, enumerator)
      const { callers } = this.#pass
      const walking: Walking<Item, I> = {
        pass: this.#pass,
        level: this.#level,
        step: this.#key,
        depth: this.#outer.length,
        each: (item, attempt) => callers.handle(item, attempt, each),
        counts: this.#counts,
        ...(this.resumed && !this.advanced && { startedAt: this.#encoded }),
        move: (encoded, cursor) => this.#move(encoded, cursor),
      }
      this.#concurrent = concurrency > 1
      await callers.walk(() => walkWith(concurrency, enumerator, walking))
      this.#concurrent = false
    })
  }

  /**
   * Asked once per run: of the first walk that counts, unless the job has said what to expect; again as
   * long as nothing is done.
   */
  get #mayTellTotal(): boolean {
    const begins = !this.resumed || this.#encoded === null
    return this.#counts && this.#outer.length === 0 && begins && this.#pass.total === null
  }

  /** Tells the end of a step that did not complete: interrupted, or with an error. */
  tellEnd(thrown: unknown, startedAt: number): void {
    const { emit, clock, latch } = this.#pass
    const { signal } = latch
    const cursor = displayCursor(this.#encoded)
    const around = this.#outer.length > 0 && { within: this.#outer }
    const told = { step: this.name, ...around, cursor, durationMs: clock.now() - startedAt }
    if (signal?.kind === 'interrupt') emit('step.interrupted', told)
    else if (!signal || signal.kind === 'broken')
      emit('step.errored', { ...told, error: this.#pass.shown(ensureError(thrown)) })
  }

  /** A checkpoint. Runs once per item, so without a closure or a promise of its own when nothing is due. */
  #reach(next: (step: string, cursor: Cursor) => Cursor | undefined, given: Cursor): Promise<void> {
    const { latch } = this.#pass
    if (latch.told) return latch.hold()
    try {
      this.#begin()
      const cursor = next(this.name, given)
      const due = cursor === undefined ? this.#pass.arrive(0) : this.#arriveAt(cursor)
      if (!due) return this.#passed
      return this.#opened(() => this.#pass.settle())
    } catch (error) {
      latch.noteBroken(error)
      return this.#watched(Promise.reject(ensureError(error)))
    }
  }

  /** One more item is done, if the cursor moves. True when the checkpoint must be settled. */
  #arriveAt(cursor: Cursor): boolean {
    const encoded = encodeCursor(cursor)
    // Before the cursor moves: an item that is refused here must not be passed over.
    this.#pass.requireReady()
    const items = encoded === this.#encoded ? 0 : 1
    this.#move(encoded, cursor)
    return this.#pass.arrive(items, this.#counts)
  }

  /** Refuses to begin anything once the step is over, or while nobody waits for the last checkpoint. */
  #begin(): void {
    this.#requireUnderWay('its cursor cannot be moved any more')
    if (!this.#awaited) this.#breakUnawaited('reached a checkpoint before')
    this.#awaited = false
  }

  #breakUnawaited(what: string): never {
    return this.#pass.latch.break(
      new DogearError(
        'checkpoint_not_awaited',
        `Step '${this.name}' ${what} its own set, advance, checkpoint or iterate had; await each of them`,
      ),
    )
  }

  #watched<T>(promise: Promise<T>): Promise<T> {
    return Awaited.of(promise, () => {
      this.#awaited = true
    })
  }

  #requireUnderWay(problem: string): void {
    // Its item may have been passed over while it was under way.
    if (this.#over || this.#level.left)
      throw new InvalidStepError(`Step '${this.name}' is over; ${problem}`)
  }

  #opened<T>(work: () => Promise<T>): Promise<T> {
    this.#open += 1
    const opened = async () => {
      try {
        return await work()
      } catch (error) {
        this.#pass.latch.noteBroken(error)
        throw error
      } finally {
        this.#open -= 1
      }
    }
    return this.#watched(opened())
  }

  #move(encoded: string, cursor: Cursor): void {
    this.#encoded = encoded
    // An object could be changed in place by its owner; what is stored could not.
    this.#cursor = typeof cursor === 'object' ? decodeCursor(encoded) : cursor
    if (this.#level.hasInner) this.#pass.pending.forgetResults(this.#innerKey)
    this.#pass.move(this.#level, encoded)
  }
}

const NO_STEPS_WITHIN =
  'A step within an item of a walk with concurrency; expected none, since the steps within belong to one item at a time'

function requireConcurrency(concurrency: unknown): void {
  const problem = concurrencyProblem(concurrency)
  if (problem !== undefined) throw new InvalidStepError(`step.iterate: ${problem}`)
}

function requireHandler(each: unknown): void {
  const problem = handlerProblem(each)
  if (problem === undefined) return
  throw new InvalidStepError(`The handler of step.iterate is ${problem}`)
}

/** The cursor after a checkpoint; undefined: it stays. */
const SET = (_step: string, cursor: Cursor): Cursor => cursor
const ADVANCE = successor
const STAY = (): undefined => undefined

function successor(step: string, cursor: Cursor): Cursor {
  if (typeof cursor === 'bigint') return cursor + 1n
  if (typeof cursor === 'number' && Number.isSafeInteger(cursor + 1) && Number.isInteger(cursor))
    return cursor + 1
  throw new UnadvanceableCursorError(step, cursor)
}
