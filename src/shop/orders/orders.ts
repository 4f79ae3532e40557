import { z } from 'zod'
import { type Effects, type RecordQuery, setStatement } from 'dogear'
import { OrderProcessor, type PricedLine } from './order-processor.ts'

/** Params of the jobs over orders: by default all that are pending. */
export const OrderRange = z.strictObject({
  from: z.number().int().positive().optional(),
  upTo: z.number().int().positive().optional(),
})
export type OrderRange = z.infer<typeof OrderRange>

/** A pending order as the jobs read it: `lines` is JSON, `[[quantity, unit price in thousandths], ...]`. */
export interface PendingOrder {
  readonly id: number
  readonly number: string
  readonly lines: string
}

/**
 * Pending orders with their lines, so that a page is one statement. The lower bound is missing on
 * purpose: the walk brings its own, and of two SQLite may choose the one that reads everything again.
 */
export function pendingOrders({
  upTo = Number.MAX_SAFE_INTEGER,
}: {
  upTo?: number | undefined
}): RecordQuery<PendingOrder> {
  return {
    sql: `
      SELECT id, number, (
        SELECT json_group_array(json_array(quantity, unit_price_thousandths))
        FROM order_lines WHERE order_id = orders.id
      ) AS lines
      FROM orders WHERE status = 'pending' AND id <= ?`,
    params: [upTo],
  }
}

/** The pending orders of a range at this moment: how many, and the last of them (null when none). */
export async function pendingRange(
  db: D1Database,
  { from = 0, upTo = Number.MAX_SAFE_INTEGER }: OrderRange,
) {
  const range = await db
    .prepare(
      `SELECT max(id) AS last, count(*) AS count FROM orders WHERE status = 'pending' AND id BETWEEN ? AND ?`,
    )
    .bind(from, upTo)
    .first<{ last: number | null; count: number }>()
  return range ?? { last: null, count: 0 }
}

/** Adds the effects that settle an order for good, with its row in the log. */
export function settleOrder(effects: Effects, runId: string, order: PendingOrder): void {
  const settlement = OrderProcessor.settle(order.number, parseLines(order.lines))
  effects.add(settle, {
    run: runId,
    order: order.id,
    status: settlement.status,
    reason: settlement.status === 'failed' ? settlement.reason : null,
    total: settlement.status === 'processed' ? settlement.totalCents : null,
  })
}

interface SettledRow {
  run: string
  order: number
  status: 'processed' | 'failed'
  reason: string | null
  total: number | null
}

// First the log, then the order: both only while it is pending, since another run may walk it too.
const settle = setStatement<SettledRow>([
  `INSERT INTO processing_log (run_id, order_id, status, failure_reason, total_cents, logged_at)
  SELECT row.value ->> 'run', orders.id, row.value ->> 'status', row.value ->> 'reason', row.value ->> 'total',
    strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  FROM json_each(?1) AS row CROSS JOIN orders ON orders.id = row.value ->> 'order'
  WHERE orders.status = 'pending'`,
  `UPDATE orders SET
    status = row.value ->> 'status',
    failure_reason = row.value ->> 'reason',
    total_cents = row.value ->> 'total',
    processed_at = iif(row.value ->> 'status' = 'processed', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), NULL)
  FROM json_each(?1) AS row
  WHERE orders.id = row.value ->> 'order' AND orders.status = 'pending'`,
])

/** The lines of an order, as the queries of orders select them. */
export function parseLines(json: string): PricedLine[] {
  const lines = JSON.parse(json) as [quantity: number, unitPriceThousandths: number][]
  return lines.map(([quantity, unitPriceThousandths]) => ({ quantity, unitPriceThousandths }))
}

/** The sums of a run over its orders. (A type and not an interface: only so can a step return it.) */
export type OrdersSummary = {
  processed: number
  cancelled: number
  nonPositiveTotal: number
  processedTotalCents: number
}

/** A run's summary, from what it logged. */
export async function summarizeRun(db: D1Database, runId: string): Promise<OrdersSummary> {
  const summary = await db
    .prepare(
      `SELECT
        count(*) FILTER (WHERE status = 'processed') AS processed,
        count(*) FILTER (WHERE failure_reason = 'cancelled') AS cancelled,
        count(*) FILTER (WHERE failure_reason = 'non_positive_total') AS nonPositiveTotal,
        coalesce(sum(total_cents), 0) AS processedTotalCents
      FROM processing_log WHERE run_id = ?`,
    )
    .bind(runId)
    .first<OrdersSummary>()
  return { processed: 0, cancelled: 0, nonPositiveTotal: 0, processedTotalCents: 0, ...summary }
}
