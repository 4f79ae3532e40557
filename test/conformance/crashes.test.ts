import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { importOrders } from '../../src/shop/jobs/import-orders.ts'
import { processOrdersIteration } from '../../src/shop/jobs/process-orders-iteration.ts'
import { processOrders } from '../../src/shop/jobs/process-orders.ts'
import { emptyShop, resetShop } from '../../src/shop/data/reset.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { exploreCrashes } from '../../src/testing/index.ts'
import { MOST_SCHEDULES } from '../support/times.ts'

// The sample jobs, killed and disturbed at every call they make; see docs/testing.md.

/** An exploration is hundreds of runs, each with real commits. */
const PATIENT = { timeout: 240_000 }

async function rows(sql: string): Promise<unknown[]> {
  return (await env.DB.prepare(sql).all()).results
}

describe('orders', () => {
  beforeAll(async () => {
    await seedShop(env.DB, { orders: 20, customers: 4, mixed: true })
  })

  it.each([
    ['process-orders', processOrders],
    ['process-orders-iteration', processOrdersIteration],
  ])(
    'B01 B02 B16 %s settles each order once, whatever dies and whenever',
    PATIENT,
    async (_name, job) => {
      const { state, schedules, unmet } = await exploreCrashes(job, {
        given: () => resetShop(env.DB),
        then: async (run) => ({
          result: run.result,
          progress: run.progress,
          orders: await rows(
            'SELECT id, status, failure_reason, total_cents FROM orders ORDER BY id',
          ),
          log: await rows(
            'SELECT order_id, status, total_cents FROM processing_log ORDER BY order_id, rowid',
          ),
        }),
        commit: { everyItems: 7 },
        maxSchedules: MOST_SCHEDULES,
      })
      const { log, progress } = state as { log: unknown[]; progress: { done: number } }
      expect(log).toHaveLength(progress.done)
      expect(progress.done).toBe(20)
      expect(schedules).toBeGreaterThan(50)
      expect(unmet).toEqual([])
    },
  )
})

describe('import-orders', () => {
  const file = 'imports/crashes.csv'
  const lines = [
    'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country',
    '536365,85123A,"HOLDER, WHITE",6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom',
    '536366,22633,HAND WARMER,6,2010-12-01 08:28:00,1.85,17850.0,United Kingdom',
    'C536367,84879,ASSORTED BIRD,-1,2010-12-01 08:34:00,1.69,13047.0,France',
    '536365,71053,WHITE METAL,6,2010-12-01 08:26:00,3.39,17850.0,United Kingdom',
    '536368,22960,JAM MAKING SET,6,2010-12-01 08:34:00,4.25,,Germany',
  ]

  beforeAll(async () => {
    await env.FILES.put(file, `${lines.join('\r\n')}\r\n`)
  })

  it('B01 B02 B16 stores each line once, whatever dies and whenever', PATIENT, async () => {
    const { state, schedules, unmet } = await exploreCrashes(importOrders, {
      params: { file, name: 'crashes' },
      given: () => env.DB.batch(emptyShop(env.DB)),
      then: async (run) => ({
        result: run.result,
        progress: run.progress,
        orders: await rows('SELECT number, customer_id, region FROM orders ORDER BY number'),
        lines: await rows(
          'SELECT source, line, stock_code, quantity FROM order_lines ORDER BY line',
        ),
        sums: await rows(
          'SELECT number, lines, units, amount_cents FROM order_sums JOIN orders ON id = order_id ORDER BY number',
        ),
        customers: await rows('SELECT id, region FROM customers ORDER BY id'),
      }),
      commit: { everyItems: 2 },
      maxSchedules: MOST_SCHEDULES,
    })
    const { lines: stored } = state as { lines: unknown[] }
    expect(stored).toHaveLength(lines.length - 1)
    expect(schedules).toBeGreaterThan(50)
    expect(unmet).toEqual([])
  })
})
