import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { ended, retryFailed, settleOrders } from '../../docs/samples/client.ts'
import { ApiError, type Run } from '../../src/client/index.ts'
import { defineJob } from '../../src/engine/index.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { clientOf, toWorker, type Fetch } from '../support/client.ts'
import { createTables, drain, start } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(async () => {
  await createTables()
  await seedShop(env.DB, { orders: 20, customers: 3 })
})

const client = clientOf()
const unknown = '0123456789abcdef0123456789abcdef'

/** What a call throws. */
async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (answer) => expect.unreachable(`answered ${JSON.stringify(answer)}`),
    (error: unknown) => error,
  )
}

describe('the client, at the real Worker,', () => {
  it('starts a run once per idempotency key, and tells all there is to know of it', async () => {
    const started = await client.start(
      'process-orders',
      { params: { upTo: 5 }, labels: { who: 'client' } },
      { idempotencyKey: 'client' },
    )
    const again = await client.start(
      'process-orders',
      { params: { upTo: 5 } },
      { idempotencyKey: 'client' },
    )
    expect(again.id).toBe(started.id)
    await drain(started.id)
    const run = await client.run(started.id)
    expect(run).toMatchObject({ status: 'completed', progress: { done: 5 } })
    expect(await client.checkpoint(run.id)).toMatchObject({ run: run.id, status: 'completed' })
    expect((await client.slices(run.id)).slices).toMatchObject([{ outcome: 'ended', items: 5 }])
    const [slice] = (await client.slices(run.id)).slices
    expect(await client.slices(run.id, { after: slice?.fence ?? 0 })).toEqual({
      slices: [],
      total: 1,
      nextCursor: null,
    })
    expect(await client.verification(run.id)).toMatchObject({ ok: true, run: run.id })
    expect(await client.skips(run.id)).toEqual({ skips: [], nextCursor: null })
    expect((await client.runs({ label: 'who:client' })).runs).toMatchObject([{ id: run.id }])
  })

  it('steers a run, and many at once', async () => {
    const run = await start(appendSteps, { params: { items: 1 }, labels: { herd: 'steered' } })
    expect(await client.command(run, 'pause')).toMatchObject({ status: 'paused' })
    expect(await client.command(run, 'resume')).toMatchObject({ status: 'queued' })
    const bulk = await client.bulk('cancel', { label: 'herd:steered' })
    expect((await drain(bulk.id)).result).toEqual({ obeyed: 1, refused: 0 })
    expect((await client.run(run)).status).toBe('cancelled')
  })

  it('reads all runs that fit, page by page', async () => {
    const labels = { pages: 'many' }
    const ids: string[] = []
    for (let n = 0; n < 5; n++) ids.push(await start(appendSteps, { params: { items: 1 }, labels }))
    const asked: string[] = []
    const counting: Fetch = (url, init) => {
      asked.push(url)
      return toWorker(url, init)
    }
    const read: Run[] = []
    for await (const run of clientOf(counting).eachRun({ label: 'pages:many', limit: 2 })) {
      read.push(run)
    }
    expect(read.map(({ id }) => id).sort()).toEqual(ids.sort())
    expect(asked).toHaveLength(3)
  })

  it('uploads a file', async () => {
    const csv =
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n' +
      '536365,85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n'
    expect(await client.upload('two.csv', csv)).toMatchObject({ job: 'import-orders' })
  })

  it('asks for all the rest', async () => {
    expect(await client.health()).toMatchObject({ ok: true, service: 'dogear' })
    expect(await client.openapi()).toMatchObject({ openapi: '3.1.0' })
    expect(await client.metrics()).toContain('# TYPE dogear_runs gauge')
    expect((await client.overview()).runsByStatus.completed).toBeGreaterThan(0)
    expect((await client.schedules()).schedules.length).toBeGreaterThan(0)
    expect((await client.jobs()).jobs.map(({ name }) => name)).toContain('process-orders')
    expect(await client.session()).toMatchObject({ how: 'dev', role: 'admin' })
    expect((await client.audit({ limit: 1 })).entries).toHaveLength(1)
    expect((await client.snapshot()).orders.total).toBe(20)
    expect((await client.mailbox({ limit: 5 })).mails).toEqual([])
  })

  it('throws what the API refuses, as the API says it', async () => {
    const error = await thrownBy(client.run(unknown))
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({
      status: 404,
      code: 'unknown_run',
      detail: `There is no run '${unknown}'`,
      problem: { type: 'urn:dogear:problem:unknown_run', title: 'Unknown run' },
    })
  })
})

describe('the client, where there is no API,', () => {
  const answering = (answer: Response) => clientOf(() => Promise.resolve(answer))
  const dead = clientOf(() => Promise.reject(new TypeError('connection refused')))

  it.each([
    ['nobody', dead, 'unreachable', 0, 'No answer from http://localhost'],
    [
      'a proxy that gives an error page',
      answering(new Response('<h1>Bad gateway</h1>', { status: 502 })),
      'http_502',
      502,
      'GET /api/jobs at http://localhost answered 502',
    ],
    [
      'a page',
      answering(new Response('<h1>Welcome</h1>')),
      'invalid_answer',
      200,
      'GET /api/jobs at http://localhost did not answer JSON',
    ],
  ])('finds %s', async (_what, asking, code, status, detail) => {
    expect(await thrownBy(asking.jobs())).toMatchObject({ name: 'ApiError', code, status, detail })
  })

  /** Answers only to say that nobody waits any more. */
  const silent: Fetch = (_url, { signal }) =>
    new Promise((_resolve, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason as Error)),
    )

  it('does not wait for longer than it was told to', async () => {
    const impatient = clientOf(silent, { readWithinMs: 5 })
    expect(await thrownBy(impatient.jobs())).toMatchObject({ code: 'unreachable' })
  })

  it('throws the reason of the caller who does not want the answer any more', async () => {
    const gone = new AbortController()
    const asked = thrownBy(clientOf(silent).start('process-orders', {}, { signal: gone.signal }))
    gone.abort(new Error('changed my mind'))
    expect(await asked).toMatchObject({ message: 'changed my mind' })
  })
})

describe('the samples of docs/client.md', () => {
  it('start a run once, and wait for its end', async () => {
    const { id } = await settleOrders(client, '2026-02-02', 3)
    expect((await settleOrders(client, '2026-02-02', 3)).id).toBe(id)
    const told: string[] = []
    const end = ended(client, id, (line) => void told.push(line))
    await drain(id)
    expect(await end).toMatchObject({ status: 'completed', labels: { day: '2026-02-02' } })
    expect(told[0]).toBe('1 run.created')
  })

  it('take up all failed runs again', async () => {
    const broken = defineJob({
      name: 'append-steps',
      retry: { attempts: 1 },
      perform: () => Promise.reject(new Error('broken by a deploy')),
    })
    const run = await start(appendSteps, { params: { items: 2 } })
    expect((await drain(run, { jobs: new Registry([broken]) })).status).toBe('failed')
    expect(await retryFailed(client, 'append-steps')).toBe(1)
    expect((await client.run(run)).status).not.toBe('failed')
  })
})
