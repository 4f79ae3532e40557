import type { Status } from '../engine/run.ts'
import type { AlertKind } from './alert-kinds.ts'
import { type ErrorGroupView, openGroups } from './error-groups.ts'

/** A group of errors, a run or a schedule that a person should look at, and why. */
export interface OpenAlert {
  /** Null when it is about a schedule, and so is its status; of a group its newest run. */
  run: string | null
  job: string
  status: Status | null
  schedule?: string
  problem: string
  kind: AlertKind
  /** When it was raised; of a group, when it last occurred. ISO 8601. */
  at: string
  /** Id of the alert. */
  alert: number
  group?: ErrorGroupView
}

/** The open alerts, newest first: of each sort at most so many, so that many failures hide nothing else. */
export async function openAlerts(
  db: D1Database,
  now: number,
  limitEach: number,
): Promise<OpenAlert[]> {
  const [groups, others] = await Promise.all([
    openGroups(db, now, limitEach),
    alertsOfNoGroup(db, limitEach),
  ])
  const ofGroups = groups.map(({ alert, ...group }): OpenAlert => ({
    run: group.lastRun,
    job: group.job,
    status: 'failed',
    problem: group.message,
    kind: 'failed',
    at: group.lastAt,
    alert,
    group,
  }))
  return [...ofGroups, ...others].toSorted((one, other) => (one.at < other.at ? 1 : -1))
}

async function alertsOfNoGroup(db: D1Database, limit: number): Promise<OpenAlert[]> {
  const { results } = await db
    .prepare(
      `SELECT dogear_runs.id AS run, open.job, dogear_runs.shown_status AS status, open.message AS problem, open.kind,
         open.raised_at AS at, open.id AS alert, nullif(open.schedule, '') AS schedule
       FROM dogear_alerts AS open INDEXED BY dogear_alerts_open_of_none
       LEFT JOIN dogear_runs ON dogear_runs.id = open.run_id
       WHERE open.cleared_at IS NULL AND open.error_group = ''
         AND (dogear_runs.id IS NOT NULL OR open.schedule <> '')
       ORDER BY open.id DESC LIMIT ?1`,
    )
    .bind(limit)
    .all<Omit<OpenAlert, 'schedule'> & { schedule: string | null }>()
  return results.map(({ schedule, ...row }) => ({ ...row, ...(schedule !== null && { schedule }) }))
}
