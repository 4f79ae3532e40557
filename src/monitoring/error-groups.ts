import { GROUP_STATES, type GroupState } from './group-states.ts'
import { lastDay, type TrendPart, trendOf } from './error-trend.ts'

/** Groups of errors as people see them. Times are ISO 8601. One function per statement or batch. */

/** The errors of one job that are the same but for numbers, ids and times. */
export interface ErrorGroupView {
  id: string
  job: string
  /** The code of the error, or its name where it has no code. */
  error: string
  template: string
  /** Of its newest occurrence, like the frame. */
  message: string
  frame?: string
  state: GroupState
  /** Runs that are failed with it now. */
  failed: number
  /** How often runs have failed with it. */
  occurrences: number
  firstAt: string
  lastAt: string
  lastRun: string
  dismissedAt?: string
  dismissedBy?: string
  mutedUntil?: string
  mutedBy?: string
  /** The last time that it occurred after a person had dismissed it. */
  returnedAt?: string
  /** Occurrences by the hour: the last 24, the oldest first. */
  lastDay: number[]
}

type Row = Omit<ErrorGroupView, 'lastDay' | Missing> & Record<Missing, string | null>
type Missing = 'frame' | 'dismissedAt' | 'dismissedBy' | 'mutedUntil' | 'mutedBy' | 'returnedAt'

const COLUMNS = `id, job, error, template, message, frame, state, failed, occurrences, first_at AS firstAt,
  last_at AS lastAt, last_run AS lastRun, dismissed_at AS dismissedAt,
  iif(dismissed_at IS NULL, NULL, nullif(dismissed_by, '')) AS dismissedBy, muted_until AS mutedUntil,
  iif(muted_until IS NULL, NULL, nullif(muted_by, '')) AS mutedBy, returned_at AS returnedAt`

function viewOf(row: Row, hours: number[]): ErrorGroupView {
  const present = Object.entries(row).filter(([, value]) => value !== null)
  return { ...(Object.fromEntries(present) as unknown as ErrorGroupView), lastDay: hours }
}

export interface GroupQuery {
  state?: GroupState
  job?: string
  /** Those that have occurred at this time or later; ISO 8601. */
  since?: string
  limit: number
  /** The end of the page before. */
  after?: { lastAt: string; id: string }
}

export interface GroupPage {
  groups: ErrorGroupView[]
  next: { lastAt: string; id: string } | null
}

/** Groups, those that occurred last first, by keyset: each page costs the same. */
export async function listErrorGroups(
  db: D1Database,
  { state, job, since, limit, after }: GroupQuery,
  now: number,
): Promise<GroupPage> {
  const index = job ? 'job' : state ? 'state' : 'time'
  const parts: [condition: string, ...values: string[]][] = [
    ...(job ? [['job = ?', job] as [string, string]] : []),
    ...(state ? [['state = ?', state] as [string, string]] : []),
    ...(since ? [['last_at >= ?', since] as [string, string]] : []),
    ...(after
      ? [['(last_at, id) < (?, ?)', after.lastAt, after.id] as [string, string, string]]
      : []),
  ]
  const where = parts.length > 0 ? `WHERE ${parts.map(([sql]) => sql).join(' AND ')}` : ''
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM dogear_error_groups INDEXED BY dogear_error_groups_by_${index}
       ${where} ORDER BY last_at DESC, id DESC LIMIT ?`,
    )
    .bind(...parts.flatMap(([, ...values]) => values), limit + 1)
    .all<Row>()
  const groups = await withLastDay(db, results.slice(0, limit), now)
  const last = groups.at(-1)
  return {
    groups,
    next: results.length > limit && last ? { lastAt: last.lastAt, id: last.id } : null,
  }
}

/** How many groups there are in each state, of one job or of all. Goes through the groups, which are few, never the runs. */
export async function countErrorGroups(
  db: D1Database,
  job?: string,
): Promise<Record<GroupState, number>> {
  const { results } = await db
    .prepare(
      job === undefined
        ? `SELECT state, count(*) AS groups FROM dogear_error_groups INDEXED BY dogear_error_groups_by_state GROUP BY state`
        : `SELECT state, count(*) AS groups FROM dogear_error_groups INDEXED BY dogear_error_groups_by_job
           WHERE job = ? GROUP BY state`,
    )
    .bind(...(job === undefined ? [] : [job]))
    .all<{ state: GroupState; groups: number }>()
  const counted = new Map(results.map(({ state, groups }) => [state, groups]))
  return Object.fromEntries(
    GROUP_STATES.map((state) => [state, counted.get(state) ?? 0]),
  ) as Record<GroupState, number>
}

/** A group in full: with its trend, by the hour for a week and by the day before that. */
export interface ErrorGroupDetails extends ErrorGroupView {
  trend: TrendPart[]
}

/** Null when there is no such group. */
export async function readErrorGroup(
  db: D1Database,
  id: string,
  now: number,
): Promise<ErrorGroupDetails | null> {
  const row = await db
    .prepare(`SELECT ${COLUMNS} FROM dogear_error_groups WHERE id = ?`)
    .bind(id)
    .first<Row>()
  if (!row) return null
  const [[group], trend] = await Promise.all([withLastDay(db, [row], now), trendOf(db, id)])
  return group ? { ...group, trend } : null
}

/** An open group with the id of its alert. */
export type OpenGroup = ErrorGroupView & { alert: number }

/** The open groups, those that occurred last first. */
export async function openGroups(db: D1Database, now: number, limit: number): Promise<OpenGroup[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS}, (SELECT max(id) FROM dogear_alerts INDEXED BY dogear_alerts_of_groups
         WHERE error_group = dogear_error_groups.id AND error_group <> '') AS alert
       FROM dogear_error_groups INDEXED BY dogear_error_groups_by_state
       WHERE state = 'open' ORDER BY last_at DESC, id DESC LIMIT ?`,
    )
    .bind(limit)
    .all<Row & { alert: number }>()
  return (await withLastDay(db, results, now)) as OpenGroup[]
}

async function withLastDay(
  db: D1Database,
  rows: readonly Row[],
  now: number,
): Promise<ErrorGroupView[]> {
  const hours = await lastDay(
    db,
    rows.map(({ id }) => id),
    now,
  )
  return rows.map((row) => viewOf(row, hours(row.id)))
}

/** Groups whose ids begin so, by the order of their ids. Ids are hexadecimal: `g` comes after every digit. */
export async function groupsByStart(
  db: D1Database,
  start: string,
  limit: number,
): Promise<Pick<ErrorGroupView, 'id' | 'job' | 'error'>[]> {
  const { results } = await db
    .prepare(
      'SELECT id, job, error FROM dogear_error_groups WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3',
    )
    .bind(start, `${start}g`, limit)
    .all<Pick<ErrorGroupView, 'id' | 'job' | 'error'>>()
  return results
}
