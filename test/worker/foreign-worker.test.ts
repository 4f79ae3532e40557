import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { api } from '../../src/api/index.ts'
import { consume, isDogearMessage, workerDeps } from '../../src/engine/slice/consumer.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import { shopApi } from '../../src/shop/index.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { createDogear } from '../../src/worker/index.ts'
import { BASE, noLimit, TOKENS, API_TOKENS } from '../support/access.ts'
import { appended, createTables, driving, registry, start, upTo, view } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

function message(body: unknown) {
  return { body, ack: vi.fn<() => void>(), retry: vi.fn<() => void>() }
}

const FOREIGN: unknown[] = [
  'a mail',
  null,
  42,
  {},
  { to: 'anna@shop.example' },
  { run: 'nightly', lane: 0, n: 1 },
  { run: '0'.repeat(32), lane: 0 },
  { run: '0'.repeat(32), lane: '0', n: 1 },
  { run: '0'.repeat(32), lane: 0, n: 0.5 },
  { run: '0'.repeat(32).toUpperCase().replace('0', 'A'), lane: 0, n: 1 },
]

describe('B8 a delivery with messages of the host', () => {
  it('works the runs, and answers the others untouched', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    const own = message({ run, lane: 0, n: (await driving(run)).n })
    const foreign = FOREIGN.map(message)
    const left = await consume(
      [...foreign.slice(0, 5), own, ...foreign.slice(5)],
      workerDeps(env, registry),
    )
    expect(left).toEqual(foreign)
    for (const { ack, retry } of foreign) {
      expect(ack).not.toHaveBeenCalled()
      expect(retry).not.toHaveBeenCalled()
    }
    expect(own.ack).toHaveBeenCalledOnce()
    expect(await view(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual(upTo(3))
  })

  it('can be told apart beforehand', () => {
    expect(FOREIGN.map(message).filter(isDogearMessage)).toEqual([])
    expect(isDogearMessage({ body: { run: '0'.repeat(32), lane: 0, n: 1, later: true } })).toBe(
      true,
    )
  })

  it('goes to the dead letters where nobody else takes it', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const foreign = message('a mail')
    const batch = { queue: 'mails', messages: [foreign] } as unknown as MessageBatch<never>
    const worker = createDogear({ jobs: [appendSteps], runs: 'RUNS' }).wrap({})
    await worker.queue(batch, env, {} as ExecutionContext)
    expect(said.mock.calls.flat().join()).toContain('message.foreign')
    said.mockRestore()
    expect(foreign.ack).not.toHaveBeenCalled()
    expect(foreign.retry).toHaveBeenCalledOnce()
  })
})

describe('B7 the API of a Worker that adds no shop', () => {
  const app = api(new Registry([appendSteps]))
  const bindings = { ...env, API_TOKENS, API_LIMIT: noLimit, LOGIN_LIMIT: noLimit }
  const ask = (method: string, path: string) =>
    app.request(
      BASE + path,
      { method, headers: { authorization: `Bearer ${TOKENS.admin}` } },
      bindings,
    )

  it('has none of its routes, and touches none of its tables', async () => {
    await seedShop(env.DB, { orders: 3, customers: 2 })
    const count = () => env.DB.prepare('SELECT count(*) AS n FROM customers').first<number>('n')
    const before = await count()
    const routes = Object.keys(shopApi.permissions)
    expect(routes.length).toBeGreaterThan(4)
    for (const route of routes) {
      const [method = '', path = ''] = route.split(' ')
      const answer = await ask(method, path.replace(':name', 'a.csv'))
      expect([route, answer.status]).toEqual([route, 404])
    }
    expect(await count()).toBe(before)
    const { paths } = await (await ask('GET', '/openapi.json')).json<{ paths: object }>()
    expect(Object.keys(paths).filter((path) => path.includes('shop'))).toEqual([])
  })

  it('proves a run by its ledger alone, whatever its job is called', async () => {
    const run = await start(appendSteps, { params: { items: 1 } })
    await consume([message({ run, lane: 0, n: (await driving(run)).n })], workerDeps(env, registry))
    const answer = await ask('GET', `/api/runs/${run}/verification`)
    expect(await answer.json()).toMatchObject({ ok: true, run })
  })
})
