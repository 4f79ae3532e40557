import type { Cursor } from '../cursor.ts'
import { describeValue, DogearError } from '../errors.ts'
import { enumerator, type Enumerator, type Page } from './enumerator.ts'
import { indexAfter } from './array.ts'

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
  const first = indexAfter('times', cursor)
  return enumerator(
    async function* () {
      yield numbers(first, count)
    },
    async () => count,
  )
}

function* numbers(first: number, count: number): Page<number, number> {
  for (let number = first; number < count; number++) yield [number, number]
}

/** One iteration, for a job that has nothing to walk. Item and cursor are 0. After job-iteration's `once`. */
export function once({ cursor }: { cursor: Cursor | null }): Enumerator<number, number> {
  return times(1, { cursor })
}
