import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { pendingRange } from '../../src/shop/orders/orders.ts'
import { cleanShop, resetShop } from '../../src/shop/data/reset.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { takeSnapshot } from '../../src/shop/data/snapshot.ts'
import { pendingIn, settleAll } from '../support/shop.ts'

const db = env.DB
const TABLES = ['regions', 'customers', 'orders', 'order_lines', 'processing_log'] as const

async function dump(): Promise<unknown[]> {
  const results = await db.batch(TABLES.map((table) => db.prepare(`SELECT * FROM ${table}`)))
  return results.map(({ results: rows }) => rows)
}

beforeEach(async () => {
  await cleanShop(db, env.FILES)
})

describe('seed', () => {
  it('gives the same shop for the same options, dates included', async () => {
    await seedShop(db, { orders: 120, mixed: true })
    const first = await dump()
    await seedShop(db, { orders: 120, mixed: true })
    expect(await dump()).toEqual(first)
    await seedShop(db, { orders: 120, mixed: true, seed: 43 })
    expect(await dump()).not.toEqual(first)
  })

  it('seeds 1,000 pending orders over 100 customers, numbered from 1, that will all be processed', async () => {
    await seedShop(db)
    const { customers, orders } = await takeSnapshot(db)
    expect({ customers, orders }).toEqual({
      customers: 100,
      orders: { total: 1_000, pending: 1_000, processed: 0, failed: 0, guest: 0 },
    })
    const found = await pendingIn()
    expect(found.map(({ id }) => id)).toEqual(
      Array.from({ length: 1_000 }, (_, index) => index + 1),
    )
    await settleAll('run', found)
    expect((await takeSnapshot(db)).orders).toMatchObject({ processed: 1_000, failed: 0 })
  })

  it('replaces what the shop held', async () => {
    await seedShop(db, { orders: 30 })
    await settleAll('run', await pendingIn())
    await seedShop(db, { quick: true, customers: 10 })
    expect(await takeSnapshot(db)).toMatchObject({
      customers: 10,
      orders: { total: 100, pending: 100 },
      logRows: 0,
    })
    expect(await pendingRange(db, {})).toEqual({ last: 100, count: 100 })
  })

  it('mixes the states in the proportions of the seeds', async () => {
    await seedShop(db, { mixed: true })
    const { orders, failures, logRows } = await takeSnapshot(db)
    expect(orders.pending / orders.total).toBeCloseTo(0.6, 1)
    expect(orders.processed / orders.total).toBeCloseTo(0.2, 1)
    expect(orders.failed / orders.total).toBeCloseTo(0.2, 1)
    expect(failures.cancelled).toBeGreaterThan(50)
    expect(failures.non_positive_total).toBeGreaterThan(50)
    expect(orders.guest).toBeGreaterThan(20)
    expect(logRows).toBe(0)
  })

  it('settles mixed orders as the jobs would', async () => {
    await seedShop(db, { mixed: true, orders: 300 })
    const settled = `SELECT id, status, failure_reason, total_cents FROM orders WHERE id IN (SELECT value FROM json_each(?))`
    const ids = await db
      .prepare(`SELECT json_group_array(id) AS ids FROM orders WHERE status <> 'pending'`)
      .first<string>('ids')
    const before = await db.prepare(settled).bind(ids).all()
    await resetShop(db)
    await settleAll('run', await pendingIn())
    expect((await db.prepare(settled).bind(ids).all()).results).toEqual(before.results)
  })

  it('seeds 100,000 orders within the statements of one invocation, and resets them', async () => {
    let statements = 0
    const metered = {
      prepare: (sql: string) => db.prepare(sql),
      batch: (batch: D1PreparedStatement[]) => ((statements += batch.length), db.batch(batch)),
    } as D1Database
    await seedShop(metered, { orders: 100_000, customers: 1_000, mixed: true })
    expect(statements).toBeLessThanOrEqual(900)
    expect((await takeSnapshot(db)).orders).toMatchObject({ total: 100_000 })
    await resetShop(db)
    expect((await takeSnapshot(db)).orders).toMatchObject({
      pending: 100_000,
      processed: 0,
      failed: 0,
    })
  }, 60_000)
})

describe('snapshot, reset and clean', () => {
  it('counts an empty shop', async () => {
    expect(await takeSnapshot(db)).toEqual({
      customers: 0,
      regions: 0,
      lines: 0,
      orders: { total: 0, pending: 0, processed: 0, failed: 0, guest: 0 },
      failures: { cancelled: 0, non_positive_total: 0 },
      processedTotalCents: 0,
      logRows: 0,
      duplicates: 0,
    })
  })

  it('shows an order that was logged twice', async () => {
    await seedShop(db, { orders: 3 })
    await settleAll('run', await pendingIn())
    await db
      .prepare(
        'INSERT INTO processing_log SELECT NULL, run_id, order_id, status, NULL, 0, logged_at FROM processing_log WHERE order_id = 2',
      )
      .run()
    expect(await takeSnapshot(db)).toMatchObject({ logRows: 4, duplicates: 1 })
  })

  it('makes every order pending again', async () => {
    await seedShop(db, { mixed: true, orders: 200 })
    await settleAll('run', await pendingIn())
    await resetShop(db)
    expect(await takeSnapshot(db)).toMatchObject({
      orders: { total: 200, pending: 200, processed: 0, failed: 0 },
      failures: { cancelled: 0, non_positive_total: 0 },
      processedTotalCents: 0,
      logRows: 0,
    })
  })

  it('removes all shop data, uploaded files included', async () => {
    await seedShop(db, { orders: 5 })
    await env.FILES.put('imports/a/1.csv', 'x')
    await env.FILES.put('other', 'x')
    await cleanShop(db, env.FILES)
    expect((await dump()).flat()).toEqual([])
    expect((await env.FILES.list()).objects.map(({ key }) => key)).toEqual(['other'])
  })
})
