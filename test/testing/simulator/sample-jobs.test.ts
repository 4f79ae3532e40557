import { env } from 'cloudflare:workers'
import { beforeEach, expect, inject, it } from 'vitest'
import type { Job } from '../../../src/engine/index.ts'
import { cleanShop } from '../../../src/shop/data/reset.ts'
import { seedShop } from '../../../src/shop/data/seed.ts'
import { IMPORT_COLUMNS } from '../../../src/shop/imports/import.ts'
import { uploadImport } from '../../../src/shop/imports/upload.ts'
import { batchEmailsIteration } from '../../../src/shop/jobs/batch-emails-iteration.ts'
import { batchEmails } from '../../../src/shop/jobs/batch-emails.ts'
import { bulkWelcomeEmail } from '../../../src/shop/jobs/bulk-welcome-email.ts'
import { deliverMail } from '../../../src/shop/jobs/deliver-mail.ts'
import { generateReportsIteration } from '../../../src/shop/jobs/generate-reports-iteration.ts'
import { generateReports } from '../../../src/shop/jobs/generate-reports.ts'
import { importOrders } from '../../../src/shop/jobs/import-orders.ts'
import { notifyAdmin } from '../../../src/shop/jobs/notify-admin.ts'
import { processOrdersIteration } from '../../../src/shop/jobs/process-orders-iteration.ts'
import { processOrders } from '../../../src/shop/jobs/process-orders.ts'
import { regionalReport } from '../../../src/shop/jobs/regional-report.ts'
import { resilient } from '../../../src/shop/jobs/resilient.ts'
import { sendOnboardingTips } from '../../../src/shop/jobs/send-onboarding-tips.ts'
import { sendWelcomeEmail } from '../../../src/shop/jobs/send-welcome-email.ts'
import { syncCatalog } from '../../../src/shop/jobs/sync-catalog.ts'
import { trackBulkEmailMetrics } from '../../../src/shop/jobs/track-bulk-email-metrics.ts'
import { trackSignupMetrics } from '../../../src/shop/jobs/track-signup-metrics.ts'
import { type SimulatorSettings, testBench } from '../../../src/testing/index.ts'
import { productsUpTo, serveCatalog } from '../../support/catalog.ts'

beforeEach(async () => {
  await cleanShop(env.DB, env.FILES)
})

const PRODUCTION: SimulatorSettings = {
  d1: 30,
  object: 10,
  r2: 20,
  queue: 100,
  jitter: 0.2,
  frozen: true,
  statements: 1_000,
  connections: 6,
}

/** The run of a job, in production and under a CPU limit, and whether its job can prove it. */
async function inProduction(job: Job, params: object, items: number) {
  const bench = testBench({ simulate: { ...PRODUCTION, cpu: { items } } })
  const run = await bench.runInline(job, params)
  const { checks } = await bench.verify(run)
  const slices = await bench.objects(run.id).slices()
  // At most each item by itself, each step, and what a slice begins and ends with.
  const bound = run.progress.done + run.progress.skipped + run.completedSteps.length
  expect(run.commits).toBeLessThanOrEqual(bound + 3 * run.slices)
  return {
    run,
    failed: checks.filter(({ ok }) => !ok),
    vanished: slices.filter(({ outcome }) => outcome === 'vanished').length,
    tookMs: Date.parse(run.finishedAt ?? '') - Date.parse(run.createdAt),
  }
}

it.each([processOrders, processOrdersIteration])('$name ends in production', async (job) => {
  await seedShop(env.DB, { orders: 100, customers: 10 })
  const { run, failed, vanished, tookMs } = await inProduction(job, {}, 30)
  expect(run).toMatchObject({ status: 'completed', progress: { done: 100 } })
  expect(failed).toEqual([])
  expect(vanished).toBeGreaterThan(0)
  expect(tookMs).toBeGreaterThan(1_000)
})

it.each([processOrders, processOrdersIteration])(
  '$name makes few commits far from its database, though no clock runs while it works',
  async (job) => {
    await seedShop(env.DB, { orders: 4_000, customers: 10 })
    const bench = testBench({ simulate: PRODUCTION })
    const run = await bench.runInline(job, {})
    expect(run).toMatchObject({ status: 'completed', progress: { done: 4_000 }, slices: 1 })
    expect(run.commits).toBeLessThanOrEqual(12)
    expect(run.cost.d1Statements).toBeLessThanOrEqual(100)
  },
)

it.each([generateReports, generateReportsIteration])('$name ends in production', async (job) => {
  await seedShop(env.DB, { customers: 12, ordersPerCustomer: 2 })
  const { run, failed, vanished } = await inProduction(job, {}, 10)
  expect(run).toMatchObject({ status: 'completed' })
  expect(failed).toEqual([])
  expect(vanished).toBeGreaterThan(0)
})

it.each([batchEmails, batchEmailsIteration])('$name ends in production', async (job) => {
  await seedShop(env.DB, { customers: 400, orders: 0 })
  const { run, failed, vanished } = await inProduction(job, {}, 200)
  expect(run).toMatchObject({ status: 'completed', progress: { done: 400 } })
  expect(failed).toEqual([])
  expect(vanished).toBeGreaterThan(0)
})

it.each([
  [resilient, { upTo: 12, recoverable: [3, 7] }, 5],
  [bulkWelcomeEmail, { upTo: 20 }, 8],
  [regionalReport, {}, 7],
])('$0.name ends in production', async (job, params, items) => {
  await seedShop(env.DB, { customers: 20, orders: 0, storesPerRegion: 2, productsPerStore: 2 })
  const { run, failed, vanished } = await inProduction(job, params, items)
  expect(run).toMatchObject({ status: 'completed' })
  expect(failed).toEqual([])
  expect(vanished).toBeGreaterThan(0)
})

it('deliver-mail ends in production', async () => {
  await seedShop(env.DB, { customers: 30, orders: 0 })
  const queued = `INSERT INTO outbox (key, run_id, customer_id, recipient, template, subject, body, queued_at)
    SELECT 'campaign/' || id, 'campaign', id, email, 'campaign', 'S', 'B', '' FROM customers`
  await env.DB.prepare(queued).run()
  const { run, failed, vanished } = await inProduction(deliverMail, { campaign: 'campaign' }, 11)
  expect(run).toMatchObject({ status: 'completed', progress: { total: 30 } })
  expect(run.progress.done + run.progress.skipped).toBe(30)
  expect(failed).toEqual([])
  expect(vanished).toBeGreaterThan(0)
})

it.each([
  [sendWelcomeEmail, { customer: 1 }],
  [sendOnboardingTips, { customer: 1 }],
  [notifyAdmin, { customer: 1 }],
  [trackSignupMetrics, { customer: 1 }],
  [trackBulkEmailMetrics, { campaign: 'campaign' }],
])('$0.name ends in production', async (job, params) => {
  await seedShop(env.DB, { customers: 3, orders: 0 })
  // Steps without items: what an invocation can do is counted in calls.
  const bench = testBench({ simulate: { ...PRODUCTION, cpu: { calls: 6 } } })
  const run = await bench.runInline<unknown>(job, params)
  expect(run).toMatchObject({ status: 'completed' })
  expect((await bench.verify(run)).checks.filter(({ ok }) => !ok)).toEqual([])
})

it('import-orders ends in production', async () => {
  const lines = Array.from(
    { length: 60 },
    (_, index) =>
      `${index % 9},A,Lantern,${index + 1},2010-12-01 08:26:00,1.255,${index % 3},France`,
  )
  const file = new Blob([[IMPORT_COLUMNS.join(), ...lines].join('\n')])
  const params = await uploadImport(env.FILES, 'file.csv', file.stream())
  const { run, failed, vanished } = await inProduction(importOrders, params, 25)
  expect(run).toMatchObject({ status: 'completed', progress: { done: 60 } })
  expect(failed).toEqual([])
  expect(vanished).toBeGreaterThan(0)
})

it('sync-catalog ends in production', async () => {
  const catalog = await serveCatalog(inject('catalogServer'), { products: productsUpTo(30) })
  const source = { url: catalog.url('cursor'), paging: 'cursor', perPage: 7 }
  const { run, failed, vanished } = await inProduction(syncCatalog, source, 12)
  expect(run).toMatchObject({ status: 'completed', progress: { done: 30 } })
  expect(failed).toEqual([])
  expect(vanished).toBeGreaterThan(0)
})
