import { enumerator, type Enumerator, type Pair } from './enumerator.ts'
import type { KeyCursor } from './keys.ts'
import { Keyset, type KeysetOptions, type RecordQuery, requireCount } from './keyset.ts'

export interface BatchOptions extends KeysetOptions {
  /** Rows in a batch; the last one may have fewer. May change while a run is under way. @default 100 */
  batchSize?: number
  /**
   * The unit of the run's progress and of `interrupt.afterItems`. With `'rows'` a batch counts as the rows
   * in it; it is still handled as one. @default 'batches'
   */
  count?: 'batches' | 'rows'
}

/**
 * Walks rows of D1 in batches: each item is an array of rows in key order. Cursor: the key of the
 * batch's last row. Size: the number of batches, as a batch is one item to the engine, and a finished
 * run shows 10 of 10; with `count: 'rows'` the number of rows. Throws as `records` does.
 *
 * After job-iteration's `active_record_on_batches`, whose size is the number of records.
 */
export function batches<Row>(
  db: D1Database,
  query: RecordQuery<Row>,
  options: BatchOptions,
): Enumerator<readonly Row[], KeyCursor> {
  const keys = new Keyset('batches', db, query, options)
  const size = requireCount('batches', 'batchSize', options.batchSize ?? 100)
  return enumerator(
    async function* () {
      for await (const rows of keys.pages(size, 'at edges')) {
        const found = rows.map((row) => keys.keyOf(row))
        const last = found[Math.min(size, rows.length) - 1] as KeyCursor
        const next = found[size]
        if (next !== undefined) keys.requireDistinct(last, next)
        const batch = rows.slice(0, size)
        yield [counted(options, batch, last, batch.length)]
      }
    },
    async () => sizeOf(options, await keys.count(), size),
  )
}

/** A batch as an item: it counts as one, or as its rows. */
export function counted<Item>(
  { count }: BatchOptions,
  batch: Item,
  cursor: KeyCursor,
  rows: number,
): Pair<Item, KeyCursor> {
  return count === 'rows' ? [batch, cursor, rows] : [batch, cursor]
}

/** The size of a walk in batches, in what it counts. */
export function sizeOf({ count }: BatchOptions, rows: number, batchSize: number): number {
  return count === 'rows' ? rows : Math.ceil(rows / batchSize)
}
