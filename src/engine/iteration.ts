import { decodeCursor, displayCursor, encodeCursor, type Cursor } from './cursor.ts'
import type { Walk } from './enumerators/enumerator.ts'
import type { IterationContext, IterationMethods, RunContext } from './job.ts'
import type { Performance } from './performance.ts'
import { redriven, type RedriveCursor, type Redriven } from './redrive.ts'
import { expectSize, Position, requireEnumerator, walk, type Walking } from './walk.ts'

/** What an iteration's cursor is kept under in the checkpoint; its API shows no step. */
export const ITERATION_STEP = 'iteration'

/** Ends an iteration from within an item; what has been done stands. After job-iteration's `throw :abort`. */
class Abort extends Error {
  override readonly name = 'Abort'
}

/** Performs a job written as an iteration. */
export async function performIteration<P, Item, C extends Cursor, A>(
  definition: IterationMethods<P, Item, C, A>,
  performance: Performance,
): Promise<void> {
  type Context = Parameters<IterationMethods<P, Item, C, A>['buildEnumerator']>[0]
  const { emit, clock, run } = performance.tools
  const start = performance.continuation.cursor
  const cursor = start === null ? null : decodeCursor(start)
  const context = { ...performance.context, cursor } as Context
  const shown = { cursor: displayCursor(start) }
  const build = async (from: Cursor | null) =>
    definition.buildEnumerator({ ...context, cursor: from })

  const builtAt = clock.now()
  // A re-drive builds the job's own walk once for each item.
  const own = run.redriveOf === null ? await build(cursor) : null
  emit('iteration.built', { ...shown, durationMs: clock.now() - builtAt })
  if (run.redriveOf === null && (own === null || own === undefined)) {
    emit('iteration.none', shown)
    return
  }
  if (own) requireEnumerator(own)
  const source =
    run.redriveOf !== null
      ? redriven(
          context.env.DB,
          { run: run.redriveOf, step: ITERATION_STEP, ...performance.tools.redrive },
          cursor,
          build,
        )
      : null
  performance.beginIterating()
  await begin(definition, performance, context, source ?? own)

  performance.enter(performance.continuation, ITERATION_STEP, start)
  const handler = new ItemHandler(definition, performance, context)
  const walking = {
    performance,
    level: performance.continuation,
    step: ITERATION_STEP,
    depth: 0,
    doneBefore: start,
    move: (encoded: string) => performance.move(performance.continuation, encoded),
    ...(definition.limit !== undefined && { limit: definition.limit }),
  }
  const met = source
    ? await walk(source, {
        ...walking,
        each: handler.again,
        origin: ({ cursor: itself, before, mark }: Redriven<Item, C>) => ({
          cursor: encodeCursor(itself),
          before,
          item: mark,
        }),
      } satisfies Walking<Redriven<Item, C>, RedriveCursor>)
    : await walk(own as Walk<Item, C>, { ...walking, each: handler.handle } satisfies Walking<
        Item,
        C
      >)
  // What an aborting item has added is written with the end: its cursor does not move.
  if (!performance.aborted) await performance.commit()
  const history = performance.tools.history()
  if (met === 0) emit('iteration.nothing_found', { ...shown, ...history })
  const at = { cursor: displayCursor(performance.continuation.cursor) }
  if (performance.aborted) emit('iteration.aborted', { ...at, ...performance.aborted })
  emit('iteration.completed', { ...at, ...history })
}

/** `onStart` once per run, whichever slice gets there first; `onResume` in each pass after it. */
async function begin<P, Item, C extends Cursor, A>(
  definition: IterationMethods<P, Item, C, A>,
  performance: Performance,
  context: Parameters<IterationMethods<P, Item, C, A>['buildEnumerator']>[0],
  enumerator: Pick<Walk<unknown>, 'size'> | null | undefined,
): Promise<void> {
  const { total } = performance.tools.lane.truth
  // Again as long as nothing is done: a walk that is throttled from the start is not counted then.
  const mayTell =
    !performance.started || (total === null && performance.continuation.cursor === null)
  if (enumerator && mayTell) await expectSize(performance, enumerator)
  if (performance.started) {
    await definition.onResume?.(context)
    return
  }
  await definition.onStart?.(context)
  await performance.completeStart()
}

/** Handles items by the author's methods, with one context object for all of them. */
class ItemHandler<P, Item, C extends Cursor, A> {
  readonly #definition: IterationMethods<P, Item, C, A>
  readonly #performance: Performance
  readonly #context: IterationContext<P, C, A>
  #position!: Position<C>

  constructor(
    definition: IterationMethods<P, Item, C, A>,
    performance: Performance,
    context: object,
  ) {
    this.#definition = definition
    this.#performance = performance
    const position = () => this.#position
    this.#context = {
      ...(context as RunContext<P, A>),
      get cursor() {
        return position().cursor
      },
      get idempotencyKey() {
        return position().idempotencyKey
      },
      interrupt: (options) => position().interrupt(options),
      abort: ({ complete = true } = {}) => {
        performance.aborted = { complete }
        throw new Abort('The iteration was aborted')
      },
    }
  }

  /** One method that every item goes through, so without a closure or a promise of its own. */
  readonly handle = (item: Item, position: Position<C>): void | Promise<void> => {
    this.#position = position
    if (this.#performance.tools.itemEvents) return this.#timed(item, position)
    return this.#around(item)
  }

  /** An item of a re-drive, under the cursor that its own walk gives it. */
  readonly again = (
    redrivenItem: Redriven<Item, C>,
    { interrupt }: Position<RedriveCursor>,
  ): void | Promise<void> => {
    const item = redrivenItem.take()
    const own = new Position<C>(this.#performance, 0)
    own.cursor = redrivenItem.cursor
    own.encoded = encodeCursor(redrivenItem.cursor)
    own.interrupt = interrupt
    return this.handle(item, own)
  }

  #around(item: Item): void | Promise<void> {
    const definition = this.#definition
    const context = this.#context
    if (!definition.aroundIterate) return definition.eachIteration(item, context)
    const next = async () => definition.eachIteration(item, context)
    return definition.aroundIterate(context, next, item)
  }

  async #timed(item: Item, { encoded }: Position<C>): Promise<void> {
    const { clock, emit } = this.#performance.tools
    const startedAt = clock.now()
    try {
      await this.#around(item)
    } finally {
      const durationMs = clock.now() - startedAt
      emit('iteration.item', { cursor: displayCursor(encoded), durationMs })
    }
  }
}
