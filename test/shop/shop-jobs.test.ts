import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { importOrders } from '../../src/shop/jobs/import-orders.ts'
import { processOrdersIteration } from '../../src/shop/jobs/process-orders-iteration.ts'
import { processOrders } from '../../src/shop/jobs/process-orders.ts'
import { IMPORT_COLUMNS } from '../../src/shop/imports/import.ts'
import { cleanShop } from '../../src/shop/data/reset.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { takeSnapshot } from '../../src/shop/data/snapshot.ts'
import { uploadImport } from '../../src/shop/imports/upload.ts'
import { drain, start } from '../support/drive.ts'
import { failedChecks } from '../support/proof.ts'

beforeEach(async () => {
  await cleanShop(env.DB, env.FILES)
})

describe.each([
  ['in steps', processOrders],
  ['as an iteration', processOrdersIteration],
])('processing orders %s', (_, job) => {
  it('settles each order once in many slices, and can prove it', async () => {
    await seedShop(env.DB, { quick: true, mixed: true })
    const { pending } = (await takeSnapshot(env.DB)).orders
    // No time at all: each slice does its one item and stops.
    const run = await drain(await start(job), { wallMs: 0 })
    expect(run).toMatchObject({ status: 'completed', progress: { done: pending, total: pending } })
    expect(run.slices).toBeGreaterThanOrEqual(pending)
    expect(run.result).toMatchObject({ processed: pending, cancelled: 0, nonPositiveTotal: 0 })
    expect(await takeSnapshot(env.DB)).toMatchObject({
      orders: { pending: 0 },
      logRows: pending,
      duplicates: 0,
    })
    expect(await failedChecks(run.id)).toEqual([])
  }, 60_000)

  it('keeps to its range', async () => {
    await seedShop(env.DB, { orders: 30 })
    const run = await drain(await start(job, { params: { from: 11, upTo: 20 } }))
    expect(run).toMatchObject({ status: 'completed', progress: { done: 10, total: 10 } })
    const { results } = await env.DB.prepare('SELECT order_id AS id FROM processing_log').all<{
      id: number
    }>()
    expect(results.map(({ id }) => id)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20])
    expect(await failedChecks(run.id)).toEqual([])
  })

  it('completes when there is nothing to do', async () => {
    const run = await drain(await start(job))
    expect(run).toMatchObject({
      status: 'completed',
      result: { processed: 0, processedTotalCents: 0 },
    })
    expect(await failedChecks(run.id)).toEqual([])
  })
})

describe('importing orders', () => {
  const lines = Array.from(
    { length: 40 },
    (_, index) =>
      `${index % 7},A,"two\nlines",${index},2010-12-01 08:26:00,1.255,${index % 3 || ''},France`,
  )
  const upload = (rows: readonly string[]) =>
    uploadImport(
      env.FILES,
      'file.csv',
      new Blob([[IMPORT_COLUMNS.join(), ...rows].join('\r\n')]).stream(),
    )

  it('stores each line once in many slices, and can prove it', async () => {
    const run = await drain(await start(importOrders, { params: await upload(lines) }), {
      wallMs: 0,
    })
    expect(run).toMatchObject({
      status: 'completed',
      completedSteps: ['validate', 'process', 'reprocess', 'finalize'],
      progress: { done: 40, total: 40 },
      result: { lines: 40, orders: 7 },
    })
    expect(await failedChecks(run.id)).toEqual([])
  }, 60_000)

  it('fails at the first broken row, before anything is written', async () => {
    const params = await upload(lines)
    await env.FILES.put(params.file, `${IMPORT_COLUMNS.join()}\n${lines[0]}\n"1,`)
    const run = await drain(await start(importOrders, { params }))
    expect(run).toMatchObject({ status: 'failed', slices: 1, error: { code: 'invalid_record' } })
    expect(run.error?.message).toMatch(/^Line 4: the file ends within a quoted field/)
    expect(await takeSnapshot(env.DB)).toMatchObject({ lines: 0, regions: 0, orders: { total: 0 } })
    expect(await failedChecks(run.id)).not.toEqual([])
  })
})
