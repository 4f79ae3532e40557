import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { applyDogear } from '../../src/testing/index.ts'

type Rows = Record<string, unknown>[]

/** A table as it is today. */
interface Kept {
  sql: string
  rows: Rows
}

/** What D1 has not made itself. */
const OURS = `name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'`

const TABLES = `SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND ${OURS}`

/**
 * Puts D1 back to the schema of an older release, with all of today's rows in it: as it stands when the
 * release of today is deployed. `last`: the newest migration of then; `nameThen`: what a table was called.
 */
export async function backToSchema(
  last: string,
  nameThen: (table: string) => string,
): Promise<void> {
  const kept = await allTables()
  await env.DB.batch(
    [...kept.keys(), 'd1_migrations'].map((table) => env.DB.prepare(`DROP TABLE "${table}"`)),
  )
  await applyD1Migrations(
    env.DB,
    env.MIGRATIONS.filter(({ name }) => name <= `${last}~`),
  )
  const then = new Set(await namesOf(env.DB.prepare(TABLES)))
  for (const [table, { sql, rows }] of kept) {
    const name = nameThen(table)
    // Of a later release: it had no rows then.
    if (!then.has(name) && table.startsWith('dogear_')) continue
    if (!then.has(name)) await env.DB.prepare(sql).run()
    await fill(name, rows)
  }
}

/** What was deployed since: the migrations, and the Worker that brings its tables up to date. */
export async function upgrade(): Promise<void> {
  await applyD1Migrations(env.DB, env.MIGRATIONS)
  await applyDogear(env.DB)
}

async function allTables(): Promise<Map<string, Kept>> {
  const { results } = await env.DB.prepare(TABLES).all<{ name: string; sql: string }>()
  const tables = results.filter(({ name }) => name !== 'd1_migrations')
  return new Map(
    await Promise.all(
      tables.map(async ({ name, sql }) => {
        const { results: rows } = await env.DB.prepare(`SELECT * FROM "${name}"`).all()
        return [name, { sql, rows }] as const
      }),
    ),
  )
}

/** In place of the rows that triggers have made of others. */
async function fill(table: string, rows: Rows): Promise<void> {
  const columns = await namesOf(
    env.DB.prepare('SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0').bind(table),
  )
  await env.DB.batch([
    env.DB.prepare(`DELETE FROM "${table}"`),
    ...rows.map((row) =>
      env.DB.prepare(
        `INSERT INTO "${table}" (${columns.join()}) VALUES (${columns.map(() => '?').join()})`,
      ).bind(...columns.map((column) => row[column])),
    ),
  ])
}

async function namesOf(statement: D1PreparedStatement): Promise<string[]> {
  return (await statement.all<{ name: string }>()).results.map(({ name }) => name)
}
