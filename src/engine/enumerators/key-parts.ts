import type { Enumerator, Parts } from './enumerator.ts'
import { cutKeys } from './key-cuts.ts'
import type { Key, KeyCursor, KeyValue } from './keys.ts'
import type { Keyset } from './keyset.ts'

/** The parts of a walk by keys; `build` makes the walk over some of the rows, `unit` of which are one item. */
export function keyParts<Item, Row>(
  keys: Keyset<Row>,
  build: (some: Keyset<Row>) => Enumerator<Item, KeyCursor>,
  unit = 1,
): Parts<Item, KeyCursor> {
  return {
    cut: async (count) => (await cutKeys(keys, count, unit)).map(cursorOf),
    until: (last) => build(keys.until(last)),
  }
}

function cursorOf(key: Key): KeyCursor {
  // -0 equals 0, and is no cursor.
  const values = key.map((value) => (typeof value === 'number' ? value + 0 : value))
  return values.length === 1 ? (values[0] as KeyValue) : values
}
