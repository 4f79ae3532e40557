import { env } from 'cloudflare:workers'

/** How D1 would go about each statement of `work`, as `EXPLAIN QUERY PLAN` tells it. */
export async function plansOf(work: (db: D1Database) => Promise<unknown>): Promise<string[]> {
  const asked: { sql: string; values: unknown[] }[] = []
  const recording = new Proxy(env.DB, {
    get(target, property) {
      if (property === 'prepare') {
        return (sql: string) => {
          const question = { sql, values: [] as unknown[] }
          asked.push(question)
          return recorded(target.prepare(sql), question)
        }
      }
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  await work(recording)
  const plans = await Promise.all(
    asked.map(({ sql, values }) =>
      env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .bind(...values)
        .all<{ detail: string }>(),
    ),
  )
  return plans.flatMap(({ results }) => results.map(({ detail }) => detail))
}

/** Notes what is bound; what comes of it is D1's own statement. */
function recorded(
  statement: D1PreparedStatement,
  question: { values: unknown[] },
): D1PreparedStatement {
  return new Proxy(statement, {
    get(target, property) {
      if (property === 'bind') {
        return (...values: unknown[]) => {
          question.values = values
          return target.bind(...values)
        }
      }
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
