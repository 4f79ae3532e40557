import { emptyShop } from '../src/shop/data/reset.ts'

/** D1 stops a statement after 30 s; this many rows take well under one. */
const ROWS_PER_STATEMENT = 20_000

/** Orders 1 to `count`, all pending, of one to three lines each. Plain SQL: a million takes some seconds. */
export async function seedOrders(db: D1Database, count: number): Promise<void> {
  await db.batch(emptyShop(db))
  for (let first = 1; first <= count; first += ROWS_PER_STATEMENT) {
    const last = Math.min(count, first + ROWS_PER_STATEMENT - 1)
    await db.batch([
      db.prepare(INSERT_ORDERS).bind(first, last),
      db.prepare(INSERT_LINES).bind(first, last),
    ])
  }
}

const IDS = `WITH RECURSIVE ids (id) AS (SELECT ?1 UNION ALL SELECT id + 1 FROM ids WHERE id < ?2)`

// Each hundredth order is a cancelled one.
const INSERT_ORDERS = `${IDS}
  INSERT INTO orders (id, number, customer_id, region, placed_at)
  SELECT id, printf('%sB%08d', iif(id % 100 = 0, 'C', ''), id), id % 1000 + 1, 'North', '2026-01-01T00:00:00.000Z'
  FROM ids`

const INSERT_LINES = `${IDS}
  INSERT INTO order_lines (order_id, source, line, stock_code, description, quantity, unit_price_thousandths)
  SELECT ids.id, 'bench', line.value, printf('%06d', ids.id * 7919 % 1000000), 'An article of the bench',
    ids.id % 10 + 1, (ids.id * 104729 % 9950 + 50) * 10
  FROM ids CROSS JOIN json_each('[1,2,3]') AS line
  WHERE line.value <= ids.id % 3 + 1`

/** Makes orders 1 to `upTo` pending again and forgets what jobs have logged. */
export async function resetOrders(db: D1Database, upTo: number): Promise<void> {
  for (let first = 1; first <= upTo; first += ROWS_PER_STATEMENT) {
    await db
      .prepare(
        `UPDATE orders SET status = 'pending', failure_reason = NULL, total_cents = NULL, processed_at = NULL
        WHERE id BETWEEN ? AND ? AND status <> 'pending'`,
      )
      .bind(first, Math.min(upTo, first + ROWS_PER_STATEMENT - 1))
      .run()
  }
  await db.prepare('DELETE FROM processing_log').run()
}
