import { isoTime } from '../engine/iso-time.ts'

/** How often groups of errors have occurred, over time. */

/** An hour, `2026-11-30T05:00:00.000Z`, or a day that is longer ago, and how often the group occurred in it. */
export interface TrendPart {
  at: string
  per: 'hour' | 'day'
  occurrences: number
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const HOURS = 24
/** Hours become days then, and days are forgotten. */
const HOURS_KEPT_MS = 7 * DAY_MS
const DAYS_KEPT_MS = 90 * DAY_MS

/** The parts of a group's trend, the oldest first; hours and days in which it did not occur are left out. */
export async function trendOf(db: D1Database, group: string): Promise<TrendPart[]> {
  const { results } = await db
    .prepare('SELECT at, runs FROM dogear_error_trend WHERE group_id = ? ORDER BY at')
    .bind(group)
    .all<{ at: string; runs: number }>()
  return results.map(({ at, runs }) =>
    at.length === HOUR_LENGTH
      ? { at: `${at}:00:00.000Z`, per: 'hour', occurrences: runs }
      : { at: `${at}T00:00:00.000Z`, per: 'day', occurrences: runs },
  )
}

const HOUR_LENGTH = '2026-11-30T05'.length

/** The last 24 hours of each of these groups, the oldest first. */
export async function lastDay(
  db: D1Database,
  groups: readonly string[],
  now: number,
): Promise<(group: string) => number[]> {
  const hours = Array.from({ length: HOURS }, (_, index) =>
    hourOf(now - (HOURS - 1 - index) * HOUR_MS),
  )
  const { results } = await db
    .prepare(
      `SELECT group_id AS id, at, runs FROM dogear_error_trend
       WHERE group_id IN (SELECT value FROM json_each(?1)) AND at >= ?2`,
    )
    .bind(JSON.stringify(groups), hours[0])
    .all<{ id: string; at: string; runs: number }>()
  const found = new Map(results.map(({ id, at, runs }) => [`${id} ${at}`, runs]))
  return (group) => hours.map((hour) => found.get(`${group} ${hour}`) ?? 0)
}

/** Makes hours of more than a week ago days, and forgets days of more than 90 days ago. */
export async function thinTrends(db: D1Database, now: number): Promise<void> {
  const week = dayOf(now - HOURS_KEPT_MS)
  await db.batch([
    db
      .prepare(
        `INSERT INTO dogear_error_trend (group_id, at, runs)
         SELECT group_id, substr(at, 1, 10), runs FROM dogear_error_trend INDEXED BY dogear_error_trend_hours
         WHERE length(at) = 13 AND at < ?1
         ON CONFLICT (group_id, at) DO UPDATE SET runs = runs + excluded.runs`,
      )
      .bind(week),
    db
      .prepare(
        `DELETE FROM dogear_error_trend INDEXED BY dogear_error_trend_hours WHERE length(at) = 13 AND at < ?1`,
      )
      .bind(week),
    db
      .prepare(
        `DELETE FROM dogear_error_trend INDEXED BY dogear_error_trend_days WHERE length(at) = 10 AND at < ?1`,
      )
      .bind(dayOf(now - DAYS_KEPT_MS)),
  ])
}

function hourOf(time: number): string {
  return isoTime(time).slice(0, HOUR_LENGTH)
}

function dayOf(time: number): string {
  return isoTime(time).slice(0, 10)
}
