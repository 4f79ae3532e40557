import { env } from 'cloudflare:workers'
import { expect, inject, it } from 'vitest'
import { resilient } from '../../src/shop/jobs/resilient.ts'
import { syncCatalog } from '../../src/shop/jobs/sync-catalog.ts'
import { emptyShop, resetShop } from '../../src/shop/data/reset.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import type { Job, RunView } from '../../src/engine/index.ts'
import { verifyRun } from '../../src/engine/runs/index.ts'
import { exploreCrashes } from '../../src/testing/index.ts'
import { productsUpTo, serveCatalog } from '../support/catalog.ts'
import { TIMES } from '../support/times.ts'

/** What the job claims of its work and is not so. */
async function brokenClaims(job: Job, run: RunView): Promise<string[]> {
  expect(job).toHaveProperty('verify')
  const { checks } = await verifyRun(env, job, run, [])
  return checks.filter(({ ok }) => !ok).map(({ name }) => name)
}

/** An exploration is hundreds of runs, each with real commits. */
const PATIENT = { timeout: 120_000 * TIMES }

async function rows(sql: string): Promise<unknown[]> {
  return (await env.DB.prepare(sql).all()).results
}

it(
  'B01 B16 sync-catalog writes each version once, whatever dies and whenever',
  PATIENT,
  async () => {
    // The second product comes twice, in a newer version.
    const products = [...productsUpTo(2), ...productsUpTo(2, 2).slice(1)]
    const catalog = await serveCatalog(inject('catalogServer'), { products })
    const { state, schedules, unmet } = await exploreCrashes(syncCatalog, {
      params: { url: catalog.url('link'), paging: 'link', perPage: 2 },
      given: () => env.DB.batch(emptyShop(env.DB)),
      then: async (run) => ({
        result: run.result,
        progress: run.progress,
        kept: await rows('SELECT sku, version, price_cents FROM catalog_products ORDER BY sku'),
        log: await rows('SELECT sku, version, outcome FROM catalog_log ORDER BY sku, version, id'),
        failedChecks: await brokenClaims(syncCatalog, run),
      }),
      maxSchedules: 60 * TIMES,
    })
    expect(state).toMatchObject({
      result: { products: 3, created: 2, updated: 1 },
      kept: [{ version: 1 }, { version: 2 }],
      failedChecks: [],
    })
    expect(schedules).toBeGreaterThan(50)
    expect(unmet).toEqual([])
  },
)

it('B01 B16 resilient scores each customer once, whatever dies and whenever', PATIENT, async () => {
  await seedShop(env.DB, { orders: 0, customers: 2 })
  const { state, schedules, unmet } = await exploreCrashes(resilient, {
    // One customer is passed over; at the other the bureau breaks down once: a slice fails, the next goes on.
    params: { recoverable: [1], fatal: [2], healAfter: 1 },
    given: () => resetShop(env.DB),
    then: async (run) => ({
      result: run.result,
      progress: run.progress,
      scored: await rows('SELECT customer_id AS id, score FROM credit_checks ORDER BY id'),
      skips: await rows('SELECT step, cursor FROM dogear_skips ORDER BY seq, position'),
      failedChecks: await brokenClaims(resilient, run),
    }),
    maxSchedules: 40 * TIMES,
  })
  expect(state).toMatchObject({
    progress: { done: 1, total: 2, skipped: 1 },
    scored: [{ id: 2 }],
    skips: [{ cursor: '1' }],
    failedChecks: [],
  })
  expect(schedules).toBe(40)
  expect(unmet).toEqual([])
})
