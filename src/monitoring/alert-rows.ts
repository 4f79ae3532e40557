import type { AlertKind } from './alert-kinds.ts'
import type { JudgedKind } from './alert-rules.ts'
import type { Status } from '../engine/run.ts'
import { isoTime } from '../engine/iso-time.ts'

/** The rows of alerts in D1. One function per statement or batch. */

/** Something about a run or a schedule that a person should look at. Times are ISO 8601. */
export interface Alert {
  id: number
  /** Null when it is about a schedule. */
  run: string | null
  /** The schedule that it is about. */
  schedule?: string
  job: string
  kind: AlertKind
  message: string
  raisedAt: string
  /** The time at which it was no longer so, or a person dismissed it; null while it is open. */
  clearedAt: string | null
}

const COLUMNS = `id, nullif(run_id, '') AS run, nullif(schedule, '') AS schedule, job, kind, message,
  raised_at AS raisedAt, cleared_at AS clearedAt`

/** An alert as D1 gives it. */
interface AlertRow extends Omit<Alert, 'schedule'> {
  schedule: string | null
}

function alertOf({ schedule, ...alert }: AlertRow): Alert {
  return { ...alert, ...(schedule !== null && { schedule }) }
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

const BY_RUN = 'INDEXED BY dogear_alerts_by_run'

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
  // The few alerts of a run are looked through, whatever else is asked for.
  const index = run === undefined ? INDEXES[open ? 'open' : 'all'][kind ? 'ofKind' : 'any'] : BY_RUN
  const parts: [condition: string, value: string | number | undefined][] = [
    ['run_id = ?', run],
    ['kind = ?', kind],
    ['id < ?', before],
  ]
  const given = parts.filter(([, value]) => value !== undefined)
  const conditions = [...given.map(([sql]) => sql), ...(open ? ['cleared_at IS NULL'] : [])]
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM dogear_alerts ${index}
       WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`,
    )
    .bind(...given.map(([, value]) => value), limit + 1)
    .all<AlertRow>()
  const alerts = results.slice(0, limit).map(alertOf)
  return { alerts, next: results.length > limit ? (alerts.at(-1)?.id ?? null) : null }
}

/** A person has seen it. Null when there is no such alert; one that is cleared already stays as it is. */
export async function dismissAlert(db: D1Database, id: number, at: string): Promise<Alert | null> {
  const row = await db
    .prepare(
      `UPDATE dogear_alerts SET cleared_at = coalesce(cleared_at, ?2) WHERE id = ?1 RETURNING ${COLUMNS}`,
    )
    .bind(id, at)
    .first<AlertRow>()
  return row && alertOf(row)
}

/** A run or a schedule that a person should look at, and why. */
export interface OpenAlert {
  /** Null when it is about a schedule, and so is its status. */
  run: string | null
  job: string
  status: Status | null
  schedule?: string
  problem: string
  kind: AlertKind
  /** Id of the alert. */
  alert: number
}

/** The open alerts, newest first. */
export async function openAlerts(db: D1Database, limit: number): Promise<OpenAlert[]> {
  const { results } = await db
    .prepare(
      `SELECT dogear_runs.id AS run, open.job, dogear_runs.shown_status AS status, open.message AS problem, open.kind,
         open.id AS alert, nullif(open.schedule, '') AS schedule
       FROM dogear_alerts AS open INDEXED BY dogear_alerts_open LEFT JOIN dogear_runs ON dogear_runs.id = open.run_id
       WHERE open.cleared_at IS NULL AND (dogear_runs.id IS NOT NULL OR open.schedule <> '')
       ORDER BY open.id DESC LIMIT ?1`,
    )
    .bind(limit)
    .all<Omit<OpenAlert, 'schedule'> & { schedule: string | null }>()
  return results.map(({ schedule, ...row }) => ({ ...row, ...(schedule !== null && { schedule }) }))
}
