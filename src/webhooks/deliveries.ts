import { GIVE_UP_AFTER_MS } from './outbox.ts'
import { isoTime } from '../engine/iso-time.ts'

/** Deliveries as people see them, and what they may ask of them. One function per statement. */

/** Queues an event that is about no run, for one endpoint. */
export async function queueTest(db: D1Database, endpoint: string, now: number): Promise<Delivery> {
  const row = await db
    .prepare(
      `INSERT INTO dogear_webhook_deliveries (event_id, endpoint, type, at, next_at, give_up_at, created_at)
       VALUES (lower(hex(randomblob(16))), ?1, 'webhook.test', ?2, ?2, ?3, ?2) RETURNING ${COLUMNS}`,
    )
    .bind(endpoint, isoTime(now), isoTime(now + GIVE_UP_AFTER_MS))
    .first<Delivery>()
  if (!row) throw new Error('D1 returned no row for a delivery that it stored')
  return row
}

/** Sends one again, whatever became of it before. Null when there is no such delivery. */
export async function retryDelivery(
  db: D1Database,
  id: number,
  now: number,
): Promise<Delivery | null> {
  return db
    .prepare(
      `UPDATE dogear_webhook_deliveries SET status = 'pending', attempts = 0, next_at = ?2, give_up_at = ?3,
         delivered_at = NULL
       WHERE id = ?1 RETURNING ${COLUMNS}`,
    )
    .bind(id, isoTime(now), isoTime(now + GIVE_UP_AFTER_MS))
    .first<Delivery>()
}

/** A delivery as people see it. Times are ISO 8601. */
export interface Delivery {
  id: number
  endpoint: string
  event: string
  run: string | null
  status: 'pending' | 'delivered' | 'given_up'
  attempts: number
  /** The time of its next try; null when there is none. */
  nextAt: string | null
  lastError: string | null
  createdAt: string
  deliveredAt: string | null
}

const COLUMNS = `id, endpoint, type AS event, nullif(run_id, '') AS run, status, attempts,
  iif(status = 'pending', next_at, NULL) AS nextAt, last_error AS lastError, created_at AS createdAt,
  delivered_at AS deliveredAt`

export interface DeliveryQuery {
  run?: string
  limit: number
  /** The id of the last delivery of the page before. */
  before?: number
}

/** Deliveries, newest first, by keyset: each page costs the same. */
export async function listDeliveries(
  db: D1Database,
  { run, limit, before = Number.MAX_SAFE_INTEGER }: DeliveryQuery,
): Promise<{ deliveries: Delivery[]; next: number | null }> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM dogear_webhook_deliveries
       WHERE id < ?${run === undefined ? '' : ' AND run_id = ?'} ORDER BY id DESC LIMIT ?`,
    )
    .bind(before, ...(run === undefined ? [] : [run]), limit + 1)
    .all<Delivery>()
  const deliveries = results.slice(0, limit)
  return { deliveries, next: results.length > limit ? (deliveries.at(-1)?.id ?? null) : null }
}
