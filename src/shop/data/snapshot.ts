/** The shop in numbers. */
export interface Snapshot {
  customers: number
  regions: number
  lines: number
  orders: { total: number; pending: number; processed: number; failed: number; guest: number }
  failures: { cancelled: number; non_positive_total: number }
  processedTotalCents: number
  logRows: number
  /** Log rows beyond an order's first: 0, or something was done twice. */
  duplicates: number
}

type Row = Record<string, number>

/** Counts the shop as it is at one moment: a batch is one transaction. */
export async function takeSnapshot(db: D1Database): Promise<Snapshot> {
  const [stock, orders, log] = await db.batch<Row>([
    db.prepare(`
      SELECT (SELECT count(*) FROM customers) AS customers,
        (SELECT count(*) FROM regions) AS regions,
        (SELECT count(*) FROM order_lines) AS lines`),
    db.prepare(`
      SELECT count(*) AS total,
        count(*) FILTER (WHERE status = 'pending') AS pending,
        count(*) FILTER (WHERE status = 'processed') AS processed,
        count(*) FILTER (WHERE status = 'failed') AS failed,
        count(*) FILTER (WHERE customer_id IS NULL) AS guest,
        count(*) FILTER (WHERE failure_reason = 'cancelled') AS cancelled,
        count(*) FILTER (WHERE failure_reason = 'non_positive_total') AS non_positive_total,
        coalesce(sum(total_cents) FILTER (WHERE status = 'processed'), 0) AS cents
      FROM orders`),
    db.prepare(`
      SELECT count(*) AS rows, count(*) - count(DISTINCT order_id) AS duplicates FROM processing_log`),
  ])
  const number = (result: D1Result<Row> | undefined, column: string): number =>
    result?.results[0]?.[column] ?? 0
  return {
    customers: number(stock, 'customers'),
    regions: number(stock, 'regions'),
    lines: number(stock, 'lines'),
    orders: {
      total: number(orders, 'total'),
      pending: number(orders, 'pending'),
      processed: number(orders, 'processed'),
      failed: number(orders, 'failed'),
      guest: number(orders, 'guest'),
    },
    failures: {
      cancelled: number(orders, 'cancelled'),
      non_positive_total: number(orders, 'non_positive_total'),
    },
    processedTotalCents: number(orders, 'cents'),
    logRows: number(log, 'rows'),
    duplicates: number(log, 'duplicates'),
  }
}
