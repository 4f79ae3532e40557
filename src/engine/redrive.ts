import { decodeCursor, type Cursor } from './cursor.ts'
import { entriesOf, Throttled, Unreadable, type Walk } from './enumerators/enumerator.ts'
import { itemIdentity } from './enumerators/nested-walk.ts'
import { DogearError } from './errors.ts'

/** Where a re-drive has come to among the skipped items: lane, seq and position of a skip. */
export type RedriveCursor = readonly [lane: number, seq: number, position: number]

/** An item to be handled again, with the cursor that its own walk gives it. */
export interface Redriven<Item, C extends Cursor> {
  cursor: C
  /** Where its own walk stood before it; encoded. */
  before: string | null
  /** Throws `item_gone` when the walk does not yield it any more. */
  take: () => Item
}

interface SkipRow {
  lane: number
  seq: number
  position: number
  cursor: string
  before_cursor: string | null
}

const PAGE = 100

/**
 * Walks just those items that another run of the job has skipped in one of its steps, in the order in
 * which it did, of the commits after `afterSeq` and up to `upToSeq`. `build` makes the job's own walk: built where it stood before an item, it yields it.
 */
export function redriven<Item, C extends Cursor>(
  db: D1Database,
  of: { run: string; step: string; afterSeq: number; upToSeq: number },
  cursor: Cursor | null,
  build: (cursor: Cursor | null) => Promise<Walk<Item, C> | null | undefined>,
): Walk<Redriven<Item, C>, RedriveCursor> {
  async function* items() {
    let after = (cursor ?? [0, of.afterSeq, Number.MAX_SAFE_INTEGER]) as RedriveCursor
    for (;;) {
      const { results } = await db
        .prepare(
          `SELECT lane, seq, position, cursor, before_cursor FROM skips
           WHERE run_id = ?1 AND step = ?2 AND (lane, seq, position) > (?3, ?4, ?5) AND seq <= ?6
           ORDER BY lane, seq, position LIMIT ${PAGE}`,
        )
        .bind(of.run, of.step, ...after, of.upToSeq)
        .all<SkipRow>()
      for (const row of results) {
        after = [row.lane, row.seq, row.position]
        const found = await find<Item, C>(row, build)
        yield found instanceof Throttled ? found : ([found, after] as const)
      }
      if (results.length < PAGE) return
    }
  }
  const size = async () =>
    db
      .prepare(
        `SELECT count(*) AS count FROM skips WHERE run_id = ?1 AND step = ?2 AND seq > ?3 AND seq <= ?4`,
      )
      .bind(of.run, of.step, of.afterSeq, of.upToSeq)
      .first<number>('count')
  return { size, [Symbol.asyncIterator]: items }
}

async function find<Item, C extends Cursor>(
  row: SkipRow,
  build: (cursor: Cursor | null) => Promise<Walk<Item, C> | null | undefined>,
): Promise<Redriven<Item, C> | Throttled> {
  const cursor = decodeCursor(row.cursor) as C
  const before = row.before_cursor === null ? null : decodeCursor(row.before_cursor)
  const built = await build(before)
  for await (const pair of built ? { [Symbol.asyncIterator]: () => entriesOf(built) } : []) {
    // Not passed over: whoever goes on at once is throttled again, and asks a busy API at full speed.
    if (pair instanceof Throttled) return pair
    if (pair instanceof Unreadable && itemIdentity(pair.cursor) === itemIdentity(cursor)) {
      const { error } = pair
      const take = () => {
        throw error
      }
      return { cursor, before: row.before_cursor, take }
    }
    if (!Array.isArray(pair)) continue
    const [item, found] = pair as readonly [Item, C]
    if (itemIdentity(found) === itemIdentity(cursor))
      return { cursor, before: row.before_cursor, take: () => item }
    break
  }
  return {
    cursor,
    before: row.before_cursor,
    take: () => {
      throw new DogearError(
        'item_gone',
        `The walk does not yield the skipped item at cursor ${row.cursor} any more; expected it after ${row.before_cursor ?? 'the start'}`,
      )
    },
  }
}
