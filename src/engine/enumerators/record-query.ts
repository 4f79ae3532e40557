import type { Cursor } from '../cursor.ts'
import type { SqlValue } from '../statement.ts'

/** The rows to walk, and the columns to walk them along. */
export interface RecordQuery<Row> {
  /** One SELECT without ORDER BY and LIMIT; the engine adds its own. A `;` at its end is taken off. */
  readonly sql: string
  /** Bound to the `?` of `sql`. */
  readonly params?: readonly SqlValue[]
  /**
   * The columns that order the walk, as the SELECT names them; together unique and never null. An
   * index over them keeps each page's cost flat. D1 has no dates: a column of dates or times walks in
   * time's order when it holds numbers, or texts of one form and one zone that sort as they should
   * (`2026-01-31`, `2026-01-31T10:00:00.000Z`), and its cursor is that number or text unchanged.
   * @default 'id'
   */
  readonly by?: string | readonly string[]
  /** `'asc'` begins at the lowest key, `'desc'` at the highest. @default 'asc' */
  readonly order?: 'asc' | 'desc'
  /** Only for inference: the type of a row. */
  readonly row?: Row
}

/** The start of a walk by keys. */
export interface KeysetOptions {
  /** Start after this key: the cursor that came beside an item. */
  cursor?: Cursor | null
  /** Start with this key: a step's own cursor, which names the next item. */
  from?: Cursor | null
}
