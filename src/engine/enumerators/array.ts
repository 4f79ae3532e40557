import type { Cursor } from '../cursor.ts'
import { DogearError, describeValue } from '../errors.ts'
import { enumerator, type Enumerator, type Page } from './enumerator.ts'

/**
 * Walks an array that is the same on every resumption. Cursor: the index of the last item done
 * (job-iteration's `array`); size: the whole array, also after a resume.
 */
export function array<Item>(
  items: readonly Item[],
  { cursor }: { cursor: Cursor | null },
): Enumerator<Item, number> {
  if (!Array.isArray(items)) {
    throw new DogearError(
      'invalid_enumerator',
      `enumerators.array got ${describeValue(items)}; expected an array`,
    )
  }
  const first = indexAfter('array', cursor)
  return enumerator(
    async function* () {
      yield fromIndex(items, first)
    },
    async () => items.length,
  )
}

function* fromIndex<Item>(items: readonly Item[], first: number): Page<Item, number> {
  for (let index = first; index < items.length; index++) yield [items[index] as Item, index]
}

/** The index to go on with after a cursor that is the last index done. */
export function indexAfter(name: string, cursor: Cursor | null): number {
  if (cursor === null) return 0
  if (typeof cursor === 'number' && Number.isSafeInteger(cursor) && cursor >= 0) return cursor + 1
  throw new DogearError(
    'invalid_cursor',
    `enumerators.${name} got cursor ${describeValue(cursor)}; expected an index or null`,
  )
}
