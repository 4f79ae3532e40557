import type { Cursor } from '../cursor.ts'
import { DogearError, describeValue } from '../errors.ts'
import { enumerator, type Enumerator } from './enumerator.ts'

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
  if (cursor !== null && !Number.isSafeInteger(cursor)) {
    throw new DogearError(
      'invalid_cursor',
      `enumerators.array got cursor ${describeValue(cursor)}; expected an index or null`,
    )
  }
  const first = cursor === null ? 0 : (cursor as number) + 1
  return enumerator(
    async function* () {
      for (let index = first; index < items.length; index++) {
        yield [items[index] as Item, index] as const
      }
    },
    async () => items.length,
  )
}
