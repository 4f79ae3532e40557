import type { Key } from './keys.ts'
import { type Keyset, ownBound } from './keyset.ts'
import { quoteName } from './sql-text.ts'

/** The rows after one key, up to another and with it. */
export interface Stretch {
  readonly after: Key
  readonly upTo: Key
}

/** The keys of a stretch's first rows, and of its last ones from its end backwards. */
export interface Edges {
  readonly first: readonly Key[]
  readonly last: readonly Key[]
}

/** Reads so many rows at either end of stretches, all of them at once. */
export async function edgesOf<Row>(
  keys: Keyset<Row>,
  stretches: readonly Stretch[],
  rows: number,
): Promise<Edges[]> {
  const limits = stretches.map(({ after, upTo }) => [...after, ...upTo])
  const [first, last] = await Promise.all(
    [keys.order, keys.backwards].map((order) => read(keys, JSON.stringify(limits), order, rows)),
  )
  return stretches.map((_, index) => ({ first: first?.[index] ?? [], last: last?.[index] ?? [] }))
}

/** One statement: of each stretch its first keys in an order. */
async function read<Row>(
  keys: Keyset<Row>,
  limits: string,
  order: string,
  rows: number,
): Promise<Key[][]> {
  const { names, source, columns } = keys
  // JSON holds no bytes, and a walk by them is refused.
  const values = columns
    .map(quoteName)
    .map((name) => `iif(typeof(${name}) = 'blob', NULL, ${name})`)
    .join(', ')
  const limit = (from: number) =>
    columns.map((_, index) => `dogear_stretch.value ->> ${from + index}`)
  const { results } = await keys.db
    .prepare(
      `SELECT (SELECT json_group_array(json_array(${values})) FROM (SELECT ${names} FROM ${source.sql} ` +
        `WHERE ${ownBound(keys.compared('>', limit(0)))} AND ${ownBound(keys.compared('<=', limit(columns.length)))} ` +
        `ORDER BY ${order} LIMIT ${rows})) AS keys FROM json_each(?) AS dogear_stretch`,
    )
    .bind(...source.values, limits)
    .all<{ keys: string }>()
  return results.map((result) => (JSON.parse(result.keys) as Key[]).filter(isUsable))
}

/** A key that is none is refused where it is walked. */
function isUsable(key: Key): boolean {
  return key.every((value) => typeof value === 'string' || Number.isFinite(value))
}
