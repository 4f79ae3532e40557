import { check, type Check, type VerifyContext } from 'dogear'
import { lastOf } from '../last-of.ts'
import type { OrderRange } from './orders.ts'

interface OrderCounts {
  inRange: number
  settled: number
  doubled: number
  logged: number
  loggedByOthers: number
}

/** Checks a run over orders: each order of its range handled, and each of them once. */
export async function verifyOrders(context: VerifyContext<OrderRange>): Promise<Check[]> {
  const counts = await countOrders(context)
  const { done, total } = context.run.progress
  // An order that another run settled after this one had read it is done here too, and logged there.
  const elsewhere = Math.min(counts.loggedByOthers, Math.max(0, done - counts.logged))
  return [
    check("All orders in the run's range handled", counts.inRange, counts.settled),
    check('No order has two log rows', 0, counts.doubled),
    ...(total === null
      ? []
      : [
          check(
            'Every order counted at the start was met',
            total,
            Math.min(total, done + counts.loggedByOthers),
          ),
        ]),
    check('Each order handled exactly once', done, counts.logged + elsewhere),
  ]
}

/** The range ends where the run froze it (the result of `load_orders`), else with the last order it logged. */
async function countOrders(context: VerifyContext<OrderRange>): Promise<OrderCounts> {
  const { env, run, params, lineage } = context
  const last = lastOf(context, 'load_orders') ?? params.upTo ?? null
  const counts = await env.DB.prepare(
    `WITH range AS (
        SELECT ?2 AS first, coalesce(
          ?3,
          (SELECT max(order_id) FROM processing_log WHERE run_id IN (SELECT value FROM json_each(?5))),
          0
        ) AS last
      )
      SELECT
        (SELECT count(*) FROM orders WHERE id BETWEEN first AND last) AS inRange,
        (SELECT count(*) FROM orders WHERE id BETWEEN first AND last AND status <> 'pending') AS settled,
        (SELECT count(*) FROM (
          SELECT 1 FROM processing_log WHERE order_id BETWEEN first AND last GROUP BY order_id HAVING count(*) > 1
        )) AS doubled,
        (SELECT count(*) FROM processing_log WHERE run_id = ?1) AS logged,
        (SELECT count(*) FROM processing_log
          WHERE run_id <> ?1 AND order_id BETWEEN first AND last
            AND (logged_at >= ?4 OR run_id IN (SELECT value FROM json_each(?5)))) AS loggedByOthers
      FROM range`,
  )
    .bind(run.id, params.from ?? 1, last, run.createdAt, JSON.stringify(lineage))
    .first<OrderCounts>()
  return counts ?? { inRange: 0, settled: 0, doubled: 0, logged: 0, loggedByOthers: 0 }
}
