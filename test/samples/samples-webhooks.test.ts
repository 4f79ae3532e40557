import { Webhook } from 'standardwebhooks'
import { env } from 'cloudflare:workers'
import { judgeRuns } from 'dogear/monitoring'
import { testBench } from 'dogear/testing'
import { expect, it } from 'vitest'
import { receive } from '../../docs/samples/receive-webhooks.ts'
import { renameProducts } from '../../docs/samples/rename-products.ts'
import { listAlerts } from '../../src/monitoring/alert-rows.ts'
import { signedHeaders } from '../../src/webhooks/signature.ts'
import { addProducts, freshTables } from '../support/samples.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const body = JSON.stringify({ type: 'run.failed', timestamp: '2026-02-02T10:23:45.000Z', data: {} })

async function sent(changes: { body?: string; secrets?: string[]; at?: number } = {}) {
  const { secrets = [secret], at = Date.now() } = changes
  const headers = await signedHeaders(secrets, 'msg_1', at, body)
  const request = { method: 'POST', headers, body: changes.body ?? body }
  return new Request('https://receiver.example/', request)
}

it('a receiver handles each id once, and answers well however often it comes', async () => {
  const told: string[] = []
  const parts = {
    secret,
    seen: new Set<string>(),
    handle: ({ type }: { type: string }) => void told.push(type),
  }
  expect((await receive(await sent(), parts)).status).toBe(204)
  expect((await receive(await sent(), parts)).status).toBe(204)
  expect(told).toEqual(['run.failed'])
})

it('a receiver handles nothing that it cannot verify', async () => {
  const parts = {
    secret,
    seen: new Set<string>(),
    handle: () => expect.unreachable('handled what is not signed'),
  }
  const other = `whsec_${btoa('another secret of twenty-four bytes')}`
  for (const changes of [
    { body: body.replace('failed', 'completed') },
    { secrets: [other] },
    { at: Date.now() - 3_600_000 },
  ]) {
    expect((await receive(await sent(changes), parts)).status).toBe(401)
  }
})

it('a signature is that of the reference implementation', async () => {
  const at = new Date(1_614_265_330_000)
  const headers = await signedHeaders([secret], 'msg_1', at.getTime(), body)
  expect(headers['webhook-signature']).toBe(new Webhook(secret).sign('msg_1', at, body))
})

it('a job says how many skipped items are too many', async () => {
  await freshTables()
  await addProducts(40)
  await env.DB.prepare(`UPDATE goods SET name = '' WHERE id % 10 = 0`).run()
  const bench = testBench()
  const run = await bench.runInline(renameProducts)
  expect(run).toMatchObject({ status: 'completed', progress: { done: 36, skipped: 4 } })
  await judgeRuns(env.DB, bench.clock.now())
  const { alerts } = await listAlerts(env.DB, { run: run.id, limit: 10 })
  expect(alerts).toMatchObject([
    { kind: 'skip_rate', message: '4 of 40 items skipped, 10 %; expected at most 5 %' },
  ])
})
