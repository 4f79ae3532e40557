import { enumerator, type Enumerator, type Page } from './enumerator.ts'
import { keyParts } from './key-parts.ts'
import type { KeyCursor } from './keys.ts'
import { Keyset, requireCount, type RowPage } from './keyset.ts'
import { PageSize } from './page-size.ts'
import type { KeysetOptions, RecordQuery } from './record-query.ts'

const FIRST_PAGE = 500

export interface RecordOptions extends KeysetOptions {
  /**
   * Rows read at once; the next page is read while this one is worked on. Without it pages begin with 500
   * rows and grow to 2,000; to 10,000, or a megabyte, while the walk has to wait for them.
   * @default adaptive
   */
  pageSize?: number
}

/**
 * Walks rows of D1 in key order by keyset pages: each page costs the same, however far the walk has
 * come. Cursor: the row's key, one value or an array; one with fewer values than columns is taken as a
 * prefix, so a deploy may add a column. Size: the rows of the whole walk. A row read ahead is as of
 * before the last commit, so effects repeat their condition in SQL.
 *
 * Throws `invalid_enumerator` for ORDER BY or LIMIT in the query, for a null in a key column, for two
 * rows whose keys are one to D1, and for a key that D1 does not give as it compares it: an INTEGER beyond
 * 2^53, a text that is no UTF-8. After job-iteration's `active_record_on_records`, which passes over the
 * second of two such rows when a batch or an interruption ends between them.
 */
export function records<Row>(
  db: D1Database,
  query: RecordQuery<Row>,
  options: RecordOptions,
): Enumerator<Row, KeyCursor> {
  const { pageSize } = options
  const keys = new Keyset('records', db, query, options)
  const first = requireCount('enumerators.records', 'pageSize', pageSize ?? FIRST_PAGE)
  const walk = (some: Keyset<Row>): Enumerator<Row, KeyCursor> => ({
    ...enumerator(
      async function* () {
        const size = new PageSize(first, { grows: pageSize === undefined })
        for await (const page of some.pages(size)) yield withKeys(some, page)
      },
      () => some.count(),
    ),
    parts: keyParts(some, walk),
  })
  return walk(keys)
}

function* withKeys<Row>(keys: Keyset<Row>, { rows, size }: RowPage<Row>): Page<Row, KeyCursor> {
  let key = keys.keyOf(rows[0] as Row)
  for (const [index, row] of rows.entries()) {
    if (index === size) return
    const following = rows[index + 1]
    if (following === undefined) {
      yield [row, key]
      return
    }
    // Before the first of two rows with one key is done: after it, the second is out of reach.
    const next = keys.keyOf(following)
    keys.requireDistinct(key, next)
    yield [row, key]
    key = next
  }
}
