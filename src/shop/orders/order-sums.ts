import { check, type Check, type Effects, type RecordQuery, setStatement } from 'dogear'

/** The orders that have lines from a source, whichever other lines they have. */
export function importedOrders(source: string): RecordQuery<{ id: number }> {
  return {
    // Not DISTINCT over the lines: each page would sort all that are left.
    sql: `
      SELECT id FROM orders
      WHERE EXISTS (SELECT 1 FROM order_lines WHERE order_id = orders.id AND source = ?)`,
    params: [source],
  }
}

/** Adds the effect that stores what an order's lines add up to, from the lines as they are at its commit. */
export function sumOrder(effects: Effects, order: number): void {
  effects.add(storeSums, { order })
}

/** Per order. A line's amount is that of `OrderProcessor.amountCents`: half a cent goes away from zero. */
const SUMS = `count(*) AS lines, sum(quantity) AS units, sum(
    iif(quantity * unit_price_thousandths < 0, -1, 1) * ((abs(quantity * unit_price_thousandths) + 5) / 10)
  ) AS amount_cents`

const storeSums = setStatement<{ order: number }>(`
  INSERT INTO order_sums (order_id, lines, units, amount_cents)
  SELECT order_id, ${SUMS} FROM order_lines
  WHERE order_id IN (SELECT value ->> 'order' FROM json_each(?1)) GROUP BY order_id
  ON CONFLICT (order_id) DO UPDATE SET
    lines = excluded.lines, units = excluded.units, amount_cents = excluded.amount_cents`)

/** Checks that each order of a source has its sums, and that they are those of its lines. */
export async function verifyOrderSums(
  db: D1Database,
  source: string,
  orders: number,
): Promise<Check> {
  const right = await db
    .prepare(
      `WITH imported AS (SELECT DISTINCT order_id FROM order_lines WHERE source = ?),
        derived AS (
          SELECT order_id, ${SUMS} FROM imported CROSS JOIN order_lines USING (order_id) GROUP BY order_id)
      SELECT count(*) AS orders FROM derived CROSS JOIN order_sums AS stored USING (order_id)
      WHERE (stored.lines, stored.units, stored.amount_cents)
        = (derived.lines, derived.units, derived.amount_cents)`,
    )
    .bind(source)
    .first<number>('orders')
  return check('Each order of the file has the sums of its lines', orders, right ?? 0)
}
