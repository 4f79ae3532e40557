import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Effects } from '../../src/engine/job/effects.ts'
import { PendingEffects } from '../../src/engine/pass/pending-effects.ts'
import { records } from '../../src/engine/enumerators/records.ts'
import {
  pendingOrders,
  pendingRange,
  settleOrder,
  summarizeRun,
} from '../../src/shop/orders/orders.ts'
import { cleanShop } from '../../src/shop/data/reset.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { verifyOrders } from '../../src/shop/orders/verify-orders.ts'
import { eachSkip } from '../../src/engine/runs/index.ts'
import { aRun } from '../support/a-run.ts'
import { pendingIn, settleAll } from '../support/shop.ts'

const db = env.DB

async function dump(): Promise<unknown[]> {
  const results = await db.batch([
    db.prepare('SELECT * FROM orders'),
    db.prepare('SELECT * FROM processing_log'),
  ])
  return results.map(({ results: rows }) => rows)
}

async function planOf(sql: string, ...params: unknown[]): Promise<string> {
  const { results } = await db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...params)
    .all<{ detail: string }>()
  return results.map(({ detail }) => detail).join('\n')
}

/** A database that notes the SQL of its statements. */
function spyOn(target: D1Database, prepared: (sql: string) => void): D1Database {
  return { prepare: (sql: string) => (prepared(sql), target.prepare(sql)) } as D1Database
}

beforeEach(async () => {
  await cleanShop(db, env.FILES)
})

describe('orders', () => {
  it('walks pending orders of a range with their lines', async () => {
    await seedShop(db, { orders: 20 })
    await settleAll(
      'earlier',
      (await pendingIn()).filter(({ id }) => id % 2 === 0),
    )
    const found = await pendingIn({ from: 5, upTo: 11 })
    expect(found.map(({ id }) => id)).toEqual([5, 7, 9, 11])
    const { results } = await db
      .prepare('SELECT quantity, unit_price_thousandths FROM order_lines WHERE order_id = 5')
      .raw()
      .then((rows) => ({ results: rows }))
    expect(JSON.parse(found[0]?.lines ?? '')).toEqual(results)
    expect(await pendingRange(db, { from: 5, upTo: 12 })).toEqual({ last: 11, count: 4 })
    expect(await pendingRange(db, { from: 13, upTo: 12 })).toEqual({ last: null, count: 0 })
  })

  it('settles an order once, however often its effects are committed', async () => {
    await seedShop(db, { orders: 3 })
    const orders = await pendingIn()
    await settleAll('a', orders)
    const before = await dump()
    await settleAll('a', orders)
    await settleAll('b', orders)
    expect(await dump()).toEqual(before)
    expect(await summarizeRun(db, 'b')).toEqual({
      processed: 0,
      cancelled: 0,
      nonPositiveTotal: 0,
      processedTotalCents: 0,
    })
  })

  it('settles and logs by the rules', async () => {
    await db.batch([
      db.prepare(
        `INSERT INTO orders (id, number, region, placed_at) VALUES (1, '1', 'N', ''), (2, 'C2', 'N', ''), (3, '3', 'N', '')`,
      ),
      db.prepare(
        `INSERT INTO order_lines VALUES (1, 's', 1, '', '', 2, 1005), (1, 's', 2, '', '', -1, 5), (2, 's', 3, '', '', 1, 100)`,
      ),
    ])
    await settleAll('run', await pendingIn())
    const { results } = await db
      .prepare('SELECT id, status, failure_reason, total_cents, processed_at FROM orders')
      .all()
    expect(results).toEqual([
      {
        id: 1,
        status: 'processed',
        failure_reason: null,
        total_cents: 200,
        processed_at: expect.stringMatching(/^\d{4}-.*Z$/),
      },
      {
        id: 2,
        status: 'failed',
        failure_reason: 'cancelled',
        total_cents: null,
        processed_at: null,
      },
      {
        id: 3,
        status: 'failed',
        failure_reason: 'non_positive_total',
        total_cents: null,
        processed_at: null,
      },
    ])
    expect(await summarizeRun(db, 'run')).toEqual({
      processed: 1,
      cancelled: 1,
      nonPositiveTotal: 1,
      processedTotalCents: 200,
    })
  })

  it('reads no more for a late page than for the first', async () => {
    await seedShop(db, { orders: 3_000 })
    const costs: number[] = []
    const metered = {
      prepare: (sql: string) => ({
        bind: (...params: unknown[]) => ({
          all: async () => {
            const result = await db
              .prepare(sql)
              .bind(...params)
              .all()
            costs.push(result.meta.rows_read)
            return result
          },
        }),
      }),
    } as unknown as D1Database
    for await (const [order] of records(metered, pendingOrders({}), {
      cursor: null,
      pageSize: 500,
    })) {
      expect(order.id).toBeGreaterThan(0)
    }
    expect(costs).toHaveLength(6)
    expect(Math.max(...costs)).toBeLessThan(500 * (1 + 5) + 10)
  })

  it('uses an index in each of its queries, and sorts nothing', async () => {
    const queries: string[] = []
    const spy = spyOn(db, (sql) => queries.push(sql))
    for await (const _ of records(spy, pendingOrders({}), { cursor: 7 })) break
    await pendingRange(spy, {})
    await summarizeRun(spy, 'run')
    const plans = await Promise.all(
      queries.map((sql) => planOf(sql, ...(sql.match(/\?/g) ?? []).map((_, index) => index))),
    )
    expect(plans).toHaveLength(3)
    for (const plan of plans) expect(plan).not.toMatch(/SCAN|TEMP B-TREE|MATERIALIZE|CO-ROUTINE/)
    expect(plans[0]).toContain('orders_pending')
    const effects = new PendingEffects()
    settleOrder(effects as unknown as Effects, 'run', { id: 1, number: '1', lines: '[]' })
    for (const { sql } of effects.take()) {
      const plan = await planOf(sql, '[]')
      expect(plan.match(/SCAN (?!row)|TEMP B-TREE/)).toBeNull()
    }
  })
})

describe('verifyOrders', () => {
  const verify = (done = 10) => {
    const progress = { done, total: null, skipped: 0 }
    const run = aRun({ id: 'run', createdAt: '2026-01-01T00:00:00.000Z', progress })
    return verifyOrders({
      env,
      params: {},
      run,
      lineage: ['run'],
      result: () => undefined,
      attributes: {},
      skips: () => eachSkip(env.DB, 'run'),
    })
  }
  const verdicts = async (done?: number) => (await verify(done)).map(({ ok }) => ok)

  it('finds a clean run clean', async () => {
    await seedShop(db, { orders: 10 })
    await settleAll('run', await pendingIn())
    expect(await verify()).toEqual([
      { name: "All orders in the run's range handled", ok: true, expected: 10, actual: 10 },
      { name: 'No order has two log rows', ok: true, expected: 0, actual: 0 },
      { name: 'Each order handled exactly once', ok: true, expected: 10, actual: 10 },
    ])
  })

  it('finds an order left out, one logged twice, and a wrong count', async () => {
    await seedShop(db, { orders: 10 })
    await settleAll('run', await pendingIn())
    await db
      .prepare(
        `UPDATE orders SET status = 'pending', total_cents = NULL, processed_at = NULL WHERE id = 4`,
      )
      .run()
    expect(await verdicts()).toEqual([false, true, true])
    await settleAll('run', await pendingIn())
    expect(await verdicts()).toEqual([true, false, false])
    expect(await verdicts(11)).toEqual([true, false, true])
  })

  it('grants that another run settles orders in between', async () => {
    await seedShop(db, { orders: 10 })
    const orders = await pendingIn()
    await settleAll('other', orders.slice(0, 4))
    await settleAll('run', orders)
    expect(await verdicts(10)).toEqual([true, true, true])
    expect(await verdicts(6)).toEqual([true, true, true])
    expect(await verdicts(11)).toEqual([true, true, false])
  })
})
