import { enumerator, type Enumerator } from './enumerator.ts'
import {
  Keyset,
  requireCount,
  type KeyCursor,
  type KeysetOptions,
  type RecordQuery,
} from './keyset.ts'

export interface BatchOptions extends KeysetOptions {
  /** Rows in a batch; the last one may have fewer. May change while a run is under way. @default 100 */
  batchSize?: number
}

/**
 * Walks rows of D1 in batches: each item is an array of rows in key order. Cursor: the key of the
 * batch's last row. Size: the number of batches, as a batch is one item to the engine, and a finished
 * run shows 10 of 10. Throws as `records` does.
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
      for await (const rows of keys.pages(size)) {
        const found = rows.map((row) => keys.keyOf(row))
        const last = found[Math.min(size, rows.length) - 1] as KeyCursor
        const next = found[size]
        if (next !== undefined) keys.requireDistinct(last, next)
        yield [[rows.slice(0, size), last] as const]
      }
    },
    async () => Math.ceil((await keys.count()) / size),
  )
}
