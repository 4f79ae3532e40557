import { env } from 'cloudflare:workers'
import { expect, inject, it } from 'vitest'
import { syncCatalog } from '../../src/jobs/sync-catalog.ts'
import { emptyShop } from '../../src/shop/reset.ts'
import { verifyCatalog } from '../../src/shop/verify-catalog.ts'
import { exploreCrashes } from '../../src/testing/index.ts'
import { productsUpTo, serveCatalog } from '../support/catalog.ts'

/** An exploration is hundreds of runs, each with real commits. */
const PATIENT = { timeout: 120_000 }

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
        failedChecks: (await verifyCatalog(env.DB, run)).filter(({ ok }) => !ok),
      }),
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
