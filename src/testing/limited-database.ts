import { interceptedDatabase } from './intercepted-database.ts'

/** D1's answer once the statements are spent. */
export const STATEMENTS_SPENT = 'D1_ERROR: Too many API requests by single Worker invocation.'

/**
 * A D1 binding as one Worker invocation has it: after so many statements, each of a batch counted, it
 * refuses everything, as Cloudflare does after 1,000. Take a new one for each invocation.
 */
export function limitedDatabase(db: D1Database, statements: number): D1Database {
  let used = 0
  return interceptedDatabase(db, async ({ sql }, work) => {
    used += sql.length
    if (used > statements) throw new Error(STATEMENTS_SPENT)
    return work()
  })
}
