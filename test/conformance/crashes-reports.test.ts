import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Job } from '../../src/engine/index.ts'
import { generateReportsIteration } from '../../src/shop/jobs/generate-reports-iteration.ts'
import { generateReports } from '../../src/shop/jobs/generate-reports.ts'
import { regionalReport } from '../../src/shop/jobs/regional-report.ts'
import { resetShop } from '../../src/shop/data/reset.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { exploreCrashes } from '../../src/testing/index.ts'
import { TIMES } from '../support/times.ts'

// The jobs of several levels, killed and disturbed at the calls they make; see docs/testing.md.

/** An exploration is many runs, each with real commits. */
const PATIENT = { timeout: 240_000 * TIMES }
/** Of some hundred single faults the seed chooses these, so that the file takes seconds. */
const SOME = { maxSchedules: 40 * TIMES }

async function rows(sql: string): Promise<unknown[]> {
  return (await env.DB.prepare(sql).all()).results
}

describe('reports', () => {
  // Two orders of customer 1, none of customer 2, one of customer 3.
  beforeAll(async () => {
    await seedShop(env.DB, { customers: 3, ordersPerCustomer: 1, storesPerRegion: 0 })
    await env.DB.prepare(
      'UPDATE orders SET customer_id = 1, customer_order = id WHERE id = 2',
    ).run()
  })

  it.each<[string, Job<Record<string, never>>]>([
    ['generate-reports', generateReports],
    ['generate-reports-iteration', generateReportsIteration],
  ])('B01 B02 B16 %s writes each once, whatever dies and whenever', PATIENT, async (_name, job) => {
    const { state, schedules, unmet } = await exploreCrashes(job, {
      given: () => resetShop(env.DB),
      then: async (run) => ({
        result: run.result,
        progress: run.progress,
        reports: await rows(
          `SELECT customer_id, orders, processed_orders, total_cents, first_order_at, last_order_at
          FROM customer_reports ORDER BY customer_id, id`,
        ),
      }),
      commit: { everyItems: 3 },
      ...SOME,
    })
    const { reports } = state as { reports: unknown[] }
    expect(reports).toEqual([
      expect.objectContaining({ customer_id: 1, orders: 2 }),
      expect.objectContaining({ customer_id: 2, orders: 0 }),
      expect.objectContaining({ customer_id: 3, orders: 1 }),
    ])
    expect(schedules).toBe(40)
    expect(unmet).toEqual([])
  })
})

describe('regional-report', () => {
  // Region 1 has two stores of a product each, region 2 has none.
  beforeAll(async () => {
    await seedShop(env.DB, { orders: 0, storesPerRegion: 2, productsPerStore: 1 })
    await env.DB.batch([
      env.DB.prepare('DELETE FROM regions WHERE number > 2'),
      env.DB.prepare('DELETE FROM stores WHERE region > 1'),
      env.DB.prepare('DELETE FROM products WHERE region > 1'),
    ])
  })

  it('B01 B02 B16 sums up each once, whatever dies and whenever', PATIENT, async () => {
    const { state, schedules, unmet } = await exploreCrashes(regionalReport, {
      given: () => resetShop(env.DB),
      then: async (run) => ({
        result: run.result,
        progress: run.progress,
        summaries: await rows(
          `SELECT region, store, products, sold, revenue_cents
          FROM regional_summaries ORDER BY region, store, id`,
        ),
      }),
      commit: { everyItems: 3 },
      ...SOME,
    })
    const { summaries } = state as { summaries: unknown[] }
    expect(summaries).toHaveLength(2 + 2 + 1)
    expect(schedules).toBe(40)
    expect(unmet).toEqual([])
  })
})
