import { IMPORTS_PREFIX } from '../imports/upload.ts'

/** D1 stops a statement after 30 s; this many rows take well under one. */
const ROWS_PER_STATEMENT = 10_000

/** Makes every order pending again and forgets what jobs have left behind. Repeat it if it is cut off. */
export async function resetShop(db: D1Database): Promise<void> {
  const last = (await db.prepare('SELECT max(id) AS last FROM orders').first<number>('last')) ?? 0
  for (let from = 1; from <= last; from += ROWS_PER_STATEMENT) {
    await db
      .prepare(
        `UPDATE orders SET status = 'pending', failure_reason = NULL, total_cents = NULL, processed_at = NULL
        WHERE id BETWEEN ? AND ? AND status <> 'pending'`,
      )
      .bind(from, from + ROWS_PER_STATEMENT - 1)
      .run()
  }
  await db.batch(deleteAll(db, TRACES))
}

/** Removes all shop data, uploaded files included. */
export async function cleanShop(db: D1Database, files: R2Bucket): Promise<void> {
  await db.batch(emptyShop(db))
  for (;;) {
    const { objects } = await files.list({ prefix: IMPORTS_PREFIX })
    if (objects.length === 0) return
    await files.delete(objects.map(({ key }) => key))
  }
}

/** Statements that empty every table of the shop. */
export function emptyShop(db: D1Database): D1PreparedStatement[] {
  return deleteAll(db, [
    ...TRACES,
    'order_sums',
    'order_lines',
    'orders',
    'customers',
    'products',
    'stores',
    'regions',
  ])
}

/** The tables that only jobs write. */
const TRACES = [
  'processing_log',
  'customer_reports',
  'regional_summaries',
  'catalog_log',
  'catalog_products',
  'credit_checks',
  'credit_breakdowns',
  'outbox',
  'mailbox',
  'mail_metrics',
] as const

// Without WHERE SQLite drops a table's pages instead of deleting its rows: fast however many there are.
function deleteAll(db: D1Database, tables: readonly string[]): D1PreparedStatement[] {
  return tables.map((table) => db.prepare(`DELETE FROM ${table}`))
}
