import { decodeCursor, encodeCursor, type Cursor } from './cursor.ts'
import { pagesOf, Throttled, Tick, type Pair, type Walk } from './enumerators/enumerator.ts'
import { describeValue, DogearError } from './errors.ts'
import type { IterationDefinition } from './job.ts'
import type { Performance } from './performance.ts'

/** What an iteration's cursor is kept under in the checkpoint; its API shows no step. */
export const ITERATION_STEP = 'iteration'

/** An item as its handler sees it: one object per walk, moved from item to item. */
class Position<C extends Cursor> {
  readonly #performance: Performance
  encoded = ''
  cursor!: C

  constructor(performance: Performance) {
    this.#performance = performance
  }

  get idempotencyKey(): string {
    return this.#performance.idempotencyKey(this.encoded)
  }
}

/**
 * The loop that the engine owns: each item handled, cursor moved, checkpoint. A walk makes progress by
 * at least one item per slice, because it is stopped after items only (job-iteration's rule).
 */
export async function walk<Item, C extends Cursor>(
  performance: Performance,
  enumerator: Walk<Item, C>,
  each: (item: Item, position: Position<C>) => void | Promise<void>,
  move: (encoded: string, cursor: C) => void,
): Promise<void> {
  requireEnumerator(enumerator)
  const position = new Position<C>(performance)
  for await (const page of pagesOf(enumerator)) {
    for (const pair of page) {
      performance.latch.check()
      if (pair instanceof Throttled) await performance.standStill(pair.waitMs)
      if (pair instanceof Tick) {
        await tick(performance, pair, move)
        continue
      }
      requirePair(pair)
      const [item, cursor] = pair as Pair<Item, C>
      const encoded = encodeCursor(cursor)
      if (performance.reached(encoded)) await performance.stopBefore()
      position.cursor = cursor
      position.encoded = encoded
      const handled = each(item, position)
      if (handled !== undefined) await handled
      move(encoded, cursor)
      if (performance.arrive(1)) await performance.settle()
    }
  }
}

/** No item was handled: the budget may stop here only when the slice has already got somewhere. */
async function tick<C extends Cursor>(
  performance: Performance,
  { cursor }: Tick<C>,
  move: (encoded: string, cursor: C) => void,
): Promise<void> {
  if (cursor !== undefined) move(encodeCursor(cursor), cursor)
  if (cursor === undefined && performance.tools.budget.items === 0) return
  if (performance.arrive(0)) await performance.settle()
}

/** Performs a job written as an iteration. */
export async function performIteration<Schema, Item, C extends Cursor>(
  definition: IterationDefinition<Schema, Item, C>,
  performance: Performance,
): Promise<void> {
  type Context = Parameters<IterationDefinition<Schema, Item, C>['buildEnumerator']>[0]
  const context = performance.context as Context
  const start = performance.current?.cursor ?? null
  const cursor = start === null ? null : decodeCursor(start)
  const enumerator = await definition.buildEnumerator({ ...context, cursor })
  if (enumerator === null || enumerator === undefined) return
  requireEnumerator(enumerator)
  performance.beginIterating()

  if (!performance.started) {
    const total = await enumerator.size?.()
    if (typeof total === 'number') performance.expectTotal(total)
    await definition.onStart?.(context)
    await performance.completeStart()
  }
  performance.enter(ITERATION_STEP, start)
  let position: Position<C>
  const itemContext = {
    ...context,
    get cursor() {
      return position.cursor
    },
    get idempotencyKey() {
      return position.idempotencyKey
    },
  }
  await walk(
    performance,
    enumerator,
    (item, at) => {
      position = at
      return definition.eachIteration(item, itemContext)
    },
    (encoded) => performance.move(encoded),
  )
  await performance.commit()
}

function requirePair(pair: unknown): void {
  if (Array.isArray(pair) && pair.length === 2) return
  throw new DogearError(
    'invalid_enumerator',
    `The enumerator yielded ${describeValue(pair)}; expected a pair [item, cursor]`,
  )
}

function requireEnumerator(value: unknown): void {
  const walkable = typeof value === 'object' && value !== null && Symbol.asyncIterator in value
  if (!walkable) {
    throw new DogearError(
      'invalid_enumerator',
      `buildEnumerator returned ${describeValue(value)}; expected an enumerator: an async iterable of [item, cursor]`,
    )
  }
}
