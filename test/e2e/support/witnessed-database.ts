import { connect } from 'cloudflare:sockets'
import { laneCall } from '../../../src/engine/store/d1/calls.ts'

/** D1 is some way off, as it is in production: a commit is under way for longer than D1 works on it. */
const DISTANCE_MS = 3

/**
 * The Worker's side of a witness (see `witness.ts`): D1 as it is, but of every commit a line is written
 * before D1 is asked and another when it has answered. A line that was written is in the kernel: it
 * arrives even when the Worker is killed the next moment.
 */
export async function withWitness<Env extends { DB: D1Database }>(
  env: Env,
  port: number,
  work: (env: Env) => Promise<void>,
): Promise<void> {
  const socket = connect({ hostname: '127.0.0.1', port })
  const writer = socket.writable.getWriter() as WritableStreamDefaultWriter<Uint8Array>
  const encoder = new TextEncoder()
  const tell = (line: unknown) => writer.write(encoder.encode(`${JSON.stringify(line)}\n`))
  try {
    await work({ ...env, DB: witnessedDatabase(env.DB, tell) })
  } finally {
    await socket.close()
  }
}

type Tell = (line: unknown) => Promise<void>

function witnessedDatabase(db: D1Database, tell: Tell): D1Database {
  const commits = new WeakMap<D1PreparedStatement, Record<string, unknown>>()
  const witnessed: Pick<D1Database, 'prepare' | 'batch'> = {
    prepare(sql) {
      const statement = db.prepare(sql)
      const call = laneCall([sql])
      if (call !== 'commit' && call !== 'end') return statement
      const columns = /\(([^)]*)\)/.exec(sql)?.[1]?.split(/,\s*/) ?? []
      const bind = statement.bind.bind(statement)
      return Object.assign(statement, {
        bind(...values: unknown[]) {
          const bound = bind(...values)
          commits.set(bound, Object.fromEntries(columns.map((name, i) => [name, values[i]])))
          return bound
        },
      })
    },
    async batch<T>(statements: D1PreparedStatement[]) {
      const commit = statements[0] && commits.get(statements[0])
      if (commit === undefined) return db.batch<T>(statements)
      const { run_id: run, seq, fence, items } = commit
      const line = { run, seq, fence, items }
      await tell({ ...line, state: 'asked' })
      await scheduler.wait(DISTANCE_MS)
      try {
        const results = await db.batch<T>(statements)
        await scheduler.wait(DISTANCE_MS)
        await tell({ ...line, state: 'answered' })
        return results
      } catch (error) {
        await tell({ ...line, state: 'refused' })
        throw error
      }
    },
  }
  return new Proxy(db, {
    get(target, property) {
      if (property in witnessed) return witnessed[property as keyof typeof witnessed]
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
