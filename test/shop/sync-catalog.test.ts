import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, inject, it } from 'vitest'
import { listSkips } from '../../src/engine/runs/index.ts'
import { syncCatalog } from '../../src/shop/jobs/sync-catalog.ts'
import { emptyShop, resetShop } from '../../src/shop/data/reset.ts'
import { type Catalog, productsUpTo, serveCatalog } from '../support/catalog.ts'
import { driving, start } from '../support/drive.ts'
import { failedChecks } from '../support/proof.ts'
import { redrive, runOf } from '../support/run-of.ts'

const PAGINGS = ['number', 'cursor', 'link'] as const

const serve = (catalog: Catalog) => serveCatalog(inject('catalogServer'), catalog)
const source = (url: string, paging: (typeof PAGINGS)[number] = 'number') => ({
  params: { url, paging, perPage: 4 },
})

async function rows(sql: string): Promise<unknown[]> {
  return (await env.DB.prepare(sql).all()).results
}
const kept = () =>
  rows('SELECT sku, version, name, price_cents AS priceCents FROM catalog_products ORDER BY sku')

async function verdict(id: string): Promise<unknown[]> {
  return (await failedChecks(id)).map(({ name }) => name)
}

beforeEach(async () => {
  await env.DB.batch(emptyShop(env.DB))
})

describe('a sync of the catalog', () => {
  it.each(PAGINGS)('keeps each product once in many slices, by pages of %s', async (paging) => {
    const catalog = await serve({ products: productsUpTo(10) })
    const run = await runOf(syncCatalog, source(catalog.url(paging), paging))
    expect(await run.drain({ wallMs: 0 })).toMatchObject({
      status: 'completed',
      progress: { done: 10, skipped: 0 },
      result: { products: 10, created: 10, updated: 0, unchanged: 0 },
    })
    expect(await kept()).toEqual(productsUpTo(10))
    expect(await verdict(run.id)).toEqual([])
  })

  it('writes only what has changed since the last one', async () => {
    const catalog = await serve({ products: productsUpTo(5) })
    await (await runOf(syncCatalog, source(catalog.url('link'), 'link'))).drain()
    const changed = [...productsUpTo(2), ...productsUpTo(6, 2).slice(2)]
    await catalog.change({ products: changed })
    const run = await runOf(syncCatalog, source(catalog.url('link'), 'link'))
    expect((await run.drain()).result).toEqual({
      products: 6,
      created: 1,
      updated: 3,
      unchanged: 2,
    })
    expect(await kept()).toEqual(changed)
    expect(await verdict(run.id)).toEqual([])
  })

  it.each([1, 2, 100])(
    'never goes back to an older version, in commits of %i products',
    async (everyItems) => {
      const [one, two, three] = [1, 2, 3].map((version) => productsUpTo(1, version)[0])
      const catalog = await serve({ products: [two, one, two, three, three] })
      const options = { ...source(catalog.url('number')), commit: { everyItems } }
      const run = await runOf(syncCatalog, options)
      await run.drain()
      expect(await kept()).toEqual([three])
      expect(await rows('SELECT version, outcome FROM catalog_log ORDER BY id')).toEqual([
        { version: 2, outcome: 'created' },
        { version: 1, outcome: 'unchanged' },
        { version: 2, outcome: 'unchanged' },
        { version: 3, outcome: 'updated' },
        { version: 3, outcome: 'unchanged' },
      ])
      expect(await verdict(run.id)).toEqual([])
    },
  )

  it('stands still for as long as the API says, and comes back after its errors', async () => {
    const limited = { status: 429, headers: { 'retry-after': '30' } }
    const catalog = await serve({
      products: productsUpTo(8),
      faults: { 1: [limited, { status: 500 }] },
    })
    const run = await runOf(syncCatalog, source(catalog.url('number')))
    const before = Date.now()
    expect(await run.slice()).toMatchObject({ reason: 'throttle', progress: { done: 4 } })
    expect(Number((await driving(run.id)).sendAt) - before).toBeGreaterThanOrEqual(30_000)
    expect(await run.slice()).toMatchObject({ status: 'queued', progress: { done: 4 } })
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 8 } })
    expect(await catalog.requests()).toEqual([
      [0, 200],
      [1, 429],
      [1, 500],
      [1, 200],
      [2, 200],
    ])
    expect(await verdict(run.id)).toEqual([])
  })

  it.each([
    [404, {}, 'answered 404'],
    // As a redirect to a server inside would be.
    [302, { location: '/elsewhere' }, 'answered 302'],
  ])('fails at once when the API answers %i', async (status, headers, message) => {
    const catalog = await serve({ products: [], faults: { 0: [{ status, headers }] } })
    const run = await runOf(syncCatalog, source(catalog.url('number')))
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      slices: 1,
      error: { code: 'page_failed', message: expect.stringContaining(message) },
    })
  })

  it('passes over what is no product, and takes it up once it is fixed', async () => {
    const [first, second] = productsUpTo(2)
    const broken = { ...second, priceCents: 1.5 }
    const catalog = await serve({ products: [first, broken, null] })
    const run = await runOf(syncCatalog, source(catalog.url('number')))
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 1, skipped: 2 },
    })
    const { skips } = await listSkips(env.DB, run.id, { limit: 10 })
    expect(skips.map(({ error }) => error.message)).toEqual([
      expect.stringMatching(/^Product "P0002" is not valid: priceCents: /),
      expect.stringMatching(/^A product is not valid: /),
    ])
    expect(await verdict(run.id)).toEqual([])

    await catalog.change({ products: [first, second, productsUpTo(3)[2]] })
    const { child } = await redrive(syncCatalog, run)
    expect(await child.drain()).toMatchObject({ status: 'completed', progress: { done: 2 } })
    expect(await kept()).toEqual(productsUpTo(3))
    expect(await verdict(child.id)).toEqual([])
  })

  it('leaves nothing behind after a reset', async () => {
    const catalog = await serve({ products: productsUpTo(2) })
    await (await runOf(syncCatalog, source(catalog.url('number')))).drain()
    expect(await kept()).toHaveLength(2)
    await resetShop(env.DB)
    expect(await kept()).toEqual([])
    expect(await rows('SELECT * FROM catalog_log')).toEqual([])
  })

  it.each([
    ['file:///etc/passwd', 'expected an http or https URL'],
    ['javascript:alert(1)', 'expected an http or https URL'],
    ['catalog.example.com', 'expected an http or https URL'],
    ['https://user:secret@catalog.example.com/', 'expected no user or password in the URL'],
  ])('is refused the URL %s', async (url, message) => {
    await expect(start(syncCatalog, { params: { url } })).rejects.toMatchObject({
      code: 'invalid_params',
      message: expect.stringContaining(`url: ${message}`),
    })
  })
})

describe('the verification of a sync', () => {
  it.each([
    [
      'a product handled twice',
      'INSERT INTO catalog_log (run_id, sku, version, outcome, logged_at) SELECT run_id, sku, version, outcome, logged_at FROM catalog_log LIMIT 1',
      ['Each product handled exactly once', 'No version of a product written twice'],
    ],
    [
      'a product that is not kept',
      `DELETE FROM catalog_products WHERE sku = 'P0001'`,
      ['Every product met is kept, at that version or a later one'],
    ],
    [
      'a product that was written without the log',
      `UPDATE catalog_products SET version = 7 WHERE sku = 'P0002'`,
      ['Every product the run has kept is in its log'],
    ],
  ])('finds %s', async (_, sql, names) => {
    const catalog = await serve({ products: productsUpTo(3) })
    const run = await runOf(syncCatalog, source(catalog.url('cursor'), 'cursor'))
    await run.drain()
    expect(await verdict(run.id)).toEqual([])
    await env.DB.prepare(sql).run()
    expect(await verdict(run.id)).toEqual(names)
  })
})
