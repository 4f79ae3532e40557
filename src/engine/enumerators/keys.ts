import type { DogearError } from '../errors.ts'
export type KeyValue = string | number

/** The values of a row's key columns. */
export type Key = readonly KeyValue[]

/** Of one column its value, of several an array of values. */
export type KeyCursor = KeyValue | readonly KeyValue[]

/** Keys after this one in the order of the walk, or from it on. */
export interface Bound {
  readonly key: Key
  readonly inclusive: boolean
}

export function keyPart(row: unknown, column: string): unknown {
  return (row as Record<string, unknown>)[column]
}

/** Rows of a query by their keys, as far as their keys are doubted. */
export interface KeyedRows {
  readonly columns: readonly string[]
  /** The bound after a row. */
  after(row: unknown): Bound
  /** The first rows after a bound. */
  read<T>(selected: string, bound: Bound | null, limit: number): Promise<T[]>
  /** Rows whose keys D1 takes for this one, two at most. */
  equalTo(key: Key): Promise<unknown[]>
  invalid(problem: string): DogearError
  twoRows(keys: string): DogearError
}
