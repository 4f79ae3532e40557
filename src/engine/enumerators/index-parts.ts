import type { Cursor } from '../cursor.ts'
import { describeValue, DogearError } from '../errors.ts'
import type { Enumerator, Parts } from './enumerator.ts'

/** Indices from one up to another, that one not included. */
export interface Indices {
  readonly first: number
  readonly end: number
}

/** The parts of a walk whose cursors are indices; `build` makes the same walk of some of them. */
export function indexParts<Item>(
  name: string,
  { first, end }: Indices,
  build: (indices: Indices) => Enumerator<Item, number>,
): Parts<Item, number> {
  return {
    async cut(count) {
      const items = Math.max(0, end - first)
      const parts = Math.max(1, Math.min(count, items))
      return Array.from(
        { length: parts - 1 },
        (_, index) => first + Math.floor(((index + 1) * items) / parts) - 1,
      )
    },
    until: (last) => build({ first, end: Math.min(end, requireIndex(name, last) + 1) }),
  }
}

/** The index to go on with after a cursor that is the last index done. */
export function indexAfter(name: string, cursor: Cursor | null): number {
  return cursor === null ? 0 : requireIndex(name, cursor) + 1
}

function requireIndex(name: string, cursor: Cursor): number {
  if (typeof cursor === 'number' && Number.isSafeInteger(cursor) && cursor >= 0) return cursor
  throw new DogearError(
    'invalid_cursor',
    `enumerators.${name} got cursor ${describeValue(cursor)}; expected an index or null`,
  )
}
