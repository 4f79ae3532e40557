import { createScheduledController } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { Webhook } from 'standardwebhooks'
import { beforeAll, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest'
import { z } from 'zod'
import { defineJob } from '../../src/engine/index.ts'
import { judgeRuns } from '../../src/monitoring/index.ts'
import { testBench, type TestBench } from '../../src/testing/index.ts'
import { createDogear } from '../../src/worker/index.ts'
import { deliverWebhooks, tendOutbox, type DeliveryDeps } from '../../src/webhooks/index.ts'
import { listDeliveries } from '../../src/webhooks/deliveries.ts'
import { tellGrowingGroups } from '../../src/webhooks/growing-groups.ts'
import { claimDeliveries, forgetAll, pruneDeliveries } from '../../src/webhooks/outbox.ts'
import { createTables } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'
import { plansOf } from '../support/query-plans.ts'
import { answer, hang, Receiver, unreachable } from '../support/receiver.ts'

const SECRET = `whsec_${btoa('a secret of twenty-four bytes or more')}`
const OLD_SECRET = `whsec_${btoa('the secret that was there before this')}`
const all = { name: 'all', url: 'https://hooks.example/in?key=hidden', secret: SECRET }
/** Names the ends of runs, and so hears of each. */
const ends = { ...all, events: ['run.completed', 'run.failed'] }
const HOUR = 3_600_000
let broken = true

const secretive = defineJob({
  name: 'secretive',
  params: z.object({ apiKey: z.string(), items: z.number().default(1) }),
  sensitive: ['apiKey'],
  retry: { attempts: 1 },
  async perform({ step, params }) {
    await step('work', () => {
      if (broken) throw new Error(`the key ${params.apiKey} is refused`)
    })
  },
})

let bench: TestBench
let receiver: Receiver
let warnings: MockInstance<typeof console.warn>

beforeAll(createTables)
beforeEach(async () => {
  broken = true
  await env.DB.batch(
    [
      'dogear_runs',
      'dogear_lanes',
      'dogear_error_groups',
      'dogear_alerts',
      'dogear_webhook_events',
      'dogear_webhook_deliveries',
    ].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  )
  warnings = vi.spyOn(console, 'warn').mockImplementation(() => {})
  bench = testBench({ jobs: [appendSteps, secretive] })
  receiver = new Receiver()
})

function deps(endpoints: unknown = [all], changes: Partial<DeliveryDeps> = {}): DeliveryDeps {
  const WEBHOOKS = typeof endpoints === 'string' ? endpoints : JSON.stringify(endpoints)
  const { clock } = bench
  return {
    env: { DB: env.DB, RUNS: env.RUNS, WEBHOOKS },
    objects: bench.objects,
    clock,
    fetch: receiver.fetch,
    random: () => 0,
    answerWithinMs: 50,
    ...changes,
  }
}
const deliver = (...given: Parameters<typeof deps>) => deliverWebhooks(deps(...given), 20)
const deliveries = async () => (await listDeliveries(env.DB, { limit: 100 })).deliveries
const inOutbox = () =>
  env.DB.prepare('SELECT count(*) AS n FROM dogear_webhook_events').first<number>('n')
const appendRun = () => bench.runInline(appendSteps, { items: 2 })

describe('the end of a run', () => {
  it('is sent to each endpoint once, signed, with the run as the API shows it', async () => {
    const run = await appendRun()
    await deliver([all, { ...all, name: 'other', url: 'https://other.example/' }])
    await deliver([all, { ...all, name: 'other', url: 'https://other.example/' }])
    expect(receiver.received.map(({ url }) => url)).toEqual([all.url, 'https://other.example/'])
    const [first] = receiver.received
    if (!first) throw new Error('nothing was received')
    expect(first.message).toMatchObject({
      type: 'run.completed',
      timestamp: run.finishedAt,
      data: { run },
    })
    expect(first.headers).toMatchObject({ 'content-type': 'application/json' })
    vi.setSystemTime(bench.clock.now())
    expect(new Webhook(SECRET).verify(first.body, first.headers)).toEqual(first.message)
    expect(() => new Webhook(OLD_SECRET).verify(first.body, first.headers)).toThrow('signature')
    expect(() => new Webhook(SECRET).verify(`${first.body} `, first.headers)).toThrow('signature')
    vi.useRealTimers()
    expect(await deliveries()).toMatchObject([
      { endpoint: 'other', event: 'run.completed', run: run.id, status: 'delivered', attempts: 1 },
      { endpoint: 'all', deliveredAt: expect.any(String), nextAt: null, lastError: null },
    ])
  })

  it('is sent when a crash came right after the end, and once when two tell it at the same time', async () => {
    const run = await appendRun()
    expect(await inOutbox()).toBe(1)
    await Promise.all([deliver(), deliver(), deliver()])
    expect(receiver.types).toEqual(['run.completed'])
    expect(await inOutbox()).toBe(0)
    expect(await deliveries()).toMatchObject([{ run: run.id, status: 'delivered' }])
  })

  it('is sent again, under the same id, when whoever sent it died before it was noted', async () => {
    await appendRun()
    const { claimed } = await claimDeliveries(
      env.DB,
      [{ ...all, secrets: [] }],
      bench.clock.now(),
      5,
    )
    expect(claimed).toHaveLength(1)
    await deliver()
    expect(receiver.received).toEqual([])
    await bench.clock.advance('30s')
    await deliver()
    expect(receiver.ids).toEqual([claimed[0]?.eventId])
    expect(await deliveries()).toMatchObject([{ attempts: 2, status: 'delivered' }])
  })

  it('is sent as it was, however soon the run is taken up again, and then told again', async () => {
    const run = await bench.runInline(secretive, { apiKey: 'sk-1234' })
    broken = false
    await bench.objects(run.id).command('retry', {})
    await deliver([ends])
    await bench.drive(run)
    await deliver([ends])
    expect(receiver.types).toEqual(['run.failed', 'run.completed'])
    const [failed, completed] = receiver.received.map(({ message }) => message.data)
    expect(failed).toMatchObject({
      run: { status: 'failed', error: { name: 'Error' }, finishedAt: run.finishedAt },
      alert: { kind: 'failed', message: expect.any(String), clearedAt: expect.any(String) },
    })
    expect(completed?.run).toMatchObject({ status: 'completed' })
    expect(completed?.run).not.toHaveProperty('error')
    expect(completed).not.toHaveProperty('alert')
    expect(new Set(receiver.ids).size).toBe(2)
  })

  it('by a cancel is sent, too', async () => {
    const run = await bench.start(appendSteps, { items: 2 }, { wait: '1 hour' })
    await bench.objects(run.id).command('cancel', {})
    await deliver()
    expect(receiver.types).toEqual(['run.cancelled'])
  })

  it('shows no sensitive params, in errors and alerts neither', async () => {
    await bench.runInline(secretive, { apiKey: 'sk-very-secret' })
    await deliver([ends])
    const [received] = receiver.received
    expect(received?.body).not.toContain('sk-very-secret')
    expect(received?.message.data).toMatchObject({
      run: {
        params: { apiKey: '[sensitive]' },
        error: { message: 'the key [sensitive] is refused' },
      },
      alert: { message: 'the key [sensitive] is refused' },
    })
  })
})

describe('an alert', () => {
  it('is sent as it is raised', async () => {
    const run = await bench.start(appendSteps, { items: 9 })
    // A slice was claimed, and was never heard of again.
    await bench.objects(run.id).claim(0, 1)
    await bench.clock.advance('1 hour')
    await judgeRuns(env.DB, bench.clock.now())
    await judgeRuns(env.DB, bench.clock.now())
    await deliver()
    expect(receiver.received.map(({ message }) => message)).toMatchObject([
      {
        type: 'run.stalled',
        data: {
          run: { id: run.id, status: 'running' },
          alert: { id: expect.any(Number), kind: 'stalled', clearedAt: null },
        },
      },
    ])
  })
})

describe('an endpoint', () => {
  it('hears only of the events and jobs that it names', async () => {
    await appendRun()
    await bench.runInline(secretive, { apiKey: 'sk-1' })
    await deliver([
      { ...all, name: 'failures', events: ['run.failed'] },
      { ...all, name: 'appends', jobs: ['append-steps'] },
      { ...all, name: 'neither', events: ['run.failed'], jobs: ['append-steps'] },
    ])
    const told = (await deliveries()).map(({ endpoint, event }) => `${endpoint} ${event}`)
    expect(told.toSorted()).toEqual(['appends run.completed', 'failures run.failed'])
  })

  it('may have two secrets while one takes the place of the other', async () => {
    await appendRun()
    await deliver([{ ...all, secret: [SECRET, OLD_SECRET] }])
    const [{ body, headers } = { body: '', headers: {} }] = receiver.received
    vi.setSystemTime(bench.clock.now())
    for (const secret of [SECRET, OLD_SECRET]) {
      expect(() => new Webhook(secret).verify(body, headers)).not.toThrow()
    }
    vi.useRealTimers()
  })

  it('that is taken away hears nothing more', async () => {
    await appendRun()
    receiver.replies = [answer(500)]
    await deliver()
    await bench.clock.advance('1 hour')
    await deliver([{ ...all, name: 'another' }])
    expect(await deliveries()).toMatchObject([
      { status: 'given_up', lastError: "no endpoint 'all' in WEBHOOKS any more" },
    ])
  })

  it('is not there: what happened is not kept for one that comes later', async () => {
    await appendRun()
    await tendOutbox(deps([]))
    await deliver()
    expect(receiver.received).toEqual([])
    expect(await inOutbox()).toBe(0)
  })
})

describe('a receiver', () => {
  it.each([
    ['is down', unreachable, 'no connection, or it was lost'],
    ['takes too long', hang, 'no answer within 0.05 s'],
    ['breaks down', answer(500), 'HTTP 500'],
    ['refuses', answer(404), 'HTTP 404'],
    [
      'sends elsewhere',
      answer(307, { location: 'https://elsewhere.example/' }),
      'HTTP 307: redirects are not followed',
    ],
  ])('that %s is asked again, and its URL is not told', async (_what, reply, lastError) => {
    await appendRun()
    receiver.replies = [reply]
    await deliver()
    const nextAt = new Date(bench.clock.now() + 30_000).toISOString()
    expect(await deliveries()).toMatchObject([
      { status: 'pending', attempts: 1, lastError, nextAt },
    ])
    expect(JSON.stringify(warnings.mock.calls)).not.toContain('hidden')
    await deliver()
    expect(receiver.received).toHaveLength(1)
    await bench.clock.advance('30s')
    await deliver()
    expect(receiver.received.map(({ url }) => url)).toEqual([all.url, all.url])
    expect(new Set(receiver.ids).size).toBe(1)
    expect(await deliveries()).toMatchObject([
      { status: 'delivered', attempts: 2, lastError: null },
    ])
  })

  it('that says when it wants to be asked again is asked then', async () => {
    await appendRun()
    receiver.replies = [answer(503, { 'retry-after': '7200' })]
    await deliver()
    const nextAt = new Date(bench.clock.now() + 2 * HOUR).toISOString()
    expect(await deliveries()).toMatchObject([{ status: 'pending', nextAt }])
  })

  it('that is gone is not asked again', async () => {
    await appendRun()
    receiver.replies = [answer(410)]
    await deliver()
    expect(await deliveries()).toMatchObject([
      {
        status: 'given_up',
        attempts: 1,
        nextAt: null,
        lastError: 'HTTP 410: the endpoint is gone',
      },
    ])
  })

  it('that never answers well is asked for three days, less and less often', async () => {
    await appendRun()
    const began = bench.clock.now()
    receiver.replies = Array.from({ length: 50 }, () => answer(500))
    const waits: number[] = []
    for (;;) {
      await deliver()
      const [{ nextAt } = { nextAt: null }] = await deliveries()
      if (nextAt === null) break
      waits.push(Date.parse(nextAt) - bench.clock.now())
      await bench.clock.advanceTo(Date.parse(nextAt))
    }
    expect(waits.slice(0, 4)).toEqual([30_000, 60_000, 120_000, 240_000])
    expect(waits.at(-1)).toBe(8 * HOUR)
    expect(await deliveries()).toMatchObject([
      { status: 'given_up', attempts: waits.length + 1, lastError: 'HTTP 500' },
    ])
    expect((bench.clock.now() - began) / HOUR).toBeGreaterThan(60)
    expect((bench.clock.now() - began) / HOUR).toBeLessThanOrEqual(72)
  })

  it('that fails keeps no other from hearing', async () => {
    await appendRun()
    receiver.replies = [unreachable]
    await deliver([all, { ...all, name: 'other' }])
    const statuses = (await deliveries()).map(({ status }) => status).toSorted()
    expect(statuses).toEqual(['delivered', 'pending'])
  })
})

describe('the outbox', () => {
  it("is the cron's to send, with what it finds about runs under way", async () => {
    vi.stubGlobal('fetch', receiver.fetch)
    await appendRun()
    const stalled = await bench.start(appendSteps, { items: 9 })
    await bench.objects(stalled.id).claim(0, 1)
    const dogear = createDogear({ jobs: [appendSteps], runs: 'RUNS' })
    const scheduledTime = new Date(bench.clock.now() + HOUR)
    const minute = createScheduledController({ cron: '* * * * *', scheduledTime })
    const WEBHOOKS = JSON.stringify([all])
    await dogear.scheduled(minute, { ...env, WEBHOOKS })
    vi.unstubAllGlobals()
    expect(receiver.types.toSorted()).toEqual(['run.completed', 'run.stalled'])
  })

  it('is emptied over several calls when there is much in it', async () => {
    for (let run = 0; run < 7; run++) await appendRun()
    await deliverWebhooks(deps(), 3)
    expect(receiver.received).toHaveLength(3)
    await deliverWebhooks(deps())
    expect(receiver.received).toHaveLength(7)
    expect(new Set(receiver.ids).size).toBe(7)
  })

  it('waits while the setting is malformed, and the rest of the Worker does not notice', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    await appendRun()
    await tendOutbox(deps('[{'))
    await deliver('[{')
    expect(await inOutbox()).toBe(1)
    expect(error.mock.calls).toEqual([
      [JSON.stringify({ event: 'webhooks.misconfigured', found: 'it is not JSON' })],
    ])
    await deliver()
    expect(receiver.types).toEqual(['run.completed'])
  })

  it('of a D1 that does not answer is sent later; nothing throws', async () => {
    await appendRun()
    const DB = { batch: () => Promise.reject(new Error('D1_ERROR: out')) } as unknown as D1Database
    await deliver([all], { env: { DB, RUNS: env.RUNS, WEBHOOKS: JSON.stringify([all]) } })
    expect(receiver.received).toEqual([])
    await deliver()
    expect(receiver.received).toHaveLength(1)
  })

  it('keeps what is about a run that cannot be read, and forgets after thirty days', async () => {
    await env.DB.prepare(
      `INSERT INTO dogear_webhook_events (id, type, job, run_id, at) VALUES ('e', 'run.stalled', 'gone', ?1, ?2)`,
    )
      .bind('0'.repeat(32), new Date(bench.clock.now()).toISOString())
      .run()
    await deliver()
    expect(await deliveries()).toMatchObject([
      { status: 'pending', lastError: 'the run could not be read' },
    ])
    await pruneDeliveries(env.DB, bench.clock.now() + 29 * 24 * HOUR)
    expect(await deliveries()).toHaveLength(1)
    await pruneDeliveries(env.DB, bench.clock.now() + 31 * 24 * HOUR)
    expect(await deliveries()).toEqual([])
  })

  it('goes with a run that is purged', async () => {
    const run = await appendRun()
    await deliver()
    await bench.remove(run)
    expect(await deliveries()).toEqual([])
  })

  it('is read by indexes', async () => {
    const plans = await plansOf(async (db) => {
      await claimDeliveries(db, [{ ...all, secrets: [], events: ['run.failed'] }], 0, 5)
      await listDeliveries(db, { limit: 5 })
      await listDeliveries(db, { limit: 5, run: 'a' })
      await pruneDeliveries(db, 0)
      await forgetAll(db)
      await tellGrowingGroups(db, 0)
    })
    const pending = 'SCAN dogear_webhook_deliveries USING INDEX dogear_webhook_deliveries_due'
    expect(plans.filter((plan) => plan.startsWith('SCAN dogear_webhook_deliveries'))).toEqual([
      pending,
    ])
    expect(plans.filter((plan) => /SCAN dogear_(?:error|alerts)/.test(plan))).toEqual([])
    expect(plans).toContain(
      'SEARCH dogear_webhook_deliveries USING COVERING INDEX dogear_webhook_deliveries_due (next_at<?)',
    )
  })
})
