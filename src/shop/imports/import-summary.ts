/** The outcome of a file. (A type and not an interface: only so can a step return it.) */
export type ImportSummary = {
  lines: number
  orders: number
  guestOrders: number
  customers: number
  regions: number
  /** The sum of the orders, cancelled ones and all lines of other files included. */
  amountCents: number
}

/** Counts what the shop holds from a source. */
export async function summarizeImport(db: D1Database, source: string): Promise<ImportSummary> {
  const summary = await db
    .prepare(
      `SELECT
        (SELECT count(*) FROM order_lines WHERE source = ?1) AS lines,
        count(*) AS orders,
        count(*) FILTER (WHERE customer_id IS NULL) AS guestOrders,
        count(DISTINCT customer_id) AS customers,
        count(DISTINCT region) AS regions,
        coalesce(sum(amount_cents), 0) AS amountCents
      FROM (SELECT DISTINCT order_id FROM order_lines WHERE source = ?1) AS imported
      CROSS JOIN orders ON orders.id = imported.order_id
      LEFT JOIN order_sums ON order_sums.order_id = orders.id`,
    )
    .bind(source)
    .first<ImportSummary>()
  const none = { lines: 0, orders: 0, guestOrders: 0, customers: 0, regions: 0, amountCents: 0 }
  return { ...none, ...summary }
}
