/**
 * What becomes of one call to D1:
 * - `lost_answer`: it commits, and the caller gets a network error.
 * - `never_lands`: the caller gets a network error, and nothing has happened.
 * - `late`: the caller gets a network error; the call commits when `land()` is called.
 * - `hangs`: nothing has happened, and the caller never hears anything.
 * - `hangs_after`: it commits, and the caller never hears anything.
 */
export type Fault = 'lost_answer' | 'never_lands' | 'late' | 'hangs' | 'hangs_after'

/** One call to D1, as a fault plan sees it: its SQL statements, and its number from 1. */
export interface D1Call {
  number: number
  kind: 'batch' | 'statement'
  sql: readonly string[]
}

/** Decides what goes wrong with a call; undefined lets it pass. May also wait, or act, before it does. */
export type FaultPlan = (call: D1Call) => Fault | undefined | Promise<Fault | undefined>

const never = new Promise<never>(() => undefined)

export const NETWORK_ERROR = 'D1_ERROR: Network connection lost.'

/**
 * A D1 binding whose network fails as planned. Locally D1 never does, so this is how a lost answer, a
 * lost request and a late one are tried out.
 */
export class FaultyDatabase {
  readonly binding: D1Database
  readonly #plan: FaultPlan
  readonly #late: (() => Promise<unknown>)[] = []
  #calls = 0

  constructor(db: D1Database, plan: FaultPlan) {
    this.#plan = plan
    this.binding = new Proxy(db, {
      get: (target, property) => {
        if (property === 'prepare')
          return (sql: string) => this.#statement(target.prepare(sql), sql)
        if (property === 'batch')
          return (statements: D1PreparedStatement[]) => this.#batch(target, statements)
        const value: unknown = Reflect.get(target, property)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
  }

  /** Lets every late call reach D1 now; what D1 answers (a failed guard, say) is returned, not thrown. */
  async land(): Promise<PromiseSettledResult<unknown>[]> {
    return Promise.allSettled(this.#late.splice(0).map((call) => call()))
  }

  #batch(db: D1Database, statements: D1PreparedStatement[]): Promise<unknown> {
    const real = statements.map((statement) => originals.get(statement) ?? { statement, sql: '' })
    return this.#call(
      'batch',
      real.map(({ sql }) => sql),
      () => db.batch(real.map(({ statement }) => statement)),
    )
  }

  #statement(statement: D1PreparedStatement, sql: string): D1PreparedStatement {
    const faulty = new Proxy(statement, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property)
        if (typeof value !== 'function') return value
        if (property === 'bind')
          return (...values: unknown[]) => this.#statement(target.bind(...values), sql)
        return (...args: unknown[]) =>
          this.#call('statement', [sql], () => value.apply(target, args) as Promise<unknown>)
      },
    })
    originals.set(faulty, { statement, sql })
    return faulty
  }

  async #call(kind: D1Call['kind'], sql: string[], work: () => Promise<unknown>): Promise<unknown> {
    this.#calls += 1
    const fault = await this.#plan({ number: this.#calls, kind, sql })
    switch (fault) {
      case undefined:
        return work()
      case 'lost_answer':
        await work()
        break
      case 'never_lands':
        break
      case 'late':
        this.#late.push(work)
        break
      case 'hangs':
        return never
      case 'hangs_after':
        await work()
        return never
    }
    throw new Error(NETWORK_ERROR)
  }
}

const originals = new WeakMap<
  D1PreparedStatement,
  { statement: D1PreparedStatement; sql: string }
>()
