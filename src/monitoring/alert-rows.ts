import type { AlertKind } from './alert-kinds.ts'
import type { JudgedKind } from './alert-rules.ts'
import { isoTime } from '../engine/iso-time.ts'

/** The rows of alerts in D1. One function per statement or batch. */

/** Something about a run or a schedule that a person should look at. Times are ISO 8601. */
export interface Alert {
  id: number
  /** Null when it is about a schedule; the newest one when it is about a group of errors. */
  run: string | null
  /** The schedule that it is about. */
  schedule?: string
  /** The group of errors that it is about. */
  group?: AlertGroup
  job: string
  kind: AlertKind
  message: string
  raisedAt: string
  /** The time at which it was no longer so, or a person dismissed it; null while it is open. */
  clearedAt: string | null
}

/** As much of a group of errors as an alert about it tells. */
export interface AlertGroup {
  id: string
  /** Runs that are failed with it now. */
  failed: number
  /** How often runs have failed with it. */
  occurrences: number
  firstAt: string
  lastAt: string
}

/** The group of the alert of the row at hand, as JSON. */
export const ALERT_GROUP = `(SELECT json_object('id', id, 'failed', failed, 'occurrences', occurrences,
    'firstAt', first_at, 'lastAt', last_at) FROM dogear_error_groups WHERE id = error_group)`

const COLUMNS = `id, coalesce(nullif(run_id, ''), (SELECT last_run FROM dogear_error_groups WHERE id = error_group)) AS run,
  nullif(schedule, '') AS schedule, job, kind, message, raised_at AS raisedAt, cleared_at AS clearedAt,
  ${ALERT_GROUP} AS "group"`

/** An alert as D1 gives it; its group is JSON. */
interface AlertRow extends Omit<Alert, 'schedule' | 'group'> {
  schedule: string | null
  group: string | null
}

function alertOf({ schedule, group, ...alert }: AlertRow): Alert {
  return {
    ...alert,
    ...(schedule !== null && { schedule }),
    ...(group !== null && { group: JSON.parse(group) as AlertGroup }),
  }
}

/** The cron's findings about the runs that it judged. */
export interface Findings {
  raised: { run: string; job: string; kind: JudgedKind; message: string }[]
  cleared: { run: string; kind: JudgedKind }[]
  /** Ended runs that need no other look. */
  judged: string[]
}

/** Raises what is not raised yet, and clears what holds no longer; each new alert becomes an event in the same batch. */
export async function keepFindings(
  db: D1Database,
  { raised, cleared, judged }: Findings,
  at: string,
): Promise<void> {
  await db.batch([
    db
      .prepare(
        `INSERT OR IGNORE INTO dogear_alerts (run_id, job, kind, message, raised_at)
         SELECT value ->> 'run', value ->> 'job', value ->> 'kind', value ->> 'message', ?2
         FROM json_each(?1)`,
      )
      .bind(JSON.stringify(raised), at),
    db
      .prepare(
        `UPDATE dogear_alerts SET holds = 0, cleared_at = coalesce(cleared_at, ?2)
         WHERE holds = 1
           AND (run_id, kind) IN (SELECT value ->> 'run', value ->> 'kind' FROM json_each(?1))`,
      )
      .bind(JSON.stringify(cleared), at),
    db
      .prepare(`DELETE FROM dogear_runs_to_judge WHERE run_id IN (SELECT value FROM json_each(?1))`)
      .bind(JSON.stringify(judged)),
  ])
}

/** No run takes an alert about a schedule along when it is purged. */
const SCHEDULE_ALERTS_KEPT_MS = 30 * 86_400_000

/**
 * Raises one alert for each of these schedules, unless it holds already, and clears those of all others. Gives the
 * number of new ones; each becomes an event in the same batch.
 */
export async function keepScheduleAlerts(
  db: D1Database,
  raised: readonly { schedule: string; job: string; message: string }[],
  at: string,
): Promise<number> {
  const names = JSON.stringify(raised.map(({ schedule }) => schedule))
  const [added] = await db.batch([
    db
      .prepare(
        `INSERT OR IGNORE INTO dogear_alerts (run_id, schedule, job, kind, message, raised_at)
         SELECT '', value ->> 'schedule', value ->> 'job', 'schedule_failed', value ->> 'message', ?2
         FROM json_each(?1) RETURNING id`,
      )
      .bind(JSON.stringify(raised), at),
    db
      .prepare(
        `UPDATE dogear_alerts SET holds = 0, cleared_at = coalesce(cleared_at, ?2)
         WHERE holds = 1 AND run_id = '' AND kind = 'schedule_failed'
           AND schedule NOT IN (SELECT value FROM json_each(?1))`,
      )
      .bind(names, at),
    db
      .prepare(
        `DELETE FROM dogear_alerts INDEXED BY dogear_alerts_of_schedules
         WHERE schedule <> '' AND holds = 0 AND cleared_at < ?1`,
      )
      .bind(isoTime(Date.parse(at) - SCHEDULE_ALERTS_KEPT_MS)),
  ])
  return added?.results.length ?? 0
}

export interface AlertQuery {
  run?: string
  kind?: AlertKind
  /** Only those that nothing and nobody has cleared. */
  open?: boolean
  limit: number
  /** The id of the last alert of the page before. */
  before?: number
}

/** Those of a run, and of the group that it is failed in: few, and looked through, whatever else is asked for. */
const OF_RUN = `id IN (
  SELECT id FROM dogear_alerts INDEXED BY dogear_alerts_by_run WHERE run_id = ?
  UNION ALL SELECT id FROM dogear_alerts INDEXED BY dogear_alerts_of_groups
  WHERE error_group <> '' AND error_group = (SELECT error_group FROM dogear_runs WHERE id = ?))`

/** The indexes that lists are read by; all alerts are read by their ids. */
const INDEXES = {
  all: { any: '', ofKind: 'INDEXED BY dogear_alerts_by_kind' },
  open: {
    any: 'INDEXED BY dogear_alerts_open',
    ofKind: 'INDEXED BY dogear_alerts_open_by_kind',
  },
} as const

/** Alerts, newest first, by keyset: each page costs the same. */
export async function listAlerts(
  db: D1Database,
  { run, kind, open = false, limit, before = Number.MAX_SAFE_INTEGER }: AlertQuery,
): Promise<{ alerts: Alert[]; next: number | null }> {
  const index = run === undefined ? INDEXES[open ? 'open' : 'all'][kind ? 'ofKind' : 'any'] : ''
  const parts: [condition: string, ...values: (string | number)[]][] = [
    ...(run === undefined ? [] : [[OF_RUN, run, run] as [string, string, string]]),
    ...(kind === undefined ? [] : [['kind = ?', kind] as [string, string]]),
    ['id < ?', before],
  ]
  const conditions = [...parts.map(([sql]) => sql), ...(open ? ['cleared_at IS NULL'] : [])]
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM dogear_alerts ${index}
       WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`,
    )
    .bind(...parts.flatMap(([, ...values]) => values), limit + 1)
    .all<AlertRow>()
  const alerts = results.slice(0, limit).map(alertOf)
  return { alerts, next: results.length > limit ? (alerts.at(-1)?.id ?? null) : null }
}

/**
 * A person has seen it, and with it the group that it is about. Null when there is no such alert; one that is cleared
 * already stays as it is.
 */
export async function dismissAlert(
  db: D1Database,
  id: number,
  at: string,
  by = '',
): Promise<Alert | null> {
  const [, answer] = await db.batch<AlertRow>([
    db
      .prepare(
        `UPDATE dogear_error_groups SET dismissed_at = ?2, dismissed_by = ?3, changed_at = ?2
         WHERE state = 'open' AND id =
           (SELECT error_group FROM dogear_alerts WHERE id = ?1 AND cleared_at IS NULL)`,
      )
      .bind(id, at, by),
    db
      .prepare(
        `UPDATE dogear_alerts SET cleared_at = coalesce(cleared_at, ?2) WHERE id = ?1 RETURNING ${COLUMNS}`,
      )
      .bind(id, at),
  ])
  const row = answer?.results[0]
  return row ? alertOf(row) : null
}
