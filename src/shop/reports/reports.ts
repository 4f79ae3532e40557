import { z } from 'zod'
import { type Effects, type RecordQuery, setStatement } from 'dogear'
import { OrderProcessor } from '../orders/order-processor.ts'
import { parseLines } from '../orders/orders.ts'

/**
 * The scope of a run's reports, fixed when it starts: orders placed later stay out of it, and so do customers
 * with higher ids. (A type and not an interface: only so can a step return it.)
 */
export const ReportScope = z.strictObject({
  customers: z.number().int(),
  /** Those of them that have no orders. */
  idle: z.number().int(),
  orders: z.number().int(),
  /** The lowest and the highest id, 0 where there are none. */
  firstCustomer: z.number().int(),
  lastCustomer: z.number().int(),
  lastOrder: z.number().int(),
})
export type ReportScope = z.infer<typeof ReportScope>

export const EMPTY_SCOPE: ReportScope = {
  customers: 0,
  idle: 0,
  orders: 0,
  firstCustomer: 0,
  lastCustomer: 0,
  lastOrder: 0,
}

/** A customer's report while its orders are being gone through. */
export const ReportDraft = z.strictObject({
  orders: z.number().int(),
  /** Those that the shop's rules process, whether or not a job has come to them. */
  processed: z.number().int(),
  /** The worth of those, in cents. */
  totalCents: z.number().int(),
  firstOrderAt: z.string().nullable(),
  lastOrderAt: z.string().nullable(),
})
export type ReportDraft = z.infer<typeof ReportDraft>

export const EMPTY_DRAFT: ReportDraft = {
  orders: 0,
  processed: 0,
  totalCents: 0,
  firstOrderAt: null,
  lastOrderAt: null,
}

/** A customer as the jobs walk them. */
export interface ReportedCustomer {
  readonly id: number
  /** Of the scope's orders the customer's last, by its number among the customer's; null without any. */
  readonly lastOrder: number | null
  /** The id of the customer after it, or one more than its own. */
  readonly next: number
}

/** An order of one customer: `number` counts the customer's orders from 1. */
export interface CustomerOrder {
  readonly customer: number
  readonly number: number
  /** 1 for the last order that the customer has in the scope. */
  readonly isLast: 0 | 1
  readonly orderNumber: string
  readonly placedAt: string
  /** JSON, as `PendingOrder` has it. */
  readonly lines: string
}

/** Counts what there is to report on now. */
export async function reportScope(db: D1Database): Promise<ReportScope> {
  const scope = await db
    .prepare(
      `SELECT count(*) AS customers,
        count(*) FILTER (WHERE NOT EXISTS (SELECT 1 FROM orders WHERE customer_id = customers.id)) AS idle,
        (SELECT count(*) FROM orders WHERE customer_id IS NOT NULL) AS orders,
        coalesce(min(id), 0) AS firstCustomer,
        coalesce(max(id), 0) AS lastCustomer,
        (SELECT coalesce(max(id), 0) FROM orders) AS lastOrder
      FROM customers`,
    )
    .first<ReportScope>()
  return scope ?? EMPTY_SCOPE
}

/** The customers of a scope, by id. */
export function customersIn(scope: ReportScope): RecordQuery<ReportedCustomer> {
  return {
    sql: `
      SELECT id,
        (SELECT max(customer_order) FROM orders WHERE customer_id = customers.id AND orders.id <= ?) AS lastOrder,
        coalesce((SELECT min(id) FROM customers AS others WHERE others.id > customers.id), id + 1) AS next
      FROM customers WHERE id <= ?`,
    params: [scope.lastOrder, scope.lastCustomer],
  }
}

/** A customer's orders, as they came in. */
export function ordersOf({ id, lastOrder }: ReportedCustomer): RecordQuery<CustomerOrder> {
  return {
    sql: `
      SELECT customer_id AS customer, customer_order AS number, customer_order = ? AS isLast,
        number AS orderNumber, placed_at AS placedAt, (
          SELECT json_group_array(json_array(quantity, unit_price_thousandths))
          FROM order_lines WHERE order_id = orders.id
        ) AS lines
      FROM orders WHERE customer_id = ? AND customer_order <= ?`,
    params: [lastOrder, id, lastOrder],
    by: 'number',
  }
}

/** The draft with one order more. */
export function withOrder(draft: ReportDraft, order: CustomerOrder): ReportDraft {
  const settlement = OrderProcessor.settle(order.orderNumber, parseLines(order.lines))
  const { firstOrderAt, lastOrderAt } = draft
  const { placedAt } = order
  return {
    orders: draft.orders + 1,
    processed: draft.processed + (settlement.status === 'processed' ? 1 : 0),
    totalCents: draft.totalCents + (settlement.status === 'processed' ? settlement.totalCents : 0),
    firstOrderAt: firstOrderAt === null || placedAt < firstOrderAt ? placedAt : firstOrderAt,
    lastOrderAt: lastOrderAt === null || placedAt > lastOrderAt ? placedAt : lastOrderAt,
  }
}

/** Adds the effect that writes a customer's report. */
export function writeReport(
  effects: Effects,
  runId: string,
  customer: number,
  draft: ReportDraft,
): void {
  effects.add(insertReport, { run: runId, customer, ...draft })
}

const insertReport = setStatement<ReportDraft & { run: string; customer: number }>(`
  INSERT INTO customer_reports
    (run_id, customer_id, orders, processed_orders, total_cents, first_order_at, last_order_at, reported_at)
  SELECT value ->> 'run', value ->> 'customer', value ->> 'orders', value ->> 'processed', value ->> 'totalCents',
    value ->> 'firstOrderAt', value ->> 'lastOrderAt', strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
  FROM json_each(?1)`)

/** The sums of a run over its reports. (A type and not an interface: only so can a step return it.) */
export type ReportsSummary = {
  reports: number
  orders: number
  processed: number
  totalCents: number
}

/** A run's summary, from the reports it wrote. */
export async function summarizeReports(db: D1Database, runId: string): Promise<ReportsSummary> {
  const summary = await db
    .prepare(
      `SELECT count(*) AS reports, coalesce(sum(orders), 0) AS orders,
        coalesce(sum(processed_orders), 0) AS processed, coalesce(sum(total_cents), 0) AS totalCents
      FROM customer_reports WHERE run_id = ?`,
    )
    .bind(runId)
    .first<ReportsSummary>()
  return { reports: 0, orders: 0, processed: 0, totalCents: 0, ...summary }
}
