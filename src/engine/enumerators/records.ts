import type { Cursor } from '../cursor.ts'
import { describeValue, DogearError } from '../errors.ts'
import type { SqlValue } from '../effects.ts'
import { enumerator, type Enumerator, type Page } from './enumerator.ts'

type KeyValue = string | number
/** Of one column its value, of several an array of values. */
export type KeyCursor = KeyValue | readonly KeyValue[]

/** Which rows to walk, and along which columns. */
export interface RecordQuery<Row> {
  /** A SELECT without ORDER BY and LIMIT; the engine adds its own. */
  readonly sql: string
  /** Bound to the `?` of `sql`. */
  readonly params?: readonly SqlValue[]
  /**
   * The columns that order the walk, as the SELECT names them; together unique and never null. An
   * index over them keeps each page's cost flat.
   * @default 'id'
   */
  readonly by?: string | readonly string[]
  /** Only for inference: the type of a row. */
  readonly row?: Row
}

export interface RecordOptions {
  /** Start after this key: the cursor that came beside an item. */
  cursor?: Cursor | null
  /** Start with this key: a step's own cursor, which names the next item. */
  from?: Cursor | null
  /** Rows read at once. The next page is read while this one is worked on. @default 500 */
  pageSize?: number
}

/**
 * Walks rows of D1 in key order by keyset pages: each page costs the same, however far the walk has
 * come, and rows that tie on the first columns are told apart by the later ones. A row read ahead is
 * as of before the last commit, so effects repeat their condition in SQL. After job-iteration's
 * `active_record_on_records`.
 */
export function records<Row>(
  db: D1Database,
  query: RecordQuery<Row>,
  options: RecordOptions,
): Enumerator<Row, KeyCursor> {
  const columns = typeof query.by === 'string' ? [query.by] : (query.by ?? ['id'])
  if (columns.length === 0) throw invalid(query, 'no column to walk by; expected at least one')
  rejectOrderAndLimit(query)
  const { cursor = null, from = null, pageSize = 500 } = options
  const params = query.params ?? []
  if (!Number.isSafeInteger(pageSize) || pageSize < 1) {
    throw invalid(query, `pageSize is ${pageSize}; expected a whole number from 1 up`)
  }

  const first = cursor ?? from
  const start = first === null ? null : keyValues(first, columns, query)
  const keysFrom = (key: readonly KeyValue[], inclusive: boolean): string =>
    keyset(columns.slice(0, key.length), inclusive || key.length < columns.length, params.length)

  const readPage = async (key: readonly KeyValue[] | null, inclusive: boolean): Promise<Row[]> => {
    const sql =
      // The line break ends a comment that the query may end with.
      `SELECT * FROM (${query.sql}\n)${key ? ` WHERE ${keysFrom(key, inclusive)}` : ''} ` +
      `ORDER BY ${columns.map(quoteName).join(', ')} LIMIT ${pageSize}`
    const statement = db.prepare(sql).bind(...params, ...(key ?? []))
    const { results } = await statement.all<Row>()
    return results
  }

  const [column] = columns as [string]
  const withKeys =
    columns.length === 1
      ? function* (rows: readonly Row[]): Page<Row, KeyCursor> {
          for (const row of rows) yield [row, keyValue(row, column, query)]
        }
      : function* (rows: readonly Row[]): Page<Row, KeyCursor> {
          for (const row of rows) yield [row, keyOf(row, columns, query)]
        }

  return enumerator(
    async function* () {
      let page = readPage(start, cursor === null)
      for (;;) {
        const rows = await page
        const last = rows.at(-1)
        if (last === undefined) return
        const more = rows.length === pageSize
        if (more) {
          page = readPage(keyOf(last, columns, query), false)
          // A page nobody came to wait for must not end the process when it fails.
          page.catch(() => undefined)
        }
        yield withKeys(rows)
        if (!more) return
      }
    },
    async () => {
      // A step's own cursor or a lower bound narrows the walk; where a resumption starts does not.
      const key = from === null || start === null || cursor !== null ? null : start
      const sql = `SELECT count(*) AS count FROM (${query.sql}\n)${key ? ` WHERE ${keysFrom(key, true)}` : ''}`
      const statement = db.prepare(sql).bind(...params, ...(key ?? []))
      return (await statement.first<number>('count')) ?? 0
    },
  )
}

/** `(a, b) > (?, ?)`: SQLite compares row values in order and uses the index for it. */
function keyset(columns: readonly string[], inclusive: boolean, offset: number): string {
  const marks = columns.map((_, index) => `?${offset + index + 1}`)
  return `(${columns.map(quoteName).join(', ')}) ${inclusive ? '>=' : '>'} (${marks.join(', ')})`
}

function keyValues<Row>(
  cursor: Cursor,
  columns: readonly string[],
  query: RecordQuery<Row>,
): readonly KeyValue[] {
  const values: readonly unknown[] = Array.isArray(cursor) ? cursor : [cursor]
  const usable = values.every((value) => typeof value === 'number' || typeof value === 'string')
  if (!usable || values.length === 0 || values.length > columns.length) {
    throw invalid(
      query,
      `cursor ${JSON.stringify(values)} does not fit the columns ${columns.join(', ')}`,
    )
  }
  return values
}

function keyOf<Row>(row: Row, columns: readonly string[], query: RecordQuery<Row>): KeyValue[] {
  return columns.map((column) => keyValue(row, column, query))
}

function keyValue<Row>(row: Row, column: string, query: RecordQuery<Row>): KeyValue {
  const value = (row as Record<string, unknown>)[column]
  if (typeof value === 'string') return value
  if (typeof value === 'number' && Number.isFinite(value)) {
    if (!Number.isInteger(value) || Number.isSafeInteger(value)) return value
    throw invalid(
      query,
      `${column} is ${value}, beyond 2^53, where D1 loses digits; select CAST(${column} AS TEXT) and walk by that`,
    )
  }
  throw invalid(
    query,
    `cursor column ${column} is ${value === undefined ? 'not among the selected columns' : describeValue(value)}; expected a number or a string in every row`,
  )
}

function rejectOrderAndLimit<Row>(query: RecordQuery<Row>): void {
  // Only the outermost level counts: a window's OVER (ORDER BY ...) or a subquery's LIMIT is fine.
  let text = query.sql.replace(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/g, ' ')
  for (let before = ''; before !== text;) {
    before = text
    text = text.replace(/\([^()]*\)/g, ' ')
  }
  const found = /\border\s+by\b|\blimit\b/i.exec(text)
  if (found)
    throw invalid(
      query,
      `found ${found[0].toUpperCase()}; the engine orders by ${String(query.by ?? 'id')} and limits each page itself`,
    )
}

function invalid<Row>(query: RecordQuery<Row>, problem: string): DogearError {
  return new DogearError(
    'invalid_enumerator',
    `enumerators.records: ${problem} (in ${query.sql.replace(/\s+/g, ' ').trim().slice(0, 120)})`,
  )
}

function quoteName(column: string): string {
  return `"${column.replaceAll('"', '""')}"`
}
