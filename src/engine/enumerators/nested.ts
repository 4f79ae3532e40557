import { type Cursor, encodeCursor } from '../cursor.ts'
import { describeValue, DogearError } from '../errors.ts'
import { enumerator, type Enumerator } from './enumerator.ts'
import { type Level, type LevelPosition, type NestedCursor, walkLevels } from './nested-walk.ts'

type Nested<Item> = Enumerator<Item, NestedCursor>

/**
 * Walks collections within collections: for each item of a level the whole next level, which is built
 * for it. Yields the innermost items. Cursor: an array with an entry per level; of an outer level
 * `{ after, at }`, the cursors of its previous and its current item, of the innermost the last item's.
 * Size: null.
 *
 *     enumerators.nested([
 *       (at) => enumerators.records(env.DB, customers, at),
 *       (at, customer) => enumerators.records(env.DB, ordersOf(customer), at),
 *     ], { cursor })
 *
 * A resumed walk enters each outer level after the previous item, and goes on inside the item whose
 * cursor is `at`, and inside no other. If one was inserted before it, that one is walked whole, and
 * then `at` from where it was left; if `at` is gone, its place is remembered (the last 8 are) in case
 * it comes back, and the next item is walked whole. An item whose inner level is empty offers a stop.
 *
 * Throws `invalid_enumerator` for a level that is no function, and for an outer item whose cursor is
 * null, which names nothing; `invalid_cursor` for a cursor of other levels than these.
 *
 * After job-iteration's `nested`, which stores no current outer item and so applies the inner cursor to
 * whatever item comes first (its issues 614 and 615).
 */
export function nested<A>(levels: readonly [Level<[], A>], position: LevelPosition): Nested<A>
export function nested<A, B>(
  levels: readonly [Level<[], A>, Level<[A], B>],
  position: LevelPosition,
): Nested<B>
export function nested<A, B, C>(
  levels: readonly [Level<[], A>, Level<[A], B>, Level<[A, B], C>],
  position: LevelPosition,
): Nested<C>
export function nested<A, B, C, D>(
  levels: readonly [Level<[], A>, Level<[A], B>, Level<[A, B], C>, Level<[A, B, C], D>],
  position: LevelPosition,
): Nested<D>
/** Deeper ones: name the items' types yourself. */
export function nested<Item = unknown>(
  levels: readonly Level<never[], unknown>[],
  position: LevelPosition,
): Nested<Item>
export function nested(
  levels: readonly Level<never[], unknown>[],
  { cursor }: LevelPosition,
): Nested<unknown> {
  requireLevels(levels)
  const start = cursor === null ? null : requireCursors(cursor, levels.length)
  return enumerator(
    () => walkLevels(levels, [], start),
    async () => null,
  )
}

function requireLevels(levels: readonly unknown[]): void {
  const empty = !Array.isArray(levels) || levels.length === 0
  const wrong = empty ? -1 : levels.findIndex((level) => typeof level !== 'function')
  if (!empty && wrong < 0) return
  const found = empty ? 'no levels' : `${describeValue(levels[wrong])} as level ${wrong + 1}`
  throw new DogearError(
    'invalid_enumerator',
    `enumerators.nested got ${found}; expected functions that each build an enumerator`,
  )
}

function requireCursors(cursor: Cursor, levels: number): NestedCursor {
  const outer = Array.isArray(cursor) && cursor.length === levels ? cursor.slice(0, -1) : [null]
  const usable = outer.every(
    (entry) => entry === null || (typeof entry === 'object' && 'after' in entry),
  )
  if (usable && Array.isArray(cursor) && cursor.length === levels) return cursor
  throw new DogearError(
    'invalid_cursor',
    `enumerators.nested got cursor ${encodeCursor(cursor)}; expected null or an array as it came beside an item, with one entry for each of the ${levels} levels`,
  )
}
