import type { Cursor } from '../cursor.ts'
import { enumerator, type Enumerator, type Pair, type Unreadable } from './enumerator.ts'

/** Records that are at hand together, those that cannot be read among them. */
export type RecordPage<Item, C extends Cursor> = Iterable<Pair<Item, C> | Unreadable<C>>

/**
 * An enumerator over the records of a file. The engine's loop meets a record that cannot be read as an
 * item that failed; a loop by hand gets its error thrown.
 */
export function recordEnumerator<Item, C extends Cursor>(
  pages: () => AsyncIterable<RecordPage<Item, C>>,
): Enumerator<Item, C> {
  return enumerator(pages, async () => null)
}
