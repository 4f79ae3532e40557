import { check, type Check } from '../../engine/index.ts'
import type { OrderRange } from './orders.ts'

/** What the checks of an orders run need to know of it. */
export interface OrdersRun {
  id: string
  /** It, and the runs it was forked from. */
  line: readonly string[]
  params: OrderRange
  createdAt: string
  /** Items that the run counts as done. */
  progressDone: number
  /** How many it had counted at its start. */
  progressTotal: number | null
}

interface OrderCounts {
  inRange: number
  settled: number
  doubled: number
  logged: number
  loggedByOthers: number
}

/** Checks a run over orders: each order of its range handled, and each of them once. */
export async function verifyOrders(db: D1Database, run: OrdersRun): Promise<Check[]> {
  const counts = await countOrders(db, run)
  // An order that another run settled after this one had read it is done here too, and logged there.
  const elsewhere = Math.min(counts.loggedByOthers, Math.max(0, run.progressDone - counts.logged))
  return [
    check("All orders in the run's range handled", counts.inRange, counts.settled),
    check('No order has two log rows', 0, counts.doubled),
    ...(run.progressTotal === null
      ? []
      : [
          check(
            'Every order counted at the start was met',
            run.progressTotal,
            Math.min(run.progressTotal, run.progressDone + counts.loggedByOthers),
          ),
        ]),
    check('Each order handled exactly once', run.progressDone, counts.logged + elsewhere),
  ]
}

/** The range ends where the run froze it (the result of `load_orders`), else with the last order it logged. */
async function countOrders(
  db: D1Database,
  { id, line, params, createdAt }: OrdersRun,
): Promise<OrderCounts> {
  const counts = await db
    .prepare(
      `WITH range AS (
        SELECT ?2 AS first, coalesce(
          (SELECT result ->> 'last' FROM step_results WHERE run_id = ?1 AND step = 'load_orders'),
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
    .bind(id, params.from ?? 1, params.upTo ?? null, createdAt, JSON.stringify(line))
    .first<OrderCounts>()
  return counts ?? { inRange: 0, settled: 0, doubled: 0, logged: 0, loggedByOthers: 0 }
}
