import { withTimeout } from '../engine/patience.ts'
import type { SliceListener } from '../engine/slice/deps.ts'
import { log } from '../engine/log.ts'
import { type CounterName, COUNTERS, type Figure, minuteOf, SliceMetrics } from './metrics.ts'
import { isoTime } from '../engine/iso-time.ts'

/** A slice waits no longer than this for its figures to be kept. */
const METRICS_TIMEOUT_MS = 5_000
/** Items by the minute are kept for a day. */
const MINUTES_KEPT_MS = 86_400_000

/** Counts what happens in a slice, and keeps the figures once it is over. Give it to `consume`. */
export function sliceMetrics(): SliceListener {
  const metrics = new SliceMetrics()
  return {
    take: (event) => metrics.take(event),
    done: (db) => keepMetrics(db, metrics.figures()),
  }
}

/**
 * Adds a slice's figures to those in D1, in one statement. Figures that D1 does not take are lost, and the
 * run does not notice.
 */
async function keepMetrics(db: D1Database, figures: readonly Figure[]): Promise<void> {
  if (figures.length === 0) return
  try {
    await withTimeout(addFigures(db, figures), METRICS_TIMEOUT_MS)
  } catch (error) {
    log.warn('metrics.lost', { error })
  }
}

async function addFigures(db: D1Database, figures: readonly Figure[]): Promise<void> {
  await db
    .prepare(
      // Without a WHERE, SQLite would take ON CONFLICT for the ON of a join.
      `INSERT INTO dogear_metrics (name, label, job, value)
       SELECT value ->> 'name', value ->> 'label', value ->> 'job', value ->> 'value' FROM json_each(?1)
       WHERE true
       ON CONFLICT (name, label, job) DO UPDATE SET value = value + excluded.value`,
    )
    .bind(JSON.stringify(figures))
    .run()
}

/** All figures but those by the minute. Their number depends on the jobs only, not on the runs. */
export async function readMetrics(db: D1Database): Promise<Figure[]> {
  const names = Object.keys(COUNTERS).filter((name) => name !== BY_MINUTE)
  const { results } = await db
    .prepare(
      `SELECT name, label, job, value FROM dogear_metrics
       WHERE name IN (SELECT value FROM json_each(?1)) ORDER BY name, job, label`,
    )
    .bind(JSON.stringify(names))
    .all<Figure>()
  return results
}

const BY_MINUTE: CounterName = 'items_by_minute'

/** Items per second of all jobs, over the minute before `now`'s and as much of that as has passed. */
export async function itemsPerSecond(db: D1Database, now: number): Promise<number> {
  const from = Math.floor(now / 60_000) * 60_000 - 60_000
  const items = await db
    .prepare(
      `SELECT coalesce(sum(value), 0) AS items FROM dogear_metrics WHERE name = ?1 AND label >= ?2`,
    )
    .bind(BY_MINUTE, minuteOf(isoTime(from)))
    .first<number>('items')
  return Math.round(((items ?? 0) / ((now - from) / 1_000)) * 100) / 100
}

/** Forgets minutes that nobody looks at any more. */
export async function pruneMetrics(db: D1Database, now: number): Promise<void> {
  await db
    .prepare(`DELETE FROM dogear_metrics WHERE name = ?1 AND label < ?2`)
    .bind(BY_MINUTE, minuteOf(isoTime(now - MINUTES_KEPT_MS)))
    .run()
}

/** Runs there are of a job in a status. */
export interface RunCount {
  job: string
  status: string
  runs: number
}

/** Counted beside the statuses, by a trigger: no status of its own. */
const WITH_SKIPS = 'completed_with_skips'

/** The number of runs by job and status. Exact, and costs a row per job and status. */
export async function countRuns(db: D1Database): Promise<RunCount[]> {
  const { results } = await db
    .prepare(
      `SELECT job, status, runs FROM dogear_run_counts
       WHERE runs > 0 AND status <> '${WITH_SKIPS}' ORDER BY job, status`,
    )
    .all<RunCount>()
  return results
}

/** The number of runs that have completed, and not with all of their items. */
export async function countWithSkips(db: D1Database): Promise<number> {
  const runs = await db
    .prepare(
      `SELECT coalesce(sum(runs), 0) AS runs FROM dogear_run_counts WHERE status = '${WITH_SKIPS}'`,
    )
    .first<number>('runs')
  return runs ?? 0
}
