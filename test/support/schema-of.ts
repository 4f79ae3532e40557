/** What a database is made of, for tests that compare or change it. */
export interface Made {
  type: string
  name: string
  sql: string
}

const OURS = `sql IS NOT NULL AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'`

/** All tables, indexes and triggers of a database, by name. */
export async function madeIn(db: D1Database): Promise<Made[]> {
  const sql = `SELECT type, name, sql FROM sqlite_master WHERE ${OURS} ORDER BY name`
  return (await db.prepare(sql).all<Made>()).results
}

/** Leaves nothing in a database. */
export async function emptied(db: D1Database): Promise<void> {
  const tables = (await madeIn(db)).filter(({ type }) => type === 'table')
  if (tables.length === 0) return
  await db.batch(tables.map(({ name }) => db.prepare(`DROP TABLE "${name}"`)))
}

/** Does these statements, in one transaction. */
export async function batched(db: D1Database, ...statements: readonly string[]): Promise<void> {
  await db.batch(statements.map((sql) => db.prepare(sql)))
}
