import { env } from 'cloudflare:workers'
import { listCommits, verifyLedger, type LedgerCommit } from '../../src/engine/runs/index.ts'
import type { Check } from '../../src/engine/index.ts'
import type { RunOf } from './run-of.ts'

/** Oldest first. */
export async function commitsOf({ id }: RunOf): Promise<LedgerCommit[]> {
  return (await listCommits(env.DB, id, { limit: 500 })).commits.toReversed()
}

/** The seq of the commit with which that many items were done. */
export async function seqAfter(run: RunOf, items: number): Promise<number> {
  let done = 0
  for (const commit of await commitsOf(run)) {
    done += commit.items
    if (done === items) return commit.seq
  }
  throw new Error(`no commit after ${items} items`)
}

/** Everything that D1 has of a run. */
export async function rowsOf({ id }: RunOf): Promise<unknown> {
  const tables = [
    'dogear_ledger',
    'dogear_lanes',
    'dogear_step_results',
    'dogear_skips',
    'appended',
  ]
  const queries = tables.map((table) => `SELECT * FROM ${table} WHERE run_id = ?`)
  const statements = [...queries, 'SELECT * FROM dogear_runs WHERE id = ?'].map((sql) =>
    env.DB.prepare(sql).bind(id),
  )
  return (await env.DB.batch(statements)).map(({ results }) => results)
}

/** The checks of a run's ledger that failed. */
export async function unproved(run: string): Promise<Check[]> {
  return (await verifyLedger(env.DB, run)).filter(({ ok }) => !ok)
}
