import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readCheckpoint } from '../../src/engine/runs/index.ts'
import type { Job } from '../../src/engine/index.ts'
import { generateReportsIteration } from '../../src/shop/jobs/generate-reports-iteration.ts'
import { generateReports } from '../../src/shop/jobs/generate-reports.ts'
import { cleanShop, resetShop } from '../../src/shop/data/reset.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { interceptedDatabase } from '../../src/testing/intercepted-database.ts'
import { deliver, drain, object, start, upTo, view } from '../support/drive.ts'
import { failedChecks } from '../support/proof.ts'

const DB = env.DB
const JOBS: [string, Job<Record<string, never>>][] = [
  ['in steps', generateReports],
  ['as an iteration', generateReportsIteration],
]

async function namesOfFailed(id: string): Promise<string[]> {
  return (await failedChecks(id)).map(({ name }) => name)
}

interface Report {
  customer: number
  orders: number
  processed: number
  cents: number
  first: string | null
  last: string | null
}

async function reportsOf(run: string): Promise<Report[]> {
  const { results } = await DB.prepare(
    `SELECT customer_id AS customer, orders, processed_orders AS processed, total_cents AS cents,
      first_order_at AS first, last_order_at AS last
    FROM customer_reports WHERE run_id = ? ORDER BY customer_id, id`,
  )
    .bind(run)
    .all<Report>()
  return results
}

/** The customers and orders that a run reads, in order, an order as customer:number. */
function reading(): { db: D1Database; customers: number[]; orders: string[] } {
  const customers: number[] = []
  const orders: string[] = []
  type Row = { id: number; lastOrder?: number | null; customer: number; number: number }
  const db = interceptedDatabase(DB, async (_call, work) => {
    const answer = await work()
    const { results = [] } = (answer ?? {}) as { results?: Row[] }
    for (const row of results) {
      if ('lastOrder' in row) customers.push(row.id)
      else if ('orderNumber' in row) orders.push(`${row.customer}:${row.number}`)
    }
    return answer
  })
  return { db, customers, orders }
}

/** What follows a first number. */
const from = (first: number, last: number): number[] => upTo(last).slice(first - 1)

describe('reports on 100 customers with 50 orders each', () => {
  beforeAll(() => seedShop(DB, { customers: 100, ordersPerCustomer: 50, storesPerRegion: 0 }))

  it.each(JOBS)(
    '%s stop just before order 18 of customer 42, and never read again what is done',
    async (_, job) => {
      const { style } = job.body
      const id = await start(job, { interrupt: { at: 'customer:42/order:18' }, hold: true })
      await deliver(id)
      expect(await view(id)).toMatchObject({ status: 'interrupted', reason: 'signal', held: true })
      expect((await reportsOf(id)).map(({ customer }) => customer)).toEqual(upTo(41))
      expect(await readCheckpoint(DB, id)).toMatchObject(
        style === 'iteration'
          ? // An iteration's cursor names the last item done.
            { step: null, cursor: [{ after: 41, at: 42 }, 17] }
          : {
              step: 'process_customers',
              cursor: 42,
              nestedSteps: { process_customer_orders: { cursor: 18 } },
            },
      )
      expect((await view(id)).progress.done).toBe(41 * 50 + 17)

      await object(id).command('resume', {})
      const { db, customers, orders } = reading()
      const run = await drain(id, { DB: db })
      expect(run).toMatchObject({ status: 'completed', slices: 2, resumptions: 1 })
      expect(customers).toEqual(from(42, 100))
      expect(orders).toEqual(
        from(42, 100).flatMap((customer) =>
          from(customer === 42 ? 18 : 1, 50).map((order) => `${customer}:${order}`),
        ),
      )
      expect(run.progress).toEqual({ done: 5_000, total: 5_000, skipped: 0 })

      const reports = await reportsOf(id)
      expect(reports.map(({ customer }) => customer)).toEqual(upTo(100))
      for (const { orders: number, processed } of reports)
        expect([number, processed]).toEqual([50, 50])
      expect(await namesOfFailed(id)).toEqual([])
      const cents = reports.reduce((sum, report) => sum + report.cents, 0)
      expect(run.result).toEqual({
        reports: 100,
        orders: 5_000,
        processed: 5_000,
        totalCents: cents,
      })
    },
  )

  it.each(JOBS)('%s stop just before customer 42', async (_, job) => {
    const { style } = job.body
    const id = await start(job, { interrupt: { at: 'customer:42' }, hold: true })
    await deliver(id)
    expect((await reportsOf(id)).map(({ customer }) => customer)).toEqual(upTo(41))
    expect((await readCheckpoint(DB, id))?.cursor).toEqual(
      style === 'iteration' ? [{ after: 40, at: 41 }, 50] : 42,
    )
    await object(id).command('resume', {})
    const { db, orders } = reading()
    await drain(id, { DB: db })
    expect(orders).toHaveLength(59 * 50)
    expect(await namesOfFailed(id)).toEqual([])
  })
})

describe.each(JOBS)('reports %s', (_, job) => {
  beforeEach(() => cleanShop(DB, env.FILES))

  const line = (order: number, quantity: number, thousandths: number, number = 1) =>
    DB.prepare(`INSERT INTO order_lines VALUES (?, 'test', ?, 'A', 'a', ?, ?)`).bind(
      order,
      number,
      quantity,
      thousandths,
    )
  const order = (id: number, number: string, customer: number | null, day: number) =>
    DB.prepare(
      `INSERT INTO orders (id, number, customer_id, region, placed_at) VALUES (?, ?, ?, 'North', ?)`,
    ).bind(id, number, customer, `2026-01-0${day}T00:00:00.000Z`)
  const customer = (id: number) =>
    DB.prepare(`INSERT INTO customers (id, region) VALUES (?, 'North')`).bind(id)

  it('have exact totals, dates that need not be in order, and customers without orders', async () => {
    await DB.batch([
      ...[7, 20, 21].map(customer),
      order(1, 'A1', 7, 5),
      // Three halves of a cent, each rounded up by itself.
      line(1, 1, 5),
      line(1, 3, 5, 2),
      order(2, 'A2', null, 1),
      line(2, 1, 1_000),
      order(3, 'C3', 7, 2),
      line(3, 1, 1_000),
      order(4, 'A4', 21, 9),
      line(4, -1, 1_000),
      order(5, 'A5', 7, 3),
      line(5, 1, 1_005),
    ])
    const run = await drain(await start(job), { wallMs: 0 })
    expect(run.status).toBe('completed')
    const day = (number: number) => `2026-01-0${number}T00:00:00.000Z`
    expect(await reportsOf(run.id)).toEqual([
      { customer: 7, orders: 3, processed: 2, cents: 1 + 2 + 101, first: day(2), last: day(5) },
      { customer: 20, orders: 0, processed: 0, cents: 0, first: null, last: null },
      { customer: 21, orders: 1, processed: 0, cents: 0, first: day(9), last: day(9) },
    ])
    expect(run.progress.done).toBe(run.progress.total)
    expect(await namesOfFailed(run.id)).toEqual([])
  })

  it('complete when there is nothing to report', async () => {
    const run = await drain(await start(job))
    expect(run).toMatchObject({ status: 'completed', result: { reports: 0, totalCents: 0 } })
    expect(await namesOfFailed(run.id)).toEqual([])
  })

  it('keep to the orders that were there at the start, and each customer to its own', async () => {
    await DB.batch([
      ...[7, 20, 30].map(customer),
      ...[1, 2, 3].map((id) => order(id, `A${id}`, 7, id)),
      ...[4, 5, 6].map((id) => order(id, `A${id}`, 20, id)),
    ])
    const id = await start(job, { interrupt: { at: 'customer:20/order:3' }, hold: true })
    await deliver(id)
    // Somebody comes in just before the customer who is half done, and others order again.
    await DB.batch([
      customer(10),
      order(7, 'A7', 10, 7),
      order(8, 'A8', 20, 8),
      order(9, 'A9', 30, 9),
    ])
    await object(id).command('resume', {})
    await drain(id)
    const orders = (await reportsOf(id)).map((report) => [report.customer, report.orders])
    expect(orders.filter(([number]) => number !== 10)).toEqual([
      [7, 3],
      [20, 3],
      [30, 0],
    ])
    expect(await namesOfFailed(id)).toEqual([])
  })

  it('are found out when they are wrong', async () => {
    await seedShop(DB, { customers: 3, ordersPerCustomer: 2 })
    const { id } = await drain(await start(job))
    const [report] = await reportsOf(id)
    const change = (sql: string) => DB.prepare(sql).bind(id).run()

    await change(
      `UPDATE customer_reports SET total_cents = total_cents + 1 WHERE run_id = ? AND customer_id = 1`,
    )
    expect(await namesOfFailed(id)).toEqual([
      'Totals, in cents, are those that SQL adds up',
      'No report differs from its orders',
    ])
    await change(
      `UPDATE customer_reports SET total_cents = total_cents - 1 WHERE run_id = ? AND customer_id = 1`,
    )
    await change(
      `UPDATE customer_reports SET last_order_at = first_order_at WHERE run_id = ? AND customer_id = 1`,
    )
    expect(await namesOfFailed(id)).toEqual(['No report differs from its orders'])
    await DB.prepare('UPDATE customer_reports SET last_order_at = ? WHERE customer_id = 1')
      .bind(report?.last)
      .run()
    expect(await namesOfFailed(id)).toEqual([])

    await change(
      `INSERT INTO customer_reports
      SELECT NULL, run_id, customer_id, 0, 0, 0, NULL, NULL, reported_at FROM customer_reports WHERE run_id = ? AND customer_id = 2`,
    )
    expect(await namesOfFailed(id)).toEqual([
      'No customer has two reports',
      'No report differs from its orders',
    ])
    await change(`DELETE FROM customer_reports WHERE run_id = ? AND customer_id = 2`)
    expect(await namesOfFailed(id)).toContain('A report for each customer counted at the start')
    await resetShop(DB)
    expect(await reportsOf(id)).toEqual([])
  })
})
