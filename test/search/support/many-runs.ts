import { env } from 'cloudflare:workers'

/** Runs as if they had been: run `n` was created `n` seconds after the beginning of 2026. */
export interface ManyRuns {
  from: number
  to: number
  /** @default 'many-runs' */
  job?: string
  /** The name and value of a label as SQL; of none without it. */
  label?: string
  /** Which of them have failed, as SQL. The others have completed. @default none */
  failed?: string
  /** Which of them are under way, as SQL. @default none */
  active?: string
}

const ROWS_AT_ONCE = 10_000
const AT = `strftime('%Y-%m-%dT%H:%M:%fZ', 1767225600 + n, 'unixepoch')`
const ID = `printf('%032x', n)`

export function idOf(n: number): string {
  return n.toString(16).padStart(32, '0')
}

export async function addRuns({
  from,
  to,
  job = 'many-runs',
  label,
  failed = '0',
  active = '0',
}: ManyRuns): Promise<void> {
  for (let first = from; first <= to; first += ROWS_AT_ONCE) {
    const last = Math.min(to, first + ROWS_AT_ONCE - 1)
    const numbers = `WITH RECURSIVE numbers (n) AS (SELECT ${first} UNION ALL SELECT n + 1 FROM numbers WHERE n < ${last})`
    await env.DB.batch(
      [
        `INSERT INTO dogear_runs (id, job, style, params, options, status, error, created_at, looked_at, finished_at, closed_at)
         ${numbers} SELECT ${ID}, '${job}', 'iteration', '{}', '{}',
           CASE WHEN ${active} THEN 'active' WHEN ${failed} THEN 'failed' ELSE 'completed' END,
           iif(${failed}, json_object('name', 'Error', 'code', 'too_many', 'message', 'run ' || n), NULL),
           ${AT}, ${AT}, ${AT}, ${AT} FROM numbers`,
        `INSERT INTO dogear_lanes (run_id, lane, touched_at) ${numbers} SELECT ${ID}, 0, ${AT} FROM numbers`,
        ...(label === undefined
          ? []
          : [
              `INSERT INTO dogear_run_labels (name, value, created_at, run_id)
               ${numbers} SELECT ${label}, ${AT}, ${ID} FROM numbers`,
            ]),
      ].map((sql) => env.DB.prepare(sql)),
    )
  }
}

export async function clearRuns(): Promise<void> {
  await env.DB.batch(
    ['dogear_runs', 'dogear_lanes', 'dogear_run_labels'].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  )
}
