import { type Cursor, encodeCursor } from '../cursor.ts'
import { excerpt } from '../cut-text.ts'
import { describeValue, DogearError, type ErrorCode } from '../errors.ts'
import { WHOLE } from '../policies/expected-numbers.ts'
import type { SqlValue } from '../statement.ts'
import { KeyDoubts } from './key-doubts.ts'
import { type Bound, type KeyCursor, keyPart, type KeyValue } from './keys.ts'
import { type PageSize } from './page-size.ts'
import type { KeysetOptions, RecordQuery } from './record-query.ts'
import { findOrderOrLimit, oneStatement, positional, quoteName } from './sql-text.ts'
import { Upcoming } from './upcoming.ts'

/** Rows read at once: `size` of them, and the first of the next page, if there is one. */
export interface RowPage<Row> {
  rows: readonly Row[]
  size: number
}

/** A query's rows in the order of their keys: what `records`, `batches` and `batchRanges` share. */
export class Keyset<Row> {
  readonly columns: readonly string[]
  /** The columns as SQL: "`day`, `id`". */
  readonly names: string
  /** The columns as SQL orders by them: "`day` DESC, `id` DESC". */
  readonly order: string
  /** The query in plain `?` and its values, to be used inside a larger statement. */
  readonly source: { readonly sql: string; readonly values: readonly SqlValue[] }
  /** The walk's start; null at the first key. */
  readonly start: Bound | null
  readonly db: D1Database
  readonly doubts: KeyDoubts
  readonly #enumerator: string
  readonly #query: RecordQuery<Row>
  readonly #lowest: Bound | null
  readonly #descending: boolean

  constructor(
    enumerator: string,
    db: D1Database,
    query: RecordQuery<Row>,
    { cursor = null, from = null }: KeysetOptions,
  ) {
    this.db = db
    this.#enumerator = enumerator
    this.#query = query
    this.columns = typeof query.by === 'string' ? [query.by] : (query.by ?? ['id'])
    if (this.columns.length === 0) throw this.invalid('no column to walk by; expected at least one')
    const { order = 'asc' } = query
    if (order !== 'asc' && order !== 'desc') {
      throw this.invalid(`order is ${describeValue(order)}; expected 'asc' or 'desc'`)
    }
    this.#descending = order === 'desc'
    this.doubts = new KeyDoubts(this)
    this.names = this.columns.map(quoteName).join(', ')
    this.order = this.columns
      .map((column) => `${quoteName(column)}${this.#descending ? ' DESC' : ''}`)
      .join(', ')
    const text = oneStatement(query.sql)
    if (text === undefined) throw this.invalid('found more than one statement; expected one SELECT')
    const found = findOrderOrLimit(text)
    if (found) {
      throw this.invalid(
        `found ${found}; the engine orders by ${this.columns.join(', ')} and limits each page itself${found === 'ORDER BY' ? ". For the other direction there is order: 'desc'" : ''}`,
      )
    }
    const params = query.params ?? []
    const { sql, values, expected } = positional(text, params)
    if (expected !== params.length) {
      throw this.invalid(`found ${params.length} params; expected ${expected}`)
    }
    // The line break ends a comment that the query may end with.
    this.source = { sql: `(${sql}\n)`, values }
    this.#lowest = from === null ? null : { key: this.#keyIn(from), inclusive: true }
    this.start = cursor === null ? this.#lowest : { key: this.#keyIn(cursor), inclusive: false }
  }

  /** `(a, b) > (?, ?)`: SQLite compares row values in order and uses the index for it. */
  beyond({ key, inclusive }: Bound): string {
    const columns = this.columns.slice(0, key.length)
    // A key of fewer columns is a prefix: its ties have not been told apart yet.
    const tiesToo = inclusive || key.length < this.columns.length
    const operator = `${this.#descending ? '<' : '>'}${tiesToo ? '=' : ''}`
    return `(${columns.map(quoteName).join(', ')}) ${operator} (${columns.map(() => '?').join(', ')})`
  }

  /** `(a, b) <= (?, ?)`: up to this key and with it, in the order of the walk. */
  upTo(key: readonly KeyValue[]): string {
    return `(${this.names}) ${this.#descending ? '>=' : '<='} (${key.map(() => '?').join(', ')})`
  }

  /** The bound after a row. */
  after(row: Row): Bound {
    const key = this.keyOf(row)
    return { key: Array.isArray(key) ? (key as KeyValue[]) : [key as KeyValue], inclusive: false }
  }

  /**
   * Pages of rows and one more, the first of the next page: it tells whether there is one, and whether its
   * key is the same as the last row's. The next page is read while this one is worked on. `unit`: a walk
   * can stop after each so many rows, and there the keys of two rows must differ.
   */
  async *pages(size: PageSize, unit = 1): AsyncGenerator<RowPage<Row>> {
    const read = async (bound: Bound | null): Promise<RowPage<Row>> => {
      const { rows: limit } = size
      const rows = await this.read<Row>('*', bound, limit + 1)
      await this.doubts.requireUsable(rows, bound, limit + 1)
      await this.doubts.requireApart(rows, unit)
      return { rows, size: limit }
    }
    let next = new Upcoming(read(this.start))
    for (let first = true; ; first = false) {
      const waited = !next.isThere && !first
      const page = await next.page
      const last = page.rows[page.size - 1]
      const more = page.rows.length > page.size
      size.took(page.rows, waited)
      if (more && last !== undefined) next = new Upcoming(read(this.after(last)))
      if (page.rows.length > 0) yield page
      if (!more) return this.requireNoneLeft()
    }
  }

  /** Rows of the whole walk: a lower bound narrows it, the start of a resumption does not. */
  async count(): Promise<number> {
    const { sql, values } = this.#from('count(*) AS count', this.#lowest)
    const statement = this.db.prepare(sql).bind(...values)
    return (await statement.first<number>('count')) ?? 0
  }

  keyOf(row: Row): KeyCursor {
    const { columns } = this
    return columns.length === 1
      ? this.#keyValue(row, columns[0] as string)
      : columns.map((column) => this.#keyValue(row, column))
  }

  /** Nulls come last when a walk goes down, and no comparison meets them: throws when there are some. */
  async requireNoneLeft(): Promise<void> {
    if (!this.#descending) return
    const isNull = this.columns.map((column) => `${quoteName(column)} IS NULL`).join(' OR ')
    const { sql, values } = this.#from('*', null)
    const row = await this.db
      .prepare(`${sql} WHERE ${isNull} LIMIT 1`)
      .bind(...values)
      .first<Row>()
    if (row !== null) this.keyOf(row)
  }

  /** Rows whose keys D1 takes for this one, two at most. */
  async equalTo(key: readonly KeyValue[]): Promise<Row[]> {
    const { sql, values } = this.#from(this.names, null)
    const condition = `(${this.names}) = (${key.map(() => '?').join(', ')})`
    const statement = this.db.prepare(`${sql} WHERE ${condition} LIMIT 2`)
    return (await statement.bind(...values, ...key).all<Row>()).results
  }

  /** Two rows with one key: where the walk resumes after the first, the second would be lost. */
  requireDistinct(key: KeyCursor, next: KeyCursor): void {
    const tied =
      typeof key === 'object' && typeof next === 'object'
        ? key.every((value, index) => value === next[index])
        : key === next
    if (tied) throw this.twoRows(JSON.stringify(key))
  }

  invalid(problem: string, code: ErrorCode = 'invalid_enumerator'): DogearError {
    const sql = excerpt(this.#query.sql)
    return new DogearError(code, `enumerators.${this.#enumerator}: ${problem} (in ${sql})`)
  }

  /** The first rows after a bound. */
  async read<T>(selected: string, bound: Bound | null, limit: number): Promise<T[]> {
    const { sql, values } = this.#from(selected, bound)
    const statement = this.db.prepare(`${sql} ORDER BY ${this.order} LIMIT ${limit}`)
    const { results } = await statement.bind(...values).all<T>()
    return results
  }

  twoRows(keys: string): DogearError {
    return this.invalid(
      `two rows have ${this.columns.join(', ')} = ${keys}; expected a key of their own in every row. Name a column more in 'by' that tells them apart`,
    )
  }

  #from(selected: string, bound: Bound | null): { sql: string; values: SqlValue[] } {
    const where = bound ? ` WHERE ${this.beyond(bound)}` : ''
    return {
      sql: `SELECT ${selected} FROM ${this.source.sql}${where}`,
      values: [...this.source.values, ...(bound?.key ?? [])],
    }
  }

  #keyIn(cursor: Cursor): readonly KeyValue[] {
    const values: readonly unknown[] = Array.isArray(cursor) ? cursor : [cursor]
    const usable = values.every((value) => typeof value === 'number' || typeof value === 'string')
    if (usable && values.length > 0 && values.length <= this.columns.length) return values
    throw this.invalid(
      `cursor ${encodeCursor(cursor)} does not fit the columns ${this.columns.join(', ')}`,
      'invalid_cursor',
    )
  }

  #keyValue(row: Row, column: string): KeyValue {
    const value = keyPart(row, column)
    if (typeof value === 'string') return value
    // Digits that were lost have been looked for; and -0 equals 0.
    if (typeof value === 'number' && Number.isFinite(value)) return value + 0
    throw this.invalid(
      `cursor column ${column} is ${value === undefined ? 'not among the selected columns' : describeValue(value)}; expected a number or a string in every row`,
    )
  }
}

/** A count of rows or bytes that an option gives. Throws `invalid_enumerator`. */
export function requireCount(enumerator: string, name: string, value: number): number {
  if (WHOLE.fits(value)) return value
  throw new DogearError(
    'invalid_enumerator',
    `${enumerator} got ${name} ${describeValue(value)}; expected ${WHOLE.text}`,
  )
}
