import { env } from 'cloudflare:workers'
import { childrenOf, readCheckpoint } from 'dogear/runs'
import { defineIteration } from 'dogear'
import { exploreCrashes, interruptDuringStep, iterateExactly, testBench } from 'dogear/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { chargeUsers } from '../../docs/samples/charge-users.ts'
import { eachDurable, inBatches } from '../../docs/samples/commit-policies.ts'
import health from '../../docs/samples/health.sql?raw'
import { inviteBefore, inviteNow } from '../../docs/samples/moved.ts'
import { drainLetters, feedMessages, visitProducts } from '../../docs/samples/own-walks.ts'
import {
  raisePrices,
  raisePricesIteration,
  raisePricesWalking,
} from '../../docs/samples/raise-prices.ts'
import { scoreMembers, scoreMembersInSteps } from '../../docs/samples/score-members.ts'
import { sendTips, sendWelcome, tellAdmin } from '../../docs/samples/signup.ts'
import { stockReport, stockReportIteration } from '../../docs/samples/stock-report.ts'
import {
  closeCampaign,
  countMetrics,
  welcomeEveryone,
} from '../../docs/samples/welcome-everyone.ts'
import { addProducts, addUsers, column, freshTables, statements } from '../support/samples.ts'

// The jobs of docs/samples, which the pages of docs/ show.
vi.setConfig({ testTimeout: 60_000 })
beforeEach(freshTables)
afterEach(() => vi.unstubAllGlobals())

const prices = () => column<number>('SELECT price_cents FROM goods ORDER BY id')
const mails = (run: string) =>
  column<string>(`SELECT user_id || ' ' || template FROM letters WHERE run_id = ? ORDER BY id`, run)

describe('raise-prices, in each style', () => {
  it.each([raisePrices, raisePricesIteration, raisePricesWalking])(
    'raises each price once, however $name is cut',
    async (job) => {
      await addProducts(25)
      const bench = testBench()
      const run = await bench.start(job)
      await iterateExactly(run, 4, bench)
      await iterateExactly(run, 7, bench)
      expect((await prices()).filter((price) => price === 110)).toHaveLength(11)
      expect(await bench.drive(run)).toMatchObject({ status: 'completed', interruptions: 2 })
      expect(await prices()).toEqual(Array.from({ length: 25 }, () => 110))
    },
  )

  it('names the next product in a step and the last one in a walk', async () => {
    await addProducts(5)
    const bench = testBench()
    const steps = await iterateExactly(await bench.start(raisePrices), 3, bench)
    const walk = await iterateExactly(await bench.start(raisePricesIteration), 3, bench)
    expect(steps).toMatchObject({ step: 'raise', cursor: 4 })
    expect(walk).toMatchObject({ step: null, cursor: 3 })
  })

  it('survives a crash anywhere', async () => {
    const given = async () => {
      await freshTables()
      await addProducts(2)
    }
    const { schedules } = await exploreCrashes(raisePrices, {
      params: {},
      given,
      then: prices,
      pairs: 0,
    })
    expect(schedules).toBeGreaterThan(20)
  })
})

describe('continuations', () => {
  it('start after success, one of them five minutes later', async () => {
    const bench = testBench({ jobs: [sendTips, tellAdmin] })
    const parent = await bench.runInline(sendWelcome, { userId: 7 })
    const [tips = '', admin = ''] = parent.children
    expect(parent.children).toHaveLength(2)
    expect(await bench.drive(admin)).toMatchObject({ job: 'tell-admin', status: 'completed' })

    await bench.clock.advance('4 minutes')
    expect(await bench.view(tips)).toMatchObject({ status: 'queued' })
    await bench.clock.advance('1 minute')
    expect(await bench.deliver(tips)).toMatchObject({ status: 'completed', parent: parent.id })
    expect(await mails(tips)).toEqual(['7 tips'])
  })

  it('do not start when the job has failed', async () => {
    const bench = testBench({ jobs: [sendTips, tellAdmin] })
    await env.DB.prepare('DROP TABLE letters').run()
    const parent = await bench.runInline(sendWelcome, { userId: 7 })
    expect(parent).toMatchObject({ status: 'failed', children: [] })
    await freshTables()
  })

  it('follow a resumable job, and a last run follows them all', async () => {
    await addUsers(12)
    const bench = testBench({ jobs: [countMetrics, closeCampaign] })
    const run = await bench.start(welcomeEveryone)
    await interruptDuringStep(run, 'send', { cursor: 5 }, bench)
    expect((await bench.view(run)).children).toEqual([])
    const done = await bench.drive(run)
    expect(done).toMatchObject({ status: 'completed', result: { sent: 12 }, resumptions: 1 })
    expect(await mails(run.id)).toHaveLength(12)

    const [first = '', second = '', last = ''] = done.children
    await bench.drive(first)
    expect(await childrenOf(env.DB, run.id)).toHaveLength(2)
    await bench.drive(second)
    expect(await bench.drive(last)).toMatchObject({
      job: 'close-campaign',
      result: { ended: ['count-metrics', 'count-metrics'] },
    })
  })

  it('leave a run whose letters can be proved', async () => {
    await addUsers(3)
    const bench = testBench()
    const run = await bench.runInline(welcomeEveryone)
    expect(await bench.verify(run)).toMatchObject({ ok: true })
    await env.DB.prepare(
      'INSERT INTO letters SELECT 99, run_id, user_id, template FROM letters LIMIT 1',
    ).run()
    const { checks } = await bench.verify(run)
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual([
      'No user has two letters',
    ])
  })
})

describe('three levels', () => {
  beforeEach(async () => {
    await addProducts(12)
    await env.DB.batch([
      env.DB.prepare(
        `INSERT INTO shops (id, region) VALUES (1, 'north'), (2, 'north'), (3, 'south')`,
      ),
      env.DB.prepare('UPDATE goods SET store_id = 1 + id % 3, price_cents = id'),
    ])
  })
  const totals = () => column<number>('SELECT total_cents FROM shops ORDER BY id')

  it.each([stockReport, stockReportIteration])('are counted once each by $name', async (job) => {
    const bench = testBench()
    const run = await bench.start(job)
    for (let cuts = 0; cuts < 4; cuts++) await iterateExactly(run, 2, bench)
    expect(await bench.drive(run)).toMatchObject({ status: 'completed' })
    expect(await totals()).toEqual([30, 22, 26])
  })

  it('are checkpointed with a cursor each', async () => {
    const bench = testBench()
    const run = await bench.start(stockReport)
    // The north is region 0; its second store has the products 1, 4, 7 and 10.
    await interruptDuringStep(run, 'products', { cursor: 8 }, bench)
    const nested = { stores: { cursor: 1, nestedSteps: { products: { cursor: 8 } } } }
    expect(await readCheckpoint(env.DB, run.id)).toMatchObject({
      step: 'regions',
      cursor: 0,
      nestedSteps: nested,
    })
    expect(await bench.drive(run)).toMatchObject({ result: { totalCents: 78 } })

    const walk = await bench.start(stockReportIteration)
    await iterateExactly(walk, 6, bench)
    expect((await bench.view(walk)).cursor).toEqual([
      { after: null, at: 'north' },
      { after: 1, at: 2 },
      4,
    ])
  })
})

describe('a deploy that changes steps', () => {
  it('lets a run under way go on in the new code', async () => {
    const bench = testBench()
    const run = await bench.start(inviteBefore)
    await interruptDuringStep(run, 'send', { cursor: 4 }, bench)
    const done = await bench.drive(run, { deps: { jobs: bench.registry(inviteNow) } })
    expect(done).toMatchObject({ status: 'completed', completedSteps: expect.any(Array) })
    const invited = ['1', '2', '3', '4', '5', '6'].map((user) => `${user} invitation`)
    expect((await mails(run.id)).toSorted()).toEqual(['0 admin', '0 warm up', ...invited])
  })
})

describe('walks of one’s own', () => {
  it('tick where there is no item', async () => {
    await addProducts(30)
    await env.DB.prepare('DELETE FROM goods WHERE id BETWEEN 4 AND 28').run()
    const bench = testBench()
    const run = await bench.start(visitProducts)
    expect(await iterateExactly(run, 3, bench)).toMatchObject({ cursor: 3 })
    expect(await bench.drive(run)).toMatchObject({ status: 'completed', progress: { done: 5 } })
    expect(await column(`SELECT id FROM goods WHERE status = 'active+'`)).toEqual([1, 2, 3, 29, 30])
  })

  it('may have no cursor at all', async () => {
    const bench = testBench()
    await env.DB.prepare(
      `INSERT INTO letters (run_id, user_id, template) VALUES ('', 1, 'a'), ('', 2, 'b'), ('', 3, 'c')`,
    ).run()
    const run = await bench.start(drainLetters)
    await iterateExactly(run, 1, bench)
    expect(await column('SELECT user_id FROM letters')).toEqual([2, 3])
    expect(await bench.drive(run)).toMatchObject({ status: 'completed', progress: { done: 3 } })
  })

  it('stand still when the other side says so, and go on within a page', async () => {
    const asked: (string | null)[] = []
    const feed = {
      read: async (after: string | null) => {
        asked.push(after)
        if (asked.length === 2) return { messages: [], next: null, retryInMs: 60_000 }
        return after === null
          ? { messages: ['a', 'b'], next: 'p2' }
          : { messages: ['c', 'd'], next: null }
      },
    }
    const seen: unknown[] = []
    const readFeed = defineIteration({
      name: 'read-feed',
      buildEnumerator: ({ cursor }) => feedMessages(feed, cursor),
      eachIteration: (message) => void seen.push(message),
    })
    const bench = testBench()
    const run = await bench.start(readFeed)
    const waiting = await bench.deliver(run)
    expect(waiting).toMatchObject({ status: 'interrupted', reason: 'throttle' })
    expect(await bench.drive(run)).toMatchObject({ status: 'completed', progress: { done: 4 } })
    expect(seen).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('how often is committed', () => {
  it.each([
    { job: eachDurable, commits: 20 },
    { job: inBatches, commits: 2 },
  ])('is up to the job: $job.name', async ({ job, commits }) => {
    await addProducts(20)
    const run = await testBench().runInline(job)
    expect(await column(`SELECT id FROM goods WHERE status = 'seen'`)).toHaveLength(20)
    const [ledger] = await column<number>(
      'SELECT count(*) FROM dogear_ledger WHERE run_id = ? AND items > 0',
      run.id,
    )
    expect(ledger).toBe(commits)
  })
})

describe('an effect outside D1', () => {
  it('is asked for again with the same key, and noted once', async () => {
    await addUsers(3)
    const keys: string[] = []
    vi.stubGlobal(
      'fetch',
      async (_url: string, { headers }: { headers: Record<string, string> }) => {
        keys.push(headers['idempotency-key'] ?? '')
        // The second payment is made, and its answer never arrives.
        if (keys.length === 2) throw new Error('connection lost')
        return Response.json({ reference: `payment ${keys.at(-1)}` })
      },
    )
    expect(await testBench().runInline(chargeUsers)).toMatchObject({ status: 'completed' })
    expect(keys).toHaveLength(4)
    expect(keys[1]).toBe(keys[2])
    expect(await column('SELECT user_id FROM payments ORDER BY user_id')).toEqual([1, 2, 3])
  })
})

describe('score-members', () => {
  it.each([scoreMembers, scoreMembersInSteps])(
    '$name asks for six at once, and keeps the scores in order',
    async (job) => {
      await addUsers(15)
      let atWork = 0
      let most = 0
      vi.stubGlobal('fetch', async (url: string) => {
        most = Math.max(most, ++atWork)
        const member = Number(url.split('/').at(-1))
        for (let turns = 8 - (member % 7); turns > 0; turns--) await scheduler.wait(0)
        atWork -= 1
        return Response.json({ score: member * 10 })
      })
      expect(await testBench().runInline(job)).toMatchObject({ status: 'completed' })
      expect(most).toBe(6)
      expect(await column('SELECT reference FROM payments ORDER BY rowid')).toEqual(
        Array.from({ length: 15 }, (_, index) => `score ${(index + 1) * 10}`),
      )
    },
  )
})

describe('the queries of the monitoring page', () => {
  it('run against the real tables', async () => {
    await addProducts(3)
    const { id } = await testBench().runInline(raisePrices)
    const [byStatus = '', idle = '', checkpoints = '', speed = ''] = statements(health)
    expect(await column(byStatus)).toContain('completed')
    expect(await column(idle)).not.toContain(id)
    expect(await column(checkpoints)).not.toContain(id)
    expect((await env.DB.prepare(speed).bind(id).all()).results).toMatchObject([{ items: 3 }])
  })
})
