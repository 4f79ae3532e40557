import { env } from 'cloudflare:workers'

/** Computed by D1 itself. */
const GENERATED: readonly string[] = ['shown_status', 'error_key', 'error_group', 'resting']

const TABLES = [
  'dogear_runs',
  'dogear_lanes',
  'dogear_ledger',
  'dogear_step_results',
  'dogear_skips',
  'appended',
] as const

/** All rows that some runs had at a time. In few calls of D1, a test makes thousands. */
export type RowsOfRuns = readonly { table: string; rows: Record<string, unknown>[] }[]

const mine = (table: string): string =>
  `${table === 'dogear_runs' ? 'id' : 'run_id'} IN (SELECT value FROM json_each(?1))`

/** What D1 has of these runs now, with their effects. */
export async function rowsOfRuns(runs: readonly string[]): Promise<RowsOfRuns> {
  const answers = await env.DB.batch<Record<string, unknown>>(
    TABLES.map((table) =>
      env.DB.prepare(`SELECT * FROM ${table} WHERE ${mine(table)}`).bind(JSON.stringify(runs)),
    ),
  )
  return TABLES.map((table, index) => ({ table, rows: answers[index]?.results ?? [] }))
}

/**
 * Puts D1 back, as `wrangler d1 time-travel restore` does: effects and runs together. `runs`: those that
 * are under way now. Those that were not there at the bookmark are gone.
 */
export async function restoreRows(bookmark: RowsOfRuns, runs: readonly string[]): Promise<void> {
  const ids = JSON.stringify(runs)
  await env.DB.batch([
    ...bookmark.map(({ table }) =>
      env.DB.prepare(`DELETE FROM ${table} WHERE ${mine(table)}`).bind(ids),
    ),
    ...bookmark
      .filter(({ rows }) => rows.length > 0)
      .map(({ table, rows }) => {
        const columns = Object.keys(rows[0] ?? {}).filter((name) => !GENERATED.includes(name))
        const values = columns.map((column) => `value ->> '$.${column}'`)
        return env.DB.prepare(
          `INSERT INTO ${table} (${columns.join(', ')}) SELECT ${values.join(', ')} FROM json_each(?1)`,
        ).bind(JSON.stringify(rows))
      }),
  ])
}
