import { type Cursor, encodeCursor } from '../cursor.ts'
import { excerpt } from '../cut-text.ts'
import { describeValue, DogearError, type ErrorCode } from '../errors.ts'
import { WHOLE } from '../policies/expected-numbers.ts'
import type { SqlValue } from '../statement.ts'
import { KeyDoubts } from './key-doubts.ts'
import { anyNull, nullBefore, type Condition } from './key-nulls.ts'
import { type Bound, type Key, type KeyCursor, keyPart, type KeyValue } from './keys.ts'
import { type PageSize } from './page-size.ts'
import type { KeysetOptions, RecordQuery } from './record-query.ts'
import { findOrderOrLimit, oneStatement, positional, quoteName } from './sql-text.ts'
import { Upcoming } from './upcoming.ts'

/** Rows read at once: `size` of them, and the first of the next page, if there is one. */
export interface RowPage<Row> {
  rows: readonly Row[]
  size: number
}

/** What follows the columns of a SELECT. */
interface Selection {
  readonly sql: string
  readonly values: readonly SqlValue[]
}

/** A query's rows in the order of their keys: what `records`, `batches` and `batchRanges` share. */
export class Keyset<Row> {
  readonly columns: readonly string[]
  /** The columns as SQL: "`day`, `id`". */
  readonly names: string
  /** The columns as SQL orders by them: "`day` DESC, `id` DESC". */
  readonly order: string
  /** The other way round. */
  readonly backwards: string
  /** The query in plain `?` and its values, to be used inside a larger statement. */
  readonly source: Selection
  /** The walk's start; null at the first key. */
  readonly start: Bound | null
  readonly db: D1Database
  readonly doubts: KeyDoubts
  readonly #enumerator: string
  readonly #query: RecordQuery<Row>
  readonly #options: KeysetOptions
  readonly #lowest: Bound | null
  readonly #ends: readonly Key[]
  readonly #descending: boolean

  /** `ends`: no row beyond the key of any of these cursors is met. */
  constructor(
    enumerator: string,
    db: D1Database,
    query: RecordQuery<Row>,
    options: KeysetOptions,
    ends: readonly Cursor[] = [],
  ) {
    this.db = db
    this.#enumerator = enumerator
    this.#query = query
    this.#options = options
    const { cursor = null, from = null } = options
    this.columns = typeof query.by === 'string' ? [query.by] : (query.by ?? ['id'])
    if (this.columns.length === 0) throw this.invalid('no column to walk by; expected at least one')
    const { order = 'asc' } = query
    if (order !== 'asc' && order !== 'desc') {
      throw this.invalid(`order is ${describeValue(order)}; expected 'asc' or 'desc'`)
    }
    this.#descending = order === 'desc'
    this.doubts = new KeyDoubts(this)
    this.names = this.columns.map(quoteName).join(', ')
    const ordered = (way: string) =>
      this.columns.map((column) => quoteName(column) + way).join(', ')
    this.order = ordered(this.#descending ? ' DESC' : '')
    this.backwards = ordered(this.#descending ? '' : ' DESC')
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
    this.#ends = ends.map((end) => this.#keyIn(end))
  }

  /** The same rows up to that key. */
  until(last: Cursor): Keyset<Row> {
    const ends = [...this.#ends, last]
    return new Keyset(this.#enumerator, this.db, this.#query, this.#options, ends)
  }

  /** The rows that are left after a bound: `FROM (...) WHERE (a, b) > (?, ?) AND (a, b) <= (?, ?)`, and its values. */
  left(bound: Bound | null): Selection {
    const bounds = [
      ...(bound ? [this.beyond(bound)] : []),
      ...this.#ends.map((end) => this.upTo(end)),
    ]
    return this.#from(this.#ends.length > 0 ? bounds.map(ownBound) : bounds, [
      ...(bound?.key ?? []),
      ...this.#ends.flat(),
    ])
  }

  /** `(a, b) > (?, ?)`: SQLite compares row values in order and uses the index for it. */
  beyond({ key, inclusive }: Bound): string {
    // A key of fewer columns is a prefix: its ties have not been told apart yet.
    const tiesToo = inclusive || key.length < this.columns.length
    return this.compared(tiesToo ? '>=' : '>', key.map(placeholder))
  }

  /** `(a, b) <= (?, ?)`: up to this key and with it, in the order of the walk; up to a prefix without its ties, which come after it. */
  upTo(key: Key): string {
    const tiesToo = key.length === this.columns.length
    return this.compared(tiesToo ? '<=' : '<', key.map(placeholder))
  }

  /** The columns, as many as there are values, compared with these in the order of the walk. */
  compared(operator: '<' | '<=' | '>' | '>=', values: readonly string[]): string {
    const columns = this.columns.slice(0, values.length).map(quoteName)
    const turned = this.#descending
      ? operator.replace(/[<>]/, (sign) => (sign === '<' ? '>' : '<'))
      : operator
    return `(${columns.join(', ')}) ${turned} (${values.join(', ')})`
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
    const lowest = this.#lowest
    const { sql, values } = lowest ? this.#from([this.beyond(lowest)], lowest.key) : this.#from([])
    const statement = this.db.prepare(`SELECT count(*) AS count ${sql}`).bind(...values)
    return (await statement.first<number>('count')) ?? 0
  }

  keyOf(row: Row): KeyCursor {
    const { columns } = this
    return columns.length === 1
      ? this.#keyValue(row, columns[0] as string)
      : columns.map((column) => this.#keyValue(row, column))
  }

  /** No comparison meets a null: throws when there are some that the walk should have met. */
  async requireNoneLeft(): Promise<void> {
    if (!this.#descending) {
      // They come first and are met, but for those that the end of a part hides.
      for (const end of this.#ends)
        await this.#requireNone(nullBefore(this.columns, end), this.#lowest)
    } else if (this.#ends.length === 0) {
      // They come last, after all parts.
      await this.#requireNone(anyNull(this.columns), null)
    }
  }

  async #requireNone(nulls: Condition, bound: Bound | null): Promise<void> {
    const { sql, values } = this.#from(
      [...(bound ? [this.beyond(bound)] : []), nulls.sql],
      [...(bound?.key ?? []), ...nulls.values],
    )
    const statement = this.db.prepare(`SELECT * ${sql} LIMIT 1`)
    const row = await statement.bind(...values).first<Row>()
    if (row !== null) this.keyOf(row)
  }

  /** Rows whose keys D1 takes for this one, two at most. */
  async equalTo(key: Key): Promise<Row[]> {
    const condition = `(${this.names}) = (${key.map(() => '?').join(', ')})`
    const { sql, values } = this.#from([condition], key)
    const statement = this.db.prepare(`SELECT ${this.names} ${sql} LIMIT 2`)
    return (await statement.bind(...values).all<Row>()).results
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

  /** The first rows after a bound, in an order. */
  async read<T>(
    selected: string,
    bound: Bound | null,
    limit: number,
    order = this.order,
  ): Promise<T[]> {
    const { sql, values } = this.left(bound)
    const statement = this.db.prepare(`SELECT ${selected} ${sql} ORDER BY ${order} LIMIT ${limit}`)
    const { results } = await statement.bind(...values).all<T>()
    return results
  }

  twoRows(keys: string): DogearError {
    return this.invalid(
      `two rows have ${this.columns.join(', ')} = ${keys}; expected a key of their own in every row. Name a column more in 'by' that tells them apart`,
    )
  }

  #from(conditions: readonly string[], values: Key = []): Selection {
    const where = conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''
    return {
      sql: `FROM ${this.source.sql}${where}`,
      values: [...this.source.values, ...values],
    }
  }

  #keyIn(cursor: Cursor): Key {
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

function placeholder(): string {
  return '?'
}

/**
 * A bound of a part. Of two on one column SQLite searches by the one that it thinks leaves fewer rows, and checks the
 * other row by row: it is to be this one, and not one of the query's own, which may leave nearly all.
 */
export function ownBound(sql: string): string {
  return `likelihood(${sql}, 0.001)`
}

/** A count of rows or bytes that an option gives. Throws `invalid_enumerator`. */
export function requireCount(enumerator: string, name: string, value: number): number {
  if (WHOLE.fits(value)) return value
  throw new DogearError(
    'invalid_enumerator',
    `${enumerator} got ${name} ${describeValue(value)}; expected ${WHOLE.text}`,
  )
}
