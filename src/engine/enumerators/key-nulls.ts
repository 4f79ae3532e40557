import type { Key } from './keys.ts'
import { quoteName } from './sql-text.ts'

/** Of rows, with the values of its `?`. */
export interface Condition {
  readonly sql: string
  readonly values: Key
}

/** Rows with a null in one of the columns. */
export function anyNull(columns: readonly string[]): Condition {
  return { sql: `(${columns.map(isNull).join(' OR ')})`, values: [] }
}

/** Rows that come before a key by the null in them, among those that are equal to it so far. */
export function nullBefore(columns: readonly string[], key: Key): Condition {
  const sqls = key.map((_value, index) => {
    const equal = columns.slice(0, index).map((column) => `${quoteName(column)} = ?`)
    return [...equal, isNull(columns[index] as string)].join(' AND ')
  })
  return {
    sql: `(${sqls.join(' OR ')})`,
    values: key.flatMap((_value, index) => key.slice(0, index)),
  }
}

function isNull(column: string): string {
  return `${quoteName(column)} IS NULL`
}
