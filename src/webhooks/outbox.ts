import { type Alert, ALERT_GROUP, type AlertGroup } from '../monitoring/alert-rows.ts'
import type { RunError } from '../engine/errors.ts'
import type { Status } from '../engine/run.ts'
import type { Endpoint } from './endpoints.ts'
import { isoTime } from '../engine/iso-time.ts'

/**
 * The statements on the outbox. Triggers of D1 write an event in the transaction in which it came about;
 * here it becomes a delivery for each endpoint that is to hear of it, and deliveries are claimed and
 * settled. One function per statement or batch.
 */

/** The time for which an endpoint is tried. */
export const GIVE_UP_AFTER_MS = 3 * 86_400_000
/** Nobody else sends a delivery that was claimed, for this long: longer than a request may take. */
const CLAIM_MS = 30_000
/** Failures come in numbers: so long others of the group are waited for, and counted. */
const GROUP_WAIT = '+20 seconds'
const EVENTS_PER_BATCH = 100
const KEEP_MS = 30 * 86_400_000
const PER_PRUNE = 1_000

/** A delivery that is to be sent now. */
export interface Claimed {
  id: number
  eventId: string
  endpoint: string
  type: string
  /** Null: a test, or about a schedule. */
  run: string | null
  at: string
  ending: EndedRun | null
  alert: SentAlert | null
  /** This one included. */
  attempts: number
  giveUpAt: string
}

/** An alert as it is sent; one about a schedule or a group of errors names its job, since no run does. */
export type SentAlert = Omit<Alert, 'run' | 'job'> & { job?: string }

/** The end of a run, when the event is one. */
export interface EndedRun {
  status: Status
  error: RunError | null
  attention: string | null
  finishedAt: string
}

/**
 * Makes deliveries of what is in the outbox, and claims some that are due, all in one transaction: two who
 * do it at the same time make each once, and send each once. `more`: there may be some left.
 */
export async function claimDeliveries(
  db: D1Database,
  endpoints: readonly Endpoint[],
  now: number,
  limit: number,
): Promise<{ claimed: Claimed[]; more: boolean }> {
  const told = endpoints.map(({ name, events, jobs }) => ({ name, events, jobs }))
  const [, events, answer] = await db.batch<ClaimedRow>([
    db
      .prepare(
        `INSERT INTO dogear_webhook_deliveries
           (event_id, endpoint, type, run_id, at, ending, alert_id, next_at, give_up_at, created_at)
         SELECT event.id, endpoint.value ->> 'name', event.type, event.run_id, event.at, event.ending,
           event.alert_id,
           iif(event.type = 'errors.group', strftime('%Y-%m-%dT%H:%M:%fZ', event.at, '${GROUP_WAIT}'), ?2), ?3, ?2
         FROM (SELECT * FROM dogear_webhook_events ORDER BY seq LIMIT ${EVENTS_PER_BATCH}) AS event
         JOIN json_each(?1) AS endpoint
         WHERE ((endpoint.value -> 'events' IS NULL AND event.grouped = 0)
             OR event.type IN (SELECT value FROM json_each(endpoint.value, '$.events')))
           AND (endpoint.value -> 'jobs' IS NULL
             OR event.job IN (SELECT value FROM json_each(endpoint.value, '$.jobs')))
         ORDER BY event.seq, endpoint.key`,
      )
      .bind(JSON.stringify(told), isoTime(now), isoTime(now + GIVE_UP_AFTER_MS)),
    db.prepare(FORGET_EVENTS),
    db
      .prepare(
        `UPDATE dogear_webhook_deliveries SET attempts = attempts + 1, next_at = ?2
         WHERE id IN (SELECT id FROM dogear_webhook_deliveries INDEXED BY dogear_webhook_deliveries_due
           WHERE status = 'pending' AND next_at <= ?1 ORDER BY next_at LIMIT ?3)
         RETURNING id, event_id AS eventId, endpoint, type, nullif(run_id, '') AS run, at, ending, attempts,
           give_up_at AS giveUpAt,
           (SELECT json_object('id', id, 'kind', kind, 'message', message, 'raisedAt', raised_at,
              'clearedAt', cleared_at, 'schedule', nullif(schedule, ''), 'job', job, 'group', json(${ALERT_GROUP}))
            FROM dogear_alerts WHERE dogear_alerts.id = alert_id) AS alert`,
      )
      .bind(isoTime(now), isoTime(now + CLAIM_MS), limit),
    db.prepare(NOTE_TOLD).bind(isoTime(now), isoTime(now + CLAIM_MS)),
  ])
  const claimed = (answer?.results ?? []).map(({ ending, alert, ...row }) => ({
    ...row,
    ending: ending === null ? null : (JSON.parse(ending) as EndedRun),
    alert: alert === null ? null : sentAlert(alert),
  }))
  return { claimed, more: claimed.length === limit || events?.meta.changes === EVENTS_PER_BATCH }
}

type ToldAlert = Omit<SentAlert, 'schedule' | 'group'> & {
  schedule: string | null
  group: AlertGroup | null
}

function sentAlert(json: string): SentAlert {
  const { schedule, group, job, ...alert } = JSON.parse(json) as ToldAlert
  const named = schedule !== null || group !== null
  return {
    ...alert,
    ...(schedule !== null && { schedule }),
    ...(group !== null && { group }),
    ...(named && job !== undefined && { job }),
  }
}

interface ClaimedRow extends Omit<Claimed, 'ending' | 'alert'> {
  ending: string | null
  alert: string | null
}

/** What is claimed of groups of errors is sent as they are now. */
const NOTE_TOLD = `UPDATE dogear_error_groups SET told = max(failed, 1), told_at = ?1 WHERE id IN (
  SELECT dogear_alerts.error_group FROM dogear_webhook_deliveries INDEXED BY dogear_webhook_deliveries_due
  JOIN dogear_alerts ON dogear_alerts.id = dogear_webhook_deliveries.alert_id
  WHERE dogear_webhook_deliveries.status = 'pending' AND next_at = ?2 AND type = 'errors.group')`

const FORGET_EVENTS = `DELETE FROM dogear_webhook_events WHERE seq IN (
  SELECT seq FROM dogear_webhook_events ORDER BY seq LIMIT ${EVENTS_PER_BATCH})`

/** There are no endpoints: what waits is given up, and goes to none that comes later. */
export async function forgetAll(db: D1Database): Promise<void> {
  await db.batch([
    db.prepare(`DELETE FROM dogear_webhook_events`),
    db.prepare(
      `UPDATE dogear_webhook_deliveries SET status = 'given_up', last_error = 'there are no endpoints any more'
       WHERE status = 'pending'`,
    ),
  ])
}

/** The outcome of an attempt. */
export type Settled =
  | { status: 'delivered' }
  | { status: 'given_up'; error: string }
  | { status: 'pending'; error: string; nextAt: number }

/** An answer counts whoever got it; a failure only while nobody has begun another attempt. */
export async function settleDelivery(
  db: D1Database,
  { id, attempts }: Pick<Claimed, 'id' | 'attempts'>,
  settled: Settled,
  now: number,
): Promise<void> {
  const { status } = settled
  if (status === 'delivered') {
    await db
      .prepare(
        `UPDATE dogear_webhook_deliveries SET status = 'delivered', last_error = NULL, delivered_at = ?2 WHERE id = ?1`,
      )
      .bind(id, isoTime(now))
      .run()
    return
  }
  await db
    .prepare(
      `UPDATE dogear_webhook_deliveries SET status = ?3, last_error = ?4, next_at = coalesce(?5, next_at)
       WHERE id = ?1 AND attempts = ?2 AND status = 'pending'`,
    )
    .bind(
      id,
      attempts,
      status,
      settled.error,
      status === 'pending' ? isoTime(settled.nextAt) : null,
    )
    .run()
}

/** Removes deliveries of more than 30 days ago, some at a time. */
export async function pruneDeliveries(db: D1Database, now: number): Promise<void> {
  await db
    .prepare(
      `DELETE FROM dogear_webhook_deliveries WHERE id IN (
         SELECT id FROM dogear_webhook_deliveries WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)`,
    )
    .bind(isoTime(now - KEEP_MS), PER_PRUNE)
    .run()
}
