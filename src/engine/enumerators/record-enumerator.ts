import type { Cursor } from '../cursor.ts'
import { ItemByItem, Unreadable, type Enumerator, type Pair } from './enumerator.ts'

/** Records that are at hand together, those that cannot be read among them. */
export type RecordPage<Item, C extends Cursor> = Iterable<Pair<Item, C> | Unreadable<C>>

/**
 * An enumerator over the records of a file. The engine's loop meets a record that cannot be read as an
 * item that failed; whoever walks by hand gets its error thrown.
 */
export function recordEnumerator<Item, C extends Cursor>(
  pages: () => AsyncIterable<RecordPage<Item, C>>,
): Enumerator<Item, C> {
  return {
    pages,
    size: async () => null,
    [Symbol.asyncIterator]: () => new ItemByItem(readable(pages())),
  }
}

async function* readable<Item, C extends Cursor>(
  pages: AsyncIterable<RecordPage<Item, C>>,
): AsyncGenerator<Iterable<Pair<Item, C>>> {
  for await (const page of pages) yield readableOf(page)
}

function* readableOf<Item, C extends Cursor>(page: RecordPage<Item, C>): Generator<Pair<Item, C>> {
  for (const entry of page) {
    if (entry instanceof Unreadable) throw entry.error
    yield entry
  }
}
