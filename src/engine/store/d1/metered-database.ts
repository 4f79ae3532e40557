import { noteOf } from '../../error-notes.ts'
import { refusedStatement } from './refused-statement.ts'
import { d1Verdict, markD1 } from './verdict.ts'

/** Begins no work for a slice that was killed, and answers it nothing. */
interface Mortal {
  whileAlive<T>(work: () => Promise<T>): Promise<T>
}

/** D1 statements and rows that a slice has used. */
export class D1Usage {
  statements = 0
  rowsRead = 0
  rowsWritten = 0
  readonly #shared: StatementBudget
  readonly #slice: Mortal

  constructor(shared: StatementBudget, slice: Mortal) {
    this.#shared = shared
    this.#slice = slice
  }

  /** Sends these statements; a slice that was killed sends none any more. */
  async spend<T>(sqls: readonly string[], send: () => Promise<T>): Promise<T> {
    this.statements += sqls.length
    this.#shared.used += sqls.length
    try {
      return await this.#slice.whileAlive(send)
    } catch (error) {
      const refused = d1Verdict(error) === 'refused'
      const statement = refused ? refusedStatement(error, sqls) : undefined
      if (statement !== undefined) noteOf(error, { statement })
      throw markD1(error)
    }
  }

  record(results: readonly { meta: D1Meta }[]): void {
    for (const { meta } of results) {
      this.rowsRead += meta.rows_read
      this.rowsWritten += meta.rows_written
    }
  }
}

/**
 * The D1 binding with a meter: the same interface, every statement counted (a batch of N as N, which
 * is the safe reading of the platform's limit), also those of its sessions. Its errors are known as D1's.
 */
export function meteredDatabase(db: D1Database, usage: D1Usage): D1Database {
  return metered(db, usage, {
    exec: (sql) => usage.spend(sql.trim().split('\n'), () => db.exec(sql)),
    withSession: (constraint) => metered(db.withSession(constraint), usage, {}),
  })
}

type Session = Pick<D1Database, 'prepare' | 'batch'>

function metered<DB extends Session>(db: DB, usage: D1Usage, more: Partial<D1Database>): DB {
  const counted: Session = {
    prepare: (sql) =>
      new MeteredStatement(db.prepare(sql), sql, usage) as unknown as D1PreparedStatement,
    async batch<T>(statements: D1PreparedStatement[]) {
      const sqls = statements.map((statement) => MeteredStatement.sqlOf(statement))
      const results = await usage.spend(sqls, () =>
        db.batch<T>(statements.map((statement) => MeteredStatement.inner(statement))),
      )
      usage.record(results)
      return results
    },
  }
  const own: object = { ...counted, ...more }
  return new Proxy(db, {
    get(target, property) {
      if (Object.hasOwn(own, property)) return Reflect.get(own, property) as unknown
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** A class and not closures: a commit makes a dozen of these. */
class MeteredStatement {
  readonly #statement: D1PreparedStatement
  readonly #sql: string
  readonly #usage: D1Usage

  constructor(statement: D1PreparedStatement, sql: string, usage: D1Usage) {
    this.#statement = statement
    this.#sql = sql
    this.#usage = usage
  }

  /** The real statement behind a metered one: `batch` takes only its own database's. */
  static inner(statement: D1PreparedStatement): D1PreparedStatement {
    return #statement in statement ? (statement as MeteredStatement).#statement : statement
  }

  /** Empty for a statement of another database's. */
  static sqlOf(statement: D1PreparedStatement): string {
    return #statement in statement ? (statement as MeteredStatement).#sql : ''
  }

  bind(...values: unknown[]): MeteredStatement {
    return new MeteredStatement(this.#statement.bind(...values), this.#sql, this.#usage)
  }

  all<T>(): Promise<D1Result<T>> {
    return this.#query('all')
  }

  run<T>(): Promise<D1Result<T>> {
    return this.#query('run')
  }

  async first<T>(column?: string): Promise<T | null> {
    const { results } = await this.#query<Record<string, unknown>>('all')
    const row = results[0]
    if (row === undefined) return null
    if (column === undefined) return row as T
    if (!(column in row)) throw new Error(`D1_COLUMN_NOTFOUND: Column not found (${column})`)
    return row[column] as T
  }

  async raw(options?: { columnNames?: boolean }): Promise<unknown> {
    return this.#usage.spend([this.#sql], () =>
      this.#statement.raw(options as { columnNames: true }),
    )
  }

  async #query<T>(method: 'all' | 'run'): Promise<D1Result<T>> {
    const result = await this.#usage.spend([this.#sql], () => this.#statement[method]<T>())
    this.#usage.record([result])
    return result
  }
}

/** D1's limit per Worker invocation. */
export const STATEMENTS_PER_INVOCATION = 1_000

/** D1 statements of one Worker invocation; the slices of one queue delivery share it. */
export class StatementBudget {
  readonly limit: number
  used = 0

  constructor(limit: number) {
    this.limit = limit
  }
}
