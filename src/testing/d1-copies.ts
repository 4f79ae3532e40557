interface Table {
  name: string
  /** Those that can be written. */
  columns: string
}

/**
 * Copies of D1 at some moments, so that it can be put back, as `wrangler d1 time-travel restore` does: all
 * tables, whosever they are. The copies are tables in D1 itself, where values keep their types. Virtual tables
 * (full-text search) stay as they are.
 */
export class D1Copies {
  readonly #db: D1Database
  readonly #copies = new Map<string, { number: number; tables: Table[] }>()
  #taken = 0

  constructor(db: D1Database) {
    this.#db = db
  }

  has(moment: string): boolean {
    return this.#copies.has(moment)
  }

  async take(moment: string): Promise<void> {
    const tables = await this.#tables()
    const number = ++this.#taken
    await this.#batch(
      tables.flatMap(({ name, columns }) => {
        const copy = copyOf(name, number)
        // Columns without a type take values as they are.
        return [
          `DROP TABLE IF EXISTS ${copy}`,
          `CREATE TABLE ${copy} (${columns})`,
          `INSERT INTO ${copy} SELECT ${columns} FROM ${quoted(name)}`,
        ]
      }),
    )
    this.#copies.set(moment, { number, tables })
  }

  async putBack(moment: string): Promise<void> {
    const copy = this.#copies.get(moment)
    if (!copy) throw new Error(`no copy of D1 at ${moment}; expected one that was taken`)
    const { number, tables } = copy
    const triggers = await this.#rows<{ name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_master WHERE type = 'trigger'`,
    )
    await this.#batch([
      'PRAGMA defer_foreign_keys = on',
      // What they would do is in the copy.
      ...triggers.map(({ name }) => `DROP TRIGGER ${quoted(name)}`),
      ...tables.toReversed().map(({ name }) => `DELETE FROM ${quoted(name)}`),
      ...tables.flatMap(({ name, columns }) => [
        // The rows of the others have counted by now.
        ...(name === COUNTERS ? [`DELETE FROM ${name}`] : []),
        `INSERT INTO ${quoted(name)} (${columns}) SELECT ${columns} FROM ${copyOf(name, number)} ORDER BY rowid`,
      ]),
      ...triggers.map(({ sql }) => sql),
    ])
  }

  /** Leaves nothing of the copies in D1. */
  async drop(): Promise<void> {
    const copies = [...this.#copies.values()]
    this.#copies.clear()
    await this.#batch(
      copies.flatMap(({ number, tables }) =>
        tables.map(({ name }) => `DROP TABLE IF EXISTS ${copyOf(name, number)}`),
      ),
    )
  }

  /** In the order in which they were made: those that others refer to come first. Counters come last. */
  #tables(): Promise<Table[]> {
    return this.#rows<Table>(
      `SELECT tables.name, group_concat('"' || replace(columns.name, '"', '""') || '"', ', ') AS columns
       FROM pragma_table_list AS tables JOIN pragma_table_xinfo(tables.name) AS columns
         LEFT JOIN sqlite_master AS made ON made.type = 'table' AND made.name = tables.name
       WHERE tables.schema = 'main' AND tables.type = 'table' AND columns.hidden = 0
         AND (tables.name NOT GLOB 'sqlite_*' OR tables.name = '${COUNTERS}')
         AND tables.name NOT GLOB '_cf_*' AND tables.name NOT GLOB '${PREFIX}*'
         AND tables.name <> 'd1_migrations'
       GROUP BY tables.name ORDER BY tables.name = '${COUNTERS}', made.rowid`,
    )
  }

  async #rows<T>(sql: string): Promise<T[]> {
    return (await this.#db.prepare(sql).all<T>()).results
  }

  async #batch(sql: readonly string[]): Promise<void> {
    if (sql.length > 0) await this.#db.batch(sql.map((one) => this.#db.prepare(one)))
  }
}

/** The table in which SQLite keeps what AUTOINCREMENT has come to. */
const COUNTERS = 'sqlite_sequence'
const PREFIX = 'dogear_copy_'

function copyOf(table: string, number: number): string {
  return quoted(`${PREFIX}${number}_${table}`)
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
