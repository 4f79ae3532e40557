/** One call to D1: its SQL statements, and its number from 1. */
export interface D1Call {
  number: number
  kind: 'batch' | 'statement'
  sql: readonly string[]
}

/** Stands between a caller and D1; `work` is the call itself. */
export type D1Interceptor = (call: D1Call, work: () => Promise<unknown>) => Promise<unknown>

type Session = Pick<D1Database, 'prepare' | 'batch'>

/** A D1 binding whose every call goes through `intercept`, also those of its sessions. */
export function interceptedDatabase(db: D1Database, intercept: D1Interceptor): D1Database {
  let calls = 0
  const call = (kind: D1Call['kind'], sql: string[], work: () => Promise<unknown>) =>
    intercept({ number: ++calls, kind, sql }, work)

  const statement = (real: D1PreparedStatement, sql: string): D1PreparedStatement => {
    const intercepted = new Proxy(real, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property)
        if (typeof value !== 'function') return value
        if (property === 'bind')
          return (...values: unknown[]) => statement(target.bind(...values), sql)
        return (...args: unknown[]) =>
          call('statement', [sql], () => Reflect.apply(value, target, args) as Promise<unknown>)
      },
    })
    originals.set(intercepted, { statement: real, sql })
    return intercepted
  }

  const batch = (target: Session, statements: D1PreparedStatement[]): Promise<unknown> => {
    const real = statements.map((one) => originals.get(one) ?? { statement: one, sql: '' })
    return call(
      'batch',
      real.map(({ sql }) => sql),
      () => target.batch(real.map((one) => one.statement)),
    )
  }

  const database = <T extends Session>(real: T): T =>
    new Proxy(real, {
      get: (target, property) => {
        if (property === 'prepare') return (sql: string) => statement(target.prepare(sql), sql)
        if (property === 'batch')
          return (statements: D1PreparedStatement[]) => batch(target, statements)
        const value: unknown = Reflect.get(target, property)
        if (typeof value !== 'function' || property === 'constructor') return value
        return (...args: unknown[]) => {
          const work = (): unknown => Reflect.apply(value, target, args)
          if (property === 'exec')
            return call('statement', [String(args[0])], work as () => Promise<unknown>)
          return property === 'withSession' ? database(work() as Session) : work()
        }
      },
    })
  return database(db)
}

/** A batch takes only its own database's statements. */
const originals = new WeakMap<
  D1PreparedStatement,
  { statement: D1PreparedStatement; sql: string }
>()
