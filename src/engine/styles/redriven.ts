import { decodeCursor, type Cursor } from '../cursor.ts'
import { Throttled, type Walk } from '../enumerators/enumerator.ts'
import { DogearError } from '../errors.ts'
import {
  countSkips,
  type SkipRange,
  skipsToRedrive,
  type SkipToRedrive,
} from '../store/d1/skip-queries.ts'
import { search, type Build } from './redrive-search.ts'

/** The place of a re-drive among the skipped items: lane, seq and position of a skip. */
export type RedriveCursor = readonly [lane: number, seq: number, position: number]

/** An item to be handled again, with the cursor that its own walk gives it. */
export interface Redriven<Item, C extends Cursor> {
  cursor: C
  /** The cursor of its own walk before it; encoded. */
  before: string | null
  /** The mark by which it is known again where its cursor names a place. */
  mark: string | null
  /** Throws `item_gone` when the walk does not yield it any more. */
  take: () => Item
}

const PAGE = 100

/**
 * Walks just those items that another run of the job has skipped in one of its steps, in the order in
 * which it did, of the commits after `afterSeq` and up to `upToSeq`. `build` makes the job's own walk:
 * built where it stood before an item, it yields it, after those that have come in before it since.
 */
export function redriven<Item, C extends Cursor>(
  db: D1Database,
  of: SkipRange,
  cursor: Cursor | null,
  build: Build<Item, C>,
): Walk<Redriven<Item, C>, RedriveCursor> {
  async function* items() {
    let after = (cursor ?? [0, of.afterSeq, Number.MAX_SAFE_INTEGER]) as RedriveCursor
    for (;;) {
      const rows = await skipsToRedrive(db, of, after, PAGE)
      for (const row of rows) {
        after = [row.lane, row.seq, row.position]
        const found = await find<Item, C>(row, build)
        yield found instanceof Throttled ? found : ([found, after] as const)
      }
      if (rows.length < PAGE) return
    }
  }
  const size = () => countSkips(db, of)
  return { size, [Symbol.asyncIterator]: items }
}

/** The item that a re-drive handles for a skip; a walk that throttles makes the re-drive stand still. */
async function find<Item, C extends Cursor>(
  row: SkipToRedrive,
  build: Build<Item, C>,
): Promise<Redriven<Item, C> | Throttled> {
  const found = await search(row, build)
  // Not passed over: whoever goes on at once is throttled again, and asks a busy API at full speed.
  if (found instanceof Throttled) return found
  return {
    cursor: decodeCursor(row.cursor) as C,
    before: row.before,
    mark: row.item,
    take: () => {
      if (found && 'item' in found) return found.item
      throw found?.error ?? gone(row)
    },
  }
}

function gone({ cursor, before }: SkipToRedrive): DogearError {
  return new DogearError(
    'item_gone',
    `The walk does not yield the skipped item at cursor ${cursor} any more; expected it after ${before ?? 'the start'}`,
  )
}
