import { enumerator, type Enumerator, type Pair } from './enumerator.ts'
import { keyParts } from './key-parts.ts'
import type { KeyCursor } from './keys.ts'
import { Keyset, requireCount, type RowPage } from './keyset.ts'
import { PageSize } from './page-size.ts'
import type { KeysetOptions, RecordQuery } from './record-query.ts'

const DEFAULT_BATCH = 100

export interface BatchOptions extends KeysetOptions {
  /**
   * Rows in a batch; the last one may have fewer. Several batches are read at once while the walk has to wait
   * for them. May change while a run is under way. @default 100
   */
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
  const size = requireCount('enumerators.batches', 'batchSize', options.batchSize ?? DEFAULT_BATCH)
  const walk = (some: Keyset<Row>): Enumerator<readonly Row[], KeyCursor> => ({
    ...enumerator(
      async function* () {
        const pageSize = new PageSize(size, { unit: size, grows: true })
        for await (const page of some.pages(pageSize, size)) yield* batchesOf(some, page, options)
      },
      async () => sizeOf(options, await some.count(), size),
    ),
    parts: keyParts(some, walk, size),
  })
  return walk(keys)
}

/** Each batch of a page as a page of its own. */
function* batchesOf<Row>(
  keys: Keyset<Row>,
  { rows, size }: RowPage<Row>,
  options: BatchOptions,
): Generator<readonly Pair<readonly Row[], KeyCursor>[]> {
  const batchSize = options.batchSize ?? DEFAULT_BATCH
  for (let start = 0; start < Math.min(size, rows.length); start += batchSize) {
    const batch = rows.slice(start, Math.min(start + batchSize, size))
    const found = batch.map((row) => keys.keyOf(row))
    const last = found.at(-1) as KeyCursor
    const following = rows[start + batchSize]
    if (following !== undefined) keys.requireDistinct(last, keys.keyOf(following))
    yield [counted(options, batch, last, batch.length)]
  }
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
