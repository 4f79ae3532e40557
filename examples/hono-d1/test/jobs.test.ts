import { env } from 'cloudflare:workers'
import { exploreCrashes, interruptDuringStep, dogearMatchers, testBench } from 'dogear/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { jobs } from '../src/jobs'
import { backfillVat } from '../src/jobs/backfill-vat'
import { remindOverdue } from '../src/jobs/remind-overdue'

expect.extend(dogearMatchers)

const bench = testBench({ env: jobs.bind(env) })

beforeEach(async () => {
  await env.BILLING_DB.batch(
    [
      'DELETE FROM mail_log',
      'DELETE FROM invoices',
      'DELETE FROM customers',
      `INSERT INTO customers (id, company, email, country) VALUES (1, 'Acme', 'acme@example.com', 'DE')`,
      `INSERT INTO invoices (id, number, customer_id, net_cents, due_on)
       WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10)
       SELECT i, 'R-' || i, 1, 1000, '2026-01-01' FROM n`,
    ].map((sql) => env.BILLING_DB.prepare(sql)),
  )
})

afterEach(() => vi.unstubAllGlobals())

const written = async () => {
  const { results } = await env.BILLING_DB.prepare(
    'SELECT vat_cents, vat_writes FROM invoices',
  ).all()
  return results
}
const FILLED = Array.from({ length: 10 }, () => ({ vat_cents: 190, vat_writes: 1 }))

it('fills in the VAT', async () => {
  const run = await bench.runInline(backfillVat)
  expect(run).toMatchObject({ status: 'completed', progress: { done: 10 } })
  expect(await written()).toEqual(FILLED)
  expect(await bench.verify(run)).toMatchObject({ ok: true })
})

it('goes on where it was interrupted', async () => {
  const run = await bench.start(backfillVat)
  expect(await interruptDuringStep(run, 'fill', { cursor: 4 }, bench)).toHaveCheckpointAt('fill', 4)
  expect(await bench.drive(run)).toMatchObject({ status: 'completed', resumptions: 1 })
  expect(await written()).toEqual(FILLED)
})

it('asks the mailer again with the same key when no answer comes', async () => {
  const keys: (string | null)[] = []
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    keys.push(new Request(url, init).headers.get('idempotency-key'))
    if (keys.length === 2) throw new TypeError('connection lost')
    return Response.json({})
  })
  const run = await bench.runInline(remindOverdue, { before: '2026-11-29' })
  expect(run).toMatchObject({ status: 'completed' })
  expect(keys.length).toBeGreaterThan(10)
  expect(new Set(keys).size).toBe(10)
  expect(await bench.verify(run)).toMatchObject({ ok: true })
})

it('writes each VAT once, wherever it is killed', async () => {
  await env.BILLING_DB.prepare('DELETE FROM invoices WHERE id > 3').run()
  await exploreCrashes(backfillVat, {
    env: jobs.bind(env),
    params: {},
    given: async () => {
      await env.BILLING_DB.prepare('UPDATE invoices SET vat_cents = NULL, vat_writes = 0').run()
    },
    then: written,
    // A sample of them. Without this all are tried, which takes a minute.
    maxSchedules: 40,
  })
}, 120_000)
