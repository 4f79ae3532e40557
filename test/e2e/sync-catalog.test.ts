import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Run } from '../../src/client/index.ts'
import { isEnded } from '../../src/engine/run.ts'
import { type ServedCatalog, productsUpTo, serveCatalog } from '../support/catalog.ts'
import { startCatalogServer } from '../support/catalog-server.ts'
import { dogear } from './support/dogear.ts'
import { type FreshWorker, startFreshWorker } from './support/fresh-worker.ts'
import { eventually } from './support/wait.ts'

const PAGES = 23
const PER_PAGE = 20
const PRODUCTS = PAGES * PER_PAGE
/** The page, from 0, at whose request the Worker is killed. */
const KILL_AT = 14

let server: Awaited<ReturnType<typeof startCatalogServer>>
let catalog: ServedCatalog
let worker: FreshWorker

beforeAll(async () => {
  server = await startCatalogServer()
  catalog = await serveCatalog(server.url, {
    products: productsUpTo(PRODUCTS),
    faults: {
      4: [{ status: 429, headers: { 'retry-after': '1' } }],
      9: [{ status: 500 }],
    },
    delayMs: 20,
  })
  worker = await startFreshWorker({ vars: { SLICE_WALL_MS: '1000' } })
})

afterAll(async () => {
  await worker?.remove()
  await server?.close()
})

it('syncs a catalog from an API that limits, fails, and sees its client killed', async () => {
  const params = { url: catalog.url('number'), paging: 'number', perPage: PER_PAGE }
  const { id } = await worker.client.start('sync-catalog', {
    params,
    commit: { everyItems: PER_PAGE },
  })
  await eventually(`the request for page ${KILL_AT}`, 60_000, async () =>
    (await catalog.requests()).some(([page]) => page === KILL_AT),
  )
  await worker.kill9()
  await worker.restart()

  let run: Run = await worker.client.run(id)
  await eventually('the end of the sync', 60_000, async () => {
    run = await worker.client.run(id)
    return isEnded(run.status)
  })
  expect(run).toMatchObject({
    status: 'completed',
    progress: { done: PRODUCTS, skipped: 0 },
    result: { products: PRODUCTS, created: PRODUCTS, updated: 0, unchanged: 0 },
  })

  const asked = await catalog.requests()
  const pages = asked.filter(([, status]) => status === 200).map(([page]) => page)
  expect(new Set(pages)).toEqual(new Set(Array.from({ length: PAGES + 1 }, (_, page) => page)))
  expect(asked.filter(([, status]) => status !== 200)).toEqual([
    [4, 429],
    [9, 500],
  ])
  // Each slice, also the killed one, has read at most one page that the next one reads again.
  expect(pages.length).toBeLessThanOrEqual(PAGES + run.slices)
  const { code, stdout } = await dogear(worker.url, 'verify', id)
  expect(stdout).not.toContain('❌')
  expect(code).toBe(0)
})
