import { DatabaseSync } from 'node:sqlite'
import { noteOf, statementsOf } from '../../src/schema/statements.ts'
import { VERSIONS } from '../../src/schema/versions.ts'

interface Migration {
  name: string
  queries: string[]
}

/** wrangler's own note of what a database has had. */
const APPLIED = `CREATE TABLE d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)`

/** Tables before what stands on them. */
const ORDER = `CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END, rowid`

/**
 * The statements that make a database as all migrations and a Worker of today leave it. A batch of them takes a fifth
 * of the time of the migrations, which each file of tests would go through again. (Tests of migrations apply those.)
 */
export function migratedSchema(migrations: readonly Migration[]): string[] {
  const database = new DatabaseSync(':memory:')
  database.exec(APPLIED)
  const applied = database.prepare('INSERT INTO d1_migrations (name) VALUES (?)')
  for (const { name, queries } of migrations) {
    for (const query of queries) database.exec(query)
    applied.run(name)
  }
  const later = VERSIONS.flatMap((one) => (one.version === 1 ? noteOf(one) : statementsOf(one)))
  for (const sql of later) database.exec(sql)
  const made = database
    .prepare(
      `SELECT type, name, sql FROM sqlite_master
       WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY ${ORDER}`,
    )
    .all() as { type: string; name: string; sql: string }[]
  const tables = made.filter(({ type }) => type === 'table').map(({ name }) => name)
  const rows = tables.flatMap((table) => insertsOf(database, table))
  database.close()
  const ofType = (triggers: boolean) =>
    made.filter(({ type }) => (type === 'trigger') === triggers).map(({ sql }) => sql)
  // No trigger acts again on what it has done.
  return [...ofType(false), ...rows, ...ofType(true)]
}

/** What the migrations themselves have put there. */
function insertsOf(database: DatabaseSync, table: string): string[] {
  const name = `"${table.replaceAll('"', '""')}"`
  const columns = database.prepare(`SELECT name FROM pragma_table_info(?)`).all(table)
  const values = columns.map((column) => `quote("${String(column['name'])}")`).join(` || ', ' || `)
  const rows = database.prepare(`SELECT ${values} AS "values" FROM ${name}`).all()
  return rows.map((row) => `INSERT INTO ${name} VALUES (${String(row['values'])})`)
}
