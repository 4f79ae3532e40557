import { env } from 'cloudflare:workers'
import tables from '../../docs/samples/tables.sql?raw'

/** The statements of a SQL file. */
export function statements(sql: string): string[] {
  return sql
    .replaceAll(/^--.*$/gm, '')
    .split(';')
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

/** Creates the tables of `docs/samples`, and empties them. */
export async function freshTables(): Promise<void> {
  const names = ['goods', 'shops', 'members', 'letters', 'payments']
  await env.DB.batch([
    ...statements(tables).map((sql) => env.DB.prepare(sql)),
    ...names.map((name) => env.DB.prepare(`DELETE FROM ${name}`)),
  ])
}

/** Products 1 to `count` in store 1, at one euro each. */
export async function addProducts(count: number): Promise<void> {
  await env.DB.prepare(
    `INSERT INTO goods (id, name, price_cents)
     WITH RECURSIVE ids (id) AS (VALUES (1) UNION ALL SELECT id + 1 FROM ids WHERE id < ?)
     SELECT id, 'product ' || id, 100 FROM ids`,
  )
    .bind(count)
    .run()
}

/** Users 1 to `count`. */
export async function addUsers(count: number): Promise<void> {
  const insert = env.DB.prepare('INSERT INTO members (id, email) VALUES (?, ?)')
  const ids = Array.from({ length: count }, (_, index) => index + 1)
  await env.DB.batch(ids.map((id) => insert.bind(id, `user${id}@example.com`)))
}

/** The first column of what a query gives. */
export async function column<T>(sql: string, ...params: unknown[]): Promise<T[]> {
  const rows = await env.DB.prepare(sql)
    .bind(...params)
    .raw<[T]>()
  return rows.map(([value]) => value)
}
