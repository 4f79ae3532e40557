import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Verification } from '../../src/client/index.ts'
import { resetShop } from '../../src/shop/data/reset.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { call, state } from '../support/api.ts'
import { clientOf } from '../support/client.ts'
import { createTables, drain, registry, start } from '../support/drive.ts'
import { appendIteration, appendSteps } from '../support/jobs.ts'

const client = clientOf()

beforeAll(async () => {
  await createTables()
  await seedShop(env.DB, {
    orders: 60,
    customers: 20,
    mixed: true,
    storesPerRegion: 2,
    productsPerStore: 3,
  })
})

async function broken(run: string): Promise<Verification['checks']> {
  return (await client.verification(run)).checks.filter(({ ok }) => !ok)
}

describe('verify holds a fork to what it and its origin did together:', () => {
  beforeEach(() => resetShop(env.DB))

  it.each([
    'process-orders',
    'process-orders-iteration',
    'generate-reports',
    'generate-reports-iteration',
    'batch-emails',
    'batch-emails-iteration',
    'regional-report',
    'resilient',
    'send-welcome-email',
  ])('%s, forked half way and at its end', async (name) => {
    const job = registry.require(name)
    const params = name === 'send-welcome-email' ? { customer: 1 } : {}
    const origin = await start(job, { params, commit: { everyItems: 7 } })
    expect(await drain(origin)).toMatchObject({ status: 'completed' })
    const { commits } = await client.ledger(origin)
    const forkable = commits.filter((commit) => commit.forkable)
    const half = forkable.find(({ seq }) => seq <= (commits[0]?.seq ?? 0) / 2 + 1)
    const last = forkable[0]
    for (const commit of [half, last]) {
      const fork = await client.fork(origin, { seq: commit?.seq ?? -1 })
      expect(await drain(fork.id)).toMatchObject({ status: 'completed' })
      expect(await broken(fork.id)).toEqual([])
    }
    expect(await broken(origin)).toEqual([])
  })

  it('a run of orders that was cancelled half way is completed by its fork', async () => {
    const origin = await start(registry.require('process-orders'), {
      interrupt: { afterItems: 10 },
      commit: { everyItems: 5 },
      hold: true,
    })
    await drain(origin)
    await client.command(origin, 'cancel')
    const [newest] = (await client.ledger(origin, { limit: 1 })).commits
    const fork = await client.fork(origin, { seq: newest?.seq ?? -1 })
    const { progress } = await drain(fork.id)
    expect(progress.done).toBe(progress.total)
    expect(await broken(fork.id)).toEqual([])
    // What the fork proves of both it could not prove of itself alone.
    await env.DB.prepare('DELETE FROM processing_log WHERE run_id = ?').bind(origin).run()
    expect((await broken(fork.id)).map(({ name }) => name)).toContain(
      'Each order handled exactly once',
    )
  })
})

describe('the routes of forks', () => {
  const ended = async (options: Parameters<typeof start>[1] = {}, job = appendSteps) => {
    const run = await start(job, { params: { items: 4 }, commit: { everyItems: 1 }, ...options })
    await drain(run)
    return run
  }

  it('list the ledger page by page, the newest first', async () => {
    const run = await ended()
    const commits = []
    for await (const commit of client.eachCommit(run, { limit: 3 })) commits.push(commit)
    expect(commits.map(({ step, items }) => [step, items])).toEqual([
      [null, 0],
      ['finish', 0],
      ['append', 0],
      ['append', 1],
      ['append', 1],
      ['append', 1],
      ['append', 1],
      ['count', 0],
    ])
    const seq = commits[2]?.seq ?? 0
    const news = await client.ledger(run, { after: seq })
    expect(news.commits.map((commit) => commit.seq)).toEqual([commits[0]?.seq, commits[1]?.seq])
    expect(commits[4]).toMatchObject({ fromCursor: 3, toCursor: 4, fence: 1, forkable: true })
  })

  it('create once by an Idempotency-Key, and say what is different', async () => {
    const run = await ended()
    const [, , commit] = (await client.ledger(run)).commits
    const path = `/api/runs/${run}/fork`
    const key = { 'idempotency-key': 'repaired' }
    const body = { seq: commit?.seq, labels: { kind: 'repair' }, hold: true }
    const first = await call('POST', path, body, key)
    expect(first).toMatchObject({
      status: 201,
      json: { forkOf: { run, seq: commit?.seq }, labels: { kind: 'repair' } },
    })
    const second = await call('POST', path, body, key)
    expect(second).toMatchObject({ status: 200, json: { id: first.json['id'] } })
    expect(await call('POST', path, { seq: 1 }, key)).toMatchObject({
      status: 409,
      json: { code: 'idempotency_conflict' },
    })
  })

  it('restart from a step, with other params, and stop where they are asked to', async () => {
    const run = await ended()
    const body = { step: 'append', params: { items: 9 }, interrupt: { afterItems: 2 }, hold: true }
    const { status, json } = await call('POST', `/api/runs/${run}/restart`, body)
    expect(status).toBe(201)
    expect(json).toMatchObject({ completedSteps: ['count'], params: { items: 9 } })
    expect(await drain(String(json['id']))).toMatchObject({ held: true, progress: { done: 2 } })
  })

  it('refuse what cannot be, and change nothing', async () => {
    const run = await ended()
    const iteration = await ended({}, appendIteration)
    const [newest] = (await client.ledger(run)).commits
    const seq = newest?.seq ?? 0
    const before = await state()
    const unknown = '0'.repeat(32)
    const refused: [string, object, number, string][] = [
      [`${unknown}/fork`, { seq: 0 }, 404, 'unknown_run'],
      ['nonsense/restart', { step: 'append' }, 404, 'unknown_run'],
      [`${run}/fork`, {}, 400, 'invalid_request'],
      [`${run}/fork`, { seq: -1 }, 400, 'invalid_request'],
      [`${run}/fork`, { seq: 1.5 }, 400, 'invalid_request'],
      [`${run}/fork`, { seq, step: 'append' }, 400, 'invalid_request'],
      [`${run}/fork`, { seq: seq + 1 }, 409, 'not_forkable'],
      [`${run}/fork`, { seq, params: { items: 'x' } }, 422, 'invalid_params'],
      [`${run}/fork`, { seq, interrupt: { at: 'nonsense' } }, 422, 'invalid_options'],
      [`${run}/fork`, { seq, labels: { '': 'x' } }, 422, 'invalid_options'],
      [`${run}/restart`, { step: '' }, 400, 'invalid_request'],
      [`${run}/restart`, { step: 'nonesuch' }, 422, 'invalid_options'],
      [`${iteration}/restart`, { step: 'append' }, 422, 'invalid_options'],
    ]
    for (const [path, body, status, code] of refused) {
      const answer = await call('POST', `/api/runs/${path}`, body)
      expect([path, body, answer.status, answer.json['code']]).toEqual([path, body, status, code])
    }
    for (const query of ['limit=0', 'cursor=x', 'cursor=-1', 'since=1']) {
      expect(await call('GET', `/api/runs/${run}/ledger?${query}`)).toMatchObject({
        status: 400,
        json: { code: 'invalid_query' },
      })
    }
    expect(await state()).toEqual(before)
  })
})
