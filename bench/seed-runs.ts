import { RUN_JOBS } from './run-jobs.ts'

/** D1 stops a statement after 30 s; this many rows take about one. */
const ROWS_PER_STATEMENT = 10_000

/**
 * Runs `from` to `to` as if they had been, the first of them into empty tables: one every 13 s, of all jobs and in all statuses. Each second one has
 * the label `campaign:spring`, each one a label `customer:N`; what failed did so by one of five errors, each a group.
 */
export async function seedRuns(db: D1Database, from: number, to: number): Promise<void> {
  if (from === 1) {
    await db.batch([
      ...['dogear_runs', 'dogear_lanes', 'dogear_run_labels', 'dogear_error_groups'].map((table) =>
        db.prepare(`DELETE FROM ${table}`),
      ),
      db.prepare(INSERT_GROUPS),
    ])
  }
  for (let first = from; first <= to; first += ROWS_PER_STATEMENT) {
    const last = Math.min(to, first + ROWS_PER_STATEMENT - 1)
    await db.batch([
      db.prepare(INSERT_RUNS).bind(first, last, JSON.stringify(RUN_JOBS)),
      db.prepare(INSERT_LANES).bind(first, last),
      db.prepare(INSERT_LABELS).bind(first, last),
    ])
  }
}

const ID = `printf('%08x%08x%08x%08x', n * 2654435761 % 4294967296, n, n * 40503 % 65536, n)`
const AT = `strftime('%Y-%m-%dT%H:%M:%fZ', 1767225600 + n * 13, 'unixepoch')`
const GROUP = `printf('%016x', n % 5)`
// D1 binds every number as a real one.
const NUMBERS = `WITH RECURSIVE numbers (n) AS (
  SELECT CAST(?1 AS INTEGER) UNION ALL SELECT n + 1 FROM numbers WHERE n < ?2)`

// By hundreds: 70 completed, 20 failed, 5 cancelled, 5 under way. Of those under way none has a campaign.
const INSERT_RUNS = `${NUMBERS}, kinds AS (
    SELECT n, ${ID} AS id, ${AT} AS at, n % 100 AS kind FROM numbers)
  INSERT INTO dogear_runs (id, job, style, params, options, status, phase, result, error, driving,
    created_at, looked_at, finished_at, closed_at)
  SELECT id, json_extract(?3, '$[' || (n % json_array_length(?3)) || ']'), 'iteration',
    json_object('upTo', n),
    json_object('labels', json_object('customer', printf('%d', n % 1000))),
    CASE WHEN kind < 70 THEN 'completed' WHEN kind < 90 THEN 'failed' WHEN kind < 95 THEN 'cancelled'
      ELSE 'active' END,
    CASE kind WHEN 95 THEN 'running' WHEN 97 THEN 'interrupted' WHEN 99 THEN 'paused' ELSE 'queued' END,
    iif(kind < 70, json_object('processed', n), NULL),
    iif(kind BETWEEN 70 AND 89, json_object('name', 'Error', 'code', 'bench_' || (n % 5),
      'message', 'What went wrong in run ' || n,
      'group', json_object('id', ${GROUP})), NULL),
    json_object('attempts', 0, 'interruptions', 1, 'resumptions', 1, 'slices', 2, 'startedAt', at),
    at, at, iif(kind < 95, at, NULL), iif(kind < 95, at, NULL)
  FROM kinds`

const INSERT_LANES = `${NUMBERS}
  INSERT INTO dogear_lanes (run_id, lane, commits, done, total, touched_at)
  SELECT ${ID}, 0, 10, 500, 1000, ${AT} FROM numbers`

const INSERT_LABELS = `${NUMBERS}
  INSERT INTO dogear_run_labels (name, value, created_at, run_id)
  SELECT 'customer', printf('%d', n % 1000), ${AT}, ${ID} FROM numbers
  UNION ALL
  SELECT 'campaign', 'spring', ${AT}, ${ID} FROM numbers WHERE n % 2 = 0`

const INSERT_GROUPS = `WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 4)
  INSERT INTO dogear_error_groups (id, job, error, template, message, first_at, last_at, last_run,
    changed_at, told_at)
  SELECT ${GROUP}, 'process-orders', 'bench_' || n, 'What went wrong in run <n>', 'What went wrong in run 1',
    ${AT}, ${AT}, '', ${AT}, ${AT} FROM numbers`
