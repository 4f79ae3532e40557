import type { Cursor } from '../cursor.ts'
import { MAX_DURATION_MS } from '../durations.ts'
import { describeValue, DogearError } from '../errors.ts'
import { ItemByItem } from './item-by-item.ts'

/** An item, the cursor that says it is done, and how many items it counts as: 1 unless it says more. */
export type Pair<Item, C extends Cursor> = readonly [item: Item, cursor: C, counts?: number]

/** Items that are at hand together, each with its cursor. */
export type Page<Item, C extends Cursor> = Iterable<Pair<Item, C>>

/**
 * Yielded in place of a pair: offers a stop where there is no item. A walk that filters much, or meets
 * many empty collections in a row, ticks between them; with a cursor it also moves on.
 */
export class Tick<C extends Cursor = Cursor> {
  readonly cursor: C | undefined

  constructor(cursor?: C) {
    this.cursor = cursor
  }
}

/**
 * Yielded in place of a pair: the run stands still, then the walk is built again at its cursor. For so
 * many milliseconds; without a number, or with 0, for a second, and longer each time until there is
 * progress. `why` stands in the run's events. Throws `invalid_enumerator` for what is no such number.
 */
export class Throttled {
  readonly waitMs: number | undefined
  // Not a part of what it is: two that wait for the same time are equal.
  readonly #why: string | undefined

  constructor(waitMs?: number, why?: string) {
    if (waitMs !== undefined) requireWait(waitMs)
    // Never less than was asked for.
    this.waitMs = waitMs === undefined ? undefined : Math.ceil(waitMs)
    this.#why = why
  }

  /** The reason of the wait, for people. */
  get why(): string | undefined {
    return this.#why
  }
}

function requireWait(waitMs: unknown): void {
  if (typeof waitMs === 'number' && waitMs >= 0 && waitMs <= MAX_DURATION_MS) return
  throw new DogearError(
    'invalid_enumerator',
    `Throttled got ${describeValue(waitMs)}; expected milliseconds from 0 up, 10 years at most`,
  )
}

/**
 * Yielded in place of a pair: an item that cannot be read, while what comes after it can. It counts as
 * an item that failed with this error: skipped where the job's `skip` tolerates it, else the run fails
 * with it. The cursor is the one that would stand beside the item. A walk that cannot go on after what
 * it has met throws instead.
 */
export class Unreadable<C extends Cursor = Cursor> {
  readonly cursor: C
  readonly error: Error

  constructor(cursor: C, error: Error) {
    this.cursor = cursor
    this.error = error
  }
}

/** Values that a walk may yield. */
export type Entry<Item, C extends Cursor = Cursor> =
  | Pair<Item, C>
  | Tick<C>
  | Throttled
  | Unreadable<C>

/** Tells an item from a mark. Throws `invalid_enumerator` for what is neither. */
export function isPair<Item, C extends Cursor>(entry: Entry<Item, C>): entry is Pair<Item, C> {
  if (Array.isArray(entry) && (entry.length === 2 || entry.length === 3)) return true
  if (entry instanceof Tick || entry instanceof Throttled || entry instanceof Unreadable)
    return false
  throw new DogearError(
    'invalid_enumerator',
    `An enumerator yielded ${describeValue(entry)}; expected a pair [item, cursor]`,
  )
}

/** The same item, counting as before, under the cursor that an outer walk gives it. */
export function underCursor<Item, C extends Cursor>(
  [item, , counts]: Pair<Item, Cursor>,
  cursor: C,
): Pair<Item, C> {
  return counts === undefined ? [item, cursor] : [item, cursor, counts]
}

/**
 * How a walk is cut, so that its parts can be walked at the same time. `times`, `array`, `records`, `batches` and
 * `batchRanges` have parts, and what `throttle` makes of a walk that has some.
 */
export interface Parts<Item, C extends Cursor> {
  /**
   * At most `count - 1` cursors, in the order of the walk, that cut what is left of it into up to `count`
   * parts of about the same size. A part ends with the item of its cursor, the next one begins after it,
   * and the last one has no end. Fewer cursors, or none, where there are fewer items.
   */
  cut(count: number): Promise<C[]>
  /** The same walk, which ends with the item of that cursor: none beyond it is met, not even one that comes in later. */
  until(last: C): Enumerator<Item, C>
}

/** Anything the engine can walk: an enumerator, or one that also yields `Tick`, `Throttled` and `Unreadable`. */
export interface Walk<Item, C extends Cursor = Cursor> extends AsyncIterable<Entry<Item, C>> {
  /** Items of the whole walk, from its very start; null when unknown. Asked once per run; again while nothing is done. */
  size?(): Promise<number | null>
  /** The same walk page by page: the engine's own loop then waits once per page, not once per item. */
  pages?(): AsyncIterable<Iterable<Entry<Item, C>>>
  /** Each of its pages is one item. */
  readonly single?: true
  /** How it is cut; not there when it can only be walked from one end to the other. */
  readonly parts?: Parts<Item, C>
}

/**
 * A walk over items that can start anywhere: from a cursor to an async sequence of `[item, cursor]`.
 * The cursor beside an item means "this item is done"; a resumed walk starts after it (job-iteration's
 * convention). Any async generator of such pairs is an enumerator.
 *
 * A `for await` over one of the engine's sees items alone: ticks are passed over, what cannot be read is
 * thrown, and where the walk is throttled the slice stops at its last checkpoint. Only enumerators of a
 * job's context can do that; others throw `invalid_enumerator` then.
 */
export interface Enumerator<Item, C extends Cursor = Cursor> extends AsyncIterable<Pair<Item, C>> {
  size?(): Promise<number | null>
  /** For the engine's own loop: page by page, with `Tick`, `Throttled` and `Unreadable` among the items. */
  pages?(): AsyncIterable<Iterable<Entry<Item, C>>>
  /** Each of its pages is one item. */
  readonly single?: true
  /** How it is cut; not there when it can only be walked from one end to the other. */
  readonly parts?: Parts<Item, C>
}

/** The parts of a walk that is within another one, each put into such another one by `wrap`. */
export function wrappedParts<Item, C extends Cursor>(
  { parts }: Walk<Item, C>,
  wrap: (part: Enumerator<Item, C>) => Enumerator<Item, C>,
): { parts?: Parts<Item, C> } {
  if (!parts) return {}
  return {
    parts: { cut: (count) => parts.cut(count), until: (last) => wrap(parts.until(last)) },
  }
}

/** Lets the run stand still in a loop that is not the engine's. */
export type StandStill = (mark: Throttled) => Promise<never>

/** An enumerator that gets its items in pages and knows its size. */
export function enumerator<Item, C extends Cursor>(
  pages: () => AsyncIterable<Iterable<Entry<Item, C>>>,
  size: () => Promise<number | null>,
): Enumerator<Item, C> {
  return { pages, size, [Symbol.asyncIterator]: () => pairsByHand(pages(), refuseToStand) }
}

/** Items of pages as a `for await` sees them. */
export function pairsByHand<Item, C extends Cursor>(
  pages: AsyncIterable<Iterable<Entry<Item, C>>>,
  standStill: StandStill,
): AsyncIterator<Pair<Item, C>> {
  return new ItemByItem(pages, async (entry) => {
    if (entry instanceof Unreadable) throw entry.error
    if (entry instanceof Throttled) await standStill(entry)
    isPair(entry)
  }) as AsyncIterator<Pair<Item, C>>
}

async function refuseToStand(): Promise<never> {
  throw new DogearError(
    'invalid_enumerator',
    `A walk is to stand still, in a loop that cannot; expected it to be walked by the engine: use step.iterate, or the enumerators of the job's context`,
  )
}

/** Refuses what cannot be walked, an array say; `name` is the enumerator that was given it. */
export function requireWalk<W>(name: string, walk: W): W {
  if (typeof walk === 'object' && walk !== null && Symbol.asyncIterator in walk) return walk
  throw new DogearError(
    'invalid_enumerator',
    `enumerators.${name} got ${describeValue(walk)}; expected an enumerator`,
  )
}

/** The pages of any walk; one that has none gives pages of one item. */
export function pagesOf<Item, C extends Cursor>(
  walk: Walk<Item, C>,
): AsyncIterable<Iterable<Entry<Item, C>>> {
  return walk.pages?.() ?? singly(walk)
}

/** The entries of any walk one by one, each fetched when it is asked for. */
export function entriesOf<Item, C extends Cursor>(
  walk: Walk<Item, C>,
): AsyncIterator<Entry<Item, C>> {
  return walk.pages ? new ItemByItem(walk.pages()) : walk[Symbol.asyncIterator]()
}

async function* singly<T>(items: AsyncIterable<T>): AsyncGenerator<readonly [T]> {
  for await (const item of items) yield [item]
}
