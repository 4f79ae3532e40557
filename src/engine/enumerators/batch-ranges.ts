import type { SqlValue } from '../statement.ts'
import { type BatchOptions, counted, sizeOf } from './batches.ts'
import { enumerator, type Enumerator, type Pair } from './enumerator.ts'
import { keyParts } from './key-parts.ts'
import type { Bound, KeyCursor } from './keys.ts'
import { Keyset, requireCount } from './keyset.ts'
import type { RecordQuery } from './record-query.ts'
import { quoteName } from './sql-text.ts'

/** A batch of rows as a condition: to be changed by one statement, without having been read. */
export interface BatchRange {
  /** Keys of the first and the last row when the range was read. */
  readonly from: KeyCursor
  readonly to: KeyCursor
  /** Its rows then; of rows that tie with the last one, only those within the batch size. */
  readonly count: number
  /**
   * The rows of the range that the query finds, as a condition on the table's own columns:
   * `UPDATE orders SET ... WHERE ${range.where}`. Takes `params`, at its place among the statement's.
   */
  readonly where: string
  /** The same as a SELECT of the key columns, for a table that names them otherwise. Takes `params`. */
  readonly keys: string
  readonly params: readonly SqlValue[]
}

/**
 * Walks rows of D1 in batches without reading them: each item is a range of keys with a condition to
 * use in one statement. Cursor: the key of the range's last row. Size: the number of ranges, or with
 * `count: 'rows'` of rows.
 *
 *     eachIteration: (range, { effects }) =>
 *       effects.run(`UPDATE orders SET archived = ? WHERE ${range.where}`, 1, ...range.params)
 *
 * The condition holds the whole query, and is evaluated when the effect is committed: a row that has
 * ceased to match by then stays as it is. A range begins right after the one before it ended, so a row
 * inserted between the reading and the commit belongs to the range that its key falls into, whatever
 * its place there; one behind the last range's end, or behind a range that is done, is not met. Rows
 * with equal keys are never parted, so the key need not be unique. Null in a key column is refused.
 *
 * After job-iteration's `active_record_on_batch_relations`, which lists the keys it has found, misses
 * what is inserted among them, and needs one query more than there are batches.
 */
export function batchRanges<Row>(
  db: D1Database,
  query: RecordQuery<Row>,
  options: BatchOptions,
): Enumerator<BatchRange, KeyCursor> {
  const keys = new Keyset('batchRanges', db, query, options)
  const size = requireCount('enumerators.batchRanges', 'batchSize', options.batchSize ?? 100)
  const walk = (some: Keyset<Row>): Enumerator<BatchRange, KeyCursor> => ({
    ...enumerator(
      () => rangesIn(some, options, size),
      async () => sizeOf(options, await some.count(), size),
    ),
    parts: keyParts(some, walk, size),
  })
  return walk(keys)
}

async function* rangesIn<Row>(
  keys: Keyset<Row>,
  options: BatchOptions,
  size: number,
): AsyncGenerator<readonly Pair<BatchRange, KeyCursor>[]> {
  let bound = keys.start
  let reading = read(keys, bound, size)
  for (;;) {
    const edges = await reading
    if (edges === null) return await keys.requireNoneLeft()
    const range = rangeOf(keys, bound, edges)
    if (edges.more) {
      bound = keys.after(edges.last)
      reading = read(keys, bound, size)
      // A range nobody came to wait for must not end the process when it fails.
      reading.catch(() => undefined)
    }
    yield [counted(options, range, range.to, range.count)]
    if (!edges.more) return await keys.requireNoneLeft()
  }
}

/** The rows at a range's edges, key columns only. */
interface Edges<Row> {
  readonly first: Row
  readonly last: Row
  readonly count: number
  readonly more: boolean
}

interface Place {
  readonly dogear_place: number
}

/** One statement that returns the three rows at the edges, and a row with a null if there is one. */
async function read<Row>(
  keys: Keyset<Row>,
  bound: Bound | null,
  size: number,
): Promise<Edges<Row> | null> {
  const { names, order } = keys
  const left = keys.left(bound)
  const sql =
    `WITH batch AS (SELECT ${names} ${left.sql} ORDER BY ${order} LIMIT ${size + 1}), ` +
    `placed AS (SELECT *, row_number() OVER (ORDER BY ${order}) AS dogear_place, count(*) OVER () AS dogear_count FROM batch) ` +
    `SELECT * FROM placed WHERE dogear_place IN (1, ${size}, dogear_count) ` +
    `OR (${keys.columns.map(quoteName).join(' || ')}) IS NULL ORDER BY dogear_place LIMIT 4`
  const statement = keys.db.prepare(sql).bind(...left.values)
  const { results } = await statement.all<Row & Place>()
  for (const row of results) keys.keyOf(row)
  await keys.doubts.requireUsable(results, bound, size + 1)
  const [first] = results
  if (first === undefined) return null
  const more = (results.at(-1)?.dogear_place ?? 0) > size
  const last = results.findLast(({ dogear_place: place }) => place <= size) ?? first
  return { first, last, count: last.dogear_place, more }
}

function rangeOf<Row>(keys: Keyset<Row>, bound: Bound | null, edges: Edges<Row>): BatchRange {
  const { source, names } = keys
  const { key } = keys.after(edges.last)
  const lower = bound ? `${keys.beyond(bound)} AND ` : ''
  const select = `SELECT ${names} FROM ${source.sql} WHERE ${lower}${keys.upTo(key)}`
  return {
    from: keys.keyOf(edges.first),
    to: keys.keyOf(edges.last),
    count: edges.count,
    where: `(${names}) IN (${select})`,
    keys: select,
    params: [...source.values, ...(bound?.key ?? []), ...key],
  }
}
