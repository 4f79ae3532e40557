import type { Cursor } from '../cursor.ts'
import { describeValue, DogearError } from '../errors.ts'
import { enumerator, type Enumerator, type Page } from './enumerator.ts'
import { indexAfter, indexParts, type Indices } from './index-parts.ts'

/** Counts from 0 to `count - 1`. Cursor: the last number done; size: `count`. After job-iteration's `times`. */
export function times(
  count: number,
  { cursor }: { cursor: Cursor | null },
): Enumerator<number, number> {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new DogearError(
      'invalid_enumerator',
      `enumerators.times got ${describeValue(count)}; expected a whole number from 0 up`,
    )
  }
  return walkOver(count, { first: indexAfter('times', cursor), end: count })
}

function walkOver(count: number, indices: Indices): Enumerator<number, number> {
  return {
    ...enumerator(
      async function* () {
        yield numbers(indices)
      },
      async () => count,
    ),
    parts: indexParts('times', indices, (some) => walkOver(count, some)),
  }
}

function* numbers({ first, end }: Indices): Page<number, number> {
  for (let number = first; number < end; number++) yield [number, number]
}

/** One iteration, for a job that has nothing to walk. Item and cursor are 0. After job-iteration's `once`. */
export function once({ cursor }: { cursor: Cursor | null }): Enumerator<number, number> {
  return times(1, { cursor })
}
