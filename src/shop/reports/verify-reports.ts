import { z } from 'zod'
import { check, type Check, type VerifyContext } from 'dogear'
import { lineageRows } from '../lineage-rows.ts'
import { EMPTY_SCOPE, ReportScope } from './reports.ts'

interface ReportCounts {
  reported: number
  doubled: number
  strangers: number
  orders: number
  reportedOrders: number
  processed: number
  reportedProcessed: number
  cents: number
  reportedCents: number
  differing: number
}

/**
 * Checks a run over customers: a report for each of them, none twice, and in each what SQL makes of the
 * orders, which does its own sums. Both keep to what the run fixed as its scope when it started.
 */
export async function verifyReports(context: VerifyContext<unknown>): Promise<Check[]> {
  const scope = scopeOf(context)
  const counts = await context.env.DB.prepare(COUNTS)
    .bind(JSON.stringify(context.lineage), scope.lastOrder)
    .first<ReportCounts>()
  const found = (column: keyof ReportCounts): number => counts?.[column] ?? 0
  return [
    // Customers who came while it ran may or may not have a report.
    check(
      'A report for each customer counted at the start',
      scope.customers,
      Math.min(scope.customers, found('reported')),
    ),
    check('No customer has two reports', 0, found('doubled')),
    check('No report without its customer', 0, found('strangers')),
    check('Reports hold all orders', found('orders'), found('reportedOrders')),
    check('Reports hold all processed orders', found('processed'), found('reportedProcessed')),
    check('Totals, in cents, are those that SQL adds up', found('cents'), found('reportedCents')),
    check('No report differs from its orders', 0, found('differing')),
  ]
}

const Fixed = z.object({ scope: ReportScope.default(EMPTY_SCOPE) })

/** In steps it is a result, in an iteration an attribute; before the run has fixed it, nothing counts. */
function scopeOf({ result, attributes }: VerifyContext<unknown>): ReportScope {
  return Fixed.parse({ scope: result('load_customers'), ...attributes }).scope
}

/** An amount is rounded half away from zero to whole cents; SQLite's own division of integers cuts off. */
const COUNTS = `
  WITH priced AS (
    SELECT orders.id, customer_id, placed_at, number GLOB 'C*' AS cancelled, coalesce((
      SELECT sum(sign(quantity * unit_price_thousandths) * ((abs(quantity * unit_price_thousandths) + 5) / 10))
      FROM order_lines WHERE order_id = orders.id
    ), 0) AS cents
    FROM orders WHERE customer_id IS NOT NULL AND orders.id <= ?2
  ),
  expected AS (
    SELECT customer_id, count(*) AS orders,
      count(*) FILTER (WHERE NOT cancelled AND cents > 0) AS processed,
      coalesce(sum(cents) FILTER (WHERE NOT cancelled AND cents > 0), 0) AS cents,
      min(placed_at) AS first_at, max(placed_at) AS last_at
    FROM priced GROUP BY customer_id
  ),
  reports AS (${lineageRows('customer_reports', 'customer_id')})
  SELECT
    (SELECT count(DISTINCT customer_id) FROM reports) AS reported,
    (SELECT count(*) - count(DISTINCT customer_id) FROM reports) AS doubled,
    (SELECT count(*) FROM reports WHERE customer_id NOT IN (SELECT id FROM customers)) AS strangers,
    (SELECT coalesce(sum(orders), 0) FROM expected) AS orders,
    (SELECT coalesce(sum(orders), 0) FROM reports) AS reportedOrders,
    (SELECT coalesce(sum(processed), 0) FROM expected) AS processed,
    (SELECT coalesce(sum(processed_orders), 0) FROM reports) AS reportedProcessed,
    (SELECT coalesce(sum(cents), 0) FROM expected) AS cents,
    (SELECT coalesce(sum(total_cents), 0) FROM reports) AS reportedCents,
    (SELECT count(*) FROM reports LEFT JOIN expected USING (customer_id)
      WHERE reports.orders IS NOT coalesce(expected.orders, 0)
        OR processed_orders IS NOT coalesce(processed, 0)
        OR total_cents IS NOT coalesce(cents, 0)
        OR first_order_at IS NOT first_at OR last_order_at IS NOT last_at) AS differing`
