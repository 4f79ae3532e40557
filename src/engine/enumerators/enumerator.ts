import type { Cursor } from '../cursor.ts'

/**
 * A walk over items that can start anywhere: from a cursor to an async sequence of `[item, cursor]`.
 * The cursor beside an item means "this item is done"; a resumed walk starts after it (job-iteration's
 * convention). Any async generator of such pairs is an enumerator.
 */
export interface Enumerator<Item, C extends Cursor = Cursor> extends AsyncIterable<
  readonly [item: Item, cursor: C]
> {
  /** How many items the whole walk has, from its very start; null when unknown. Asked once per run. */
  size?(): Promise<number | null>
}

/** An enumerator that knows its size. */
export function enumerator<Item, C extends Cursor>(
  walk: () => AsyncIterator<readonly [Item, C]>,
  size: () => Promise<number | null>,
): Enumerator<Item, C> {
  return { [Symbol.asyncIterator]: walk, size }
}
