import type { Cursor } from '../cursor.ts'
import { DogearError, describeValue } from '../errors.ts'
import { enumerator, type Enumerator, type Page } from './enumerator.ts'
import { indexAfter, indexParts, type Indices } from './index-parts.ts'

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
  return walkOver(items, { first: indexAfter('array', cursor), end: items.length })
}

function walkOver<Item>(items: readonly Item[], indices: Indices): Enumerator<Item, number> {
  return {
    ...enumerator(
      async function* () {
        yield pairsAt(items, indices)
      },
      async () => items.length,
    ),
    parts: indexParts('array', indices, (some) => walkOver(items, some)),
  }
}

function* pairsAt<Item>(items: readonly Item[], { first, end }: Indices): Page<Item, number> {
  for (let index = first; index < end; index++) yield [items[index] as Item, index]
}
