import { createMessageBatch } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { runObjects } from 'dogear/runs'
import type { Cursor, Walk } from 'dogear'
import type { EngineEvent } from '../../src/engine/events.ts'
import type { SliceMessage } from '../../src/engine/drive/protocol.ts'
import { testBench } from 'dogear/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as walks from '../../docs/samples/enumerators.ts'
import sampleWorker, { listen } from '../../docs/samples/worker.ts'
import { addProducts, addUsers, column, freshTables } from '../support/samples.ts'
import { driving } from '../support/drive.ts'
import { itemsOf, itemsOneByOne, met } from '../support/walks.ts'

beforeEach(freshTables)
afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const start = { cursor: null as Cursor | null }

describe('the walks of docs/enumerators.md', () => {
  it('give small things', async () => {
    const { letters, numbers, once } = walks.small({ cursor: null })
    expect(await itemsOf(letters)).toEqual(['a', 'b'])
    expect(await itemsOf(numbers)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    expect(await itemsOf(once)).toEqual([0])
  })

  it('give rows by a key of two columns', async () => {
    await env.DB.batch([
      env.DB.prepare('CREATE TABLE visits (site TEXT, day TEXT, id INTEGER, page TEXT)'),
      env.DB.prepare(
        `INSERT INTO visits VALUES ('a', '2026-02-01', 1, '/'), ('a', '2026-01-01', 2, '/x'), ('b', '2026-01-01', 3, '/')`,
      ),
    ])
    const visits = await itemsOneByOne((at) => walks.visitsOf('a', env, at))
    expect(visits.map(({ id }) => id)).toEqual([2, 1])
    await env.DB.prepare('DROP TABLE visits').run()
  })

  it('hand ranges to an effect', async () => {
    await addProducts(250)
    await env.DB.prepare(`UPDATE goods SET status = 'old' WHERE id <= 201`).run()
    const run = await testBench().runInline(walks.archiveOld)
    expect(run).toMatchObject({ status: 'completed', progress: { done: 3 } })
    expect(await column(`SELECT id FROM goods WHERE status = 'archived'`)).toHaveLength(201)
  })

  it('read files', async () => {
    await env.FILES.put('orders.csv', 'number,price\nA1,2\nA2,3\n')
    await env.FILES.put('orders.jsonl', '{"id":1}\n{"id":2}\n')
    const { rows, batches, values } = walks.inFiles(env, start)
    expect((await itemsOf(rows)).map(({ record }) => record['number'])).toEqual(['A1', 'A2'])
    expect((await itemsOf(batches)).map(({ length }) => length)).toEqual([2])
    expect((await itemsOf(values)).map(({ value }) => value.id)).toEqual([1, 2])
    await env.FILES.delete(['orders.csv', 'orders.jsonl'])
  })

  it('turn the pages of an API', async () => {
    const pages: Record<string, [unknown, string?]> = {
      'https://shop.example/orders?page=1': [[{ id: 1 }]],
      'https://shop.example/orders?page=2': [[]],
      'https://shop.example/orders?after=': [{ data: [{ id: 2 }], next: 'x' }],
      'https://shop.example/orders?after=x': [{ data: [{ id: 3 }], next: null }],
      'https://shop.example/orders': [[{ id: 4 }], '<https://shop.example/last>; rel="next"'],
      'https://shop.example/last': [[{ id: 5 }]],
    }
    vi.stubGlobal('fetch', async (url: string, { headers }: RequestInit) => {
      expect(headers).toEqual({ authorization: 'secret' })
      const [body, link] = pages[url] ?? [null]
      return Response.json(body, link === undefined ? {} : { headers: { link } })
    })
    const { numbered, pointed, linked } = walks.ofApi('https://shop.example', 'secret', start)
    const ids = (orders: { id: number }[]) => orders.map(({ id }) => id)
    expect(ids(await itemsOf(numbered))).toEqual([1])
    expect(ids(await itemsOf(pointed))).toEqual([2, 3])
    expect(ids(await itemsOf(linked))).toEqual([4, 5])
  })

  it('nest, chain and hold back', async () => {
    await addUsers(2)
    await env.DB.prepare(
      `INSERT INTO orders (id, number, customer_id, region, placed_at)
       VALUES (7, 'A7', 2, 'n', '2026'), (8, 'A8', 1, 'n', '2026'), (9, 'A9', 1, 'n', '2026')`,
    ).run()
    await env.FILES.put('archive/A1', 'old')
    const byUser = await itemsOneByOne((at) => walks.ordersByUser(env, at))
    expect(byUser.map(({ number }) => number)).toEqual(['A8', 'A9', 'A7'])
    expect(await itemsOneByOne((at) => walks.everyOrder(env, at))).toHaveLength(4)
    const held = walks.carefully(env, start, async () => 0.9)
    const [first] = await firstOf(held)
    expect(first).toEqual({ waitMs: 30_000 })
    expect(await itemsOf(walks.carefully(env, start, async () => 0.1))).toHaveLength(3)
    await env.DB.prepare('DELETE FROM orders').run()
    await env.FILES.delete('archive/A1')
  })
})

describe('a Worker of your own', () => {
  it('starts a run once per key, and works it from its queue', async () => {
    await addProducts(4)
    const request = new Request('https://example.com') as never
    const run = await (
      await sampleWorker.fetch(request, env, {} as ExecutionContext)
    ).json<{ id: string }>()
    const again = await (
      await sampleWorker.fetch(request, env, {} as ExecutionContext)
    ).json<{ id: string }>()
    expect(again.id).toBe(run.id)

    const { n } = await driving(run.id)
    const body: SliceMessage = { run: run.id, lane: 0, n }
    const message = { id: 'm', timestamp: new Date(), attempts: 1, body }
    await sampleWorker.queue(createMessageBatch('dogear-slices', [message]), env)
    expect(await runObjects(env)(run.id).describe()).toMatchObject({ status: 'completed' })
    expect(await column('SELECT DISTINCT price_cents FROM goods')).toEqual([110])
  })

  it('starts one run at the time of its schedule, by the clock of its zone', async () => {
    const trigger = (time: string) => {
      return sampleWorker.scheduled(
        { scheduledTime: Date.parse(time), cron: '* * * * *' } as never,
        env,
      )
    }
    const started = () => column(`SELECT id FROM dogear_runs WHERE job = 'raise-prices'`)
    // The sweep of that year also removes what the other tests have left.
    await trigger('2031-01-01T01:59:00Z')
    expect(await started()).toEqual([])
    await trigger('2031-01-01T02:00:00Z')
    await trigger('2031-01-01T02:00:00Z')
    expect(await started()).toHaveLength(1)
  })

  it('tells of slow commits only', () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    const commit = { type: 'commit.written', at: '', run: 'r', job: 'j', fence: 1 } as const
    const event = (durationMs: number): EngineEvent => {
      return { ...commit, seq: 1, step: null, items: 5, skips: 0, durationMs }
    }
    listen(event(20))
    expect(warn).not.toHaveBeenCalled()
    listen(event(900))
    expect(warn.mock.calls[0]?.[0]).toContain('"durationMs":900')
  })
})

async function firstOf(walk: Walk<unknown>): Promise<unknown[]> {
  for await (const entry of met(walk)) return [entry]
  return []
}
