import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

const STATE = '.wrangler/state/v3/d1/miniflare-D1DatabaseObject'

type Row = Record<string, unknown>

/**
 * The rows of each statement in the one D1 database that wrangler keeps below a folder. Without wrangler, whose every
 * start takes seconds of processor; the file has to be there already, and a Worker may be at work in it.
 */
export function rowsIn(folder: string, ...statements: readonly string[]): Row[][] {
  return opened(folder, (db) => statements.map((sql) => db.prepare(sql).all()))
}

/** Does all of this SQL there. */
export function executeIn(folder: string, sql: string): void {
  opened(folder, (db) => db.exec(sql))
}

function opened<Result>(folder: string, work: (db: DatabaseSync) => Result): Result {
  const state = join(folder, STATE)
  const files = readdirSync(state).filter(
    (file) => file.endsWith('.sqlite') && !file.startsWith('metadata'),
  )
  const [file, ...others] = files
  if (file === undefined || others.length > 0)
    throw new Error(`Found ${files.length} databases in ${state}; expected one`)
  const db = new DatabaseSync(join(state, file), { timeout: 10_000 })
  try {
    return work(db)
  } finally {
    db.close()
  }
}
