import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { seedShop } from '../../src/shop/data/seed.ts'
import { call } from '../support/api.ts'
import { createTables, drain, start } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(async () => {
  await createTables()
  await seedShop(env.DB, { orders: 20, customers: 3 })
})

describe('the API', () => {
  it('answers health without anything behind it', async () => {
    expect(await call('GET', '/health')).toMatchObject({ status: 200, json: { ok: true } })
  })

  it('describes itself as OpenAPI 3.1', async () => {
    const { json } = await call('GET', '/openapi.json')
    expect(json).toMatchObject({ openapi: '3.1.0' })
    expect(Object.keys(json['paths'] as object)).toEqual(
      expect.arrayContaining([
        '/api/jobs/{job}/runs',
        '/api/runs/{id}',
        '/api/runs/{id}/{command}',
        '/api/shop/imports/{name}',
      ]),
    )
  })

  it('lists the jobs with the schema of their params', async () => {
    const { json } = await call('GET', '/api/jobs')
    expect(json['jobs']).toContainEqual({
      name: 'process-orders',
      description: 'Settles all orders that are pending when it starts.',
      style: 'continuable',
      stale: false,
      unit: 'order',
      params: expect.objectContaining({ type: 'object', additionalProperties: false }),
    })
  })

  it('B17 starts a run, once per idempotency key, and shows it in the form that both styles share', async () => {
    const key = { 'idempotency-key': 'once' }
    const first = await call('POST', '/api/jobs/process-orders/runs', { params: { upTo: 5 } }, key)
    expect(first).toMatchObject({
      status: 201,
      json: { job: 'process-orders', status: 'queued', params: { upTo: 5 } },
    })
    const again = await call('POST', '/api/jobs/process-orders/runs', { params: { upTo: 5 } }, key)
    expect(again).toMatchObject({ status: 200, json: { id: first.json['id'] } })
    const run = String(first.json['id'])
    await drain(run)
    const shown = await call('GET', `/api/runs/${run}`)
    expect(shown.json).toEqual({
      id: run,
      job: 'process-orders',
      style: 'continuable',
      status: 'completed',
      step: null,
      cursor: null,
      completedSteps: ['load_orders', 'process_orders', 'finalize'],
      progress: {
        done: 5,
        total: 5,
        skipped: 0,
      },
      params: { upTo: 5 },
      result: expect.objectContaining({ processed: 5 }),
      attempts: 0,
      interruptions: 0,
      resumptions: 0,
      slices: 1,
      workedMs: expect.any(Number),
      commits: 4,
      pace: { items: expect.any(Number), wayMs: expect.any(Number) },
      cost: {
        d1RowsRead: expect.any(Number),
        d1RowsWritten: expect.any(Number),
        d1Statements: expect.any(Number),
        queueOperations: 3,
        durableObjectRequests: expect.any(Number),
      },
      codeVersion: expect.any(String),
      createdAt: expect.any(String),
      startedAt: expect.any(String),
      updatedAt: expect.any(String),
      finishedAt: expect.any(String),
      children: [],
    })
    expect((await call('GET', `/api/runs/${run}/verification`)).json).toMatchObject({
      ok: true,
      run,
    })
    expect((await call('GET', `/api/runs/${run}/slices`)).json).toMatchObject({
      slices: [{ n: 1, outcome: 'ended', items: 5 }],
    })
    expect((await call('GET', `/api/runs/${run}/checkpoint`)).json).toMatchObject({
      run,
      step: null,
      resumptions: 0,
      seq: expect.any(Number),
      bytes: JSON.stringify({ completed: ['load_orders', 'process_orders', 'finalize'] }).length,
    })
  })

  it('starts a run without any body', async () => {
    const { status, json } = await call('POST', '/api/jobs/process-orders/runs')
    expect(status).toBe(201)
    await drain(String(json['id']))
  })

  it('lists runs newest first, page by page, and by status and job', async () => {
    for (let count = 0; count < 5; count++) await start(appendSteps)
    const ids: unknown[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const { json } = await call(
        'GET',
        `/api/runs?limit=2&job=append-steps${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      )
      ids.push(...(json['runs'] as { id: string }[]).map(({ id }) => id))
      cursor = json['nextCursor'] as string | null
    }
    expect(ids).toHaveLength(5)
    expect(new Set(ids).size).toBe(5)
    const done = await call('GET', '/api/runs?status=completed&limit=100')
    expect(
      (done.json['runs'] as { status: string }[]).every(({ status }) => status === 'completed'),
    ).toBe(true)
    expect(done.json['runs']).not.toEqual([])
  })

  it('steers a run, and says when a command is not possible', async () => {
    const run = await start(appendSteps)
    expect(await call('POST', `/api/runs/${run}/pause`)).toMatchObject({
      status: 200,
      json: { status: 'paused' },
    })
    expect(await call('POST', `/api/runs/${run}/retry`)).toMatchObject({
      status: 409,
      json: { code: 'invalid_transition' },
    })
    expect(await call('POST', `/api/runs/${run}/resume`)).toMatchObject({
      status: 200,
      json: { status: 'queued' },
    })
    expect(await call('POST', `/api/runs/${run}/interrupt`, { hold: true })).toMatchObject({
      status: 202,
    })
    expect(await drain(run)).toMatchObject({ status: 'interrupted', held: true })
    expect(await call('POST', `/api/runs/${run}/cancel`)).toMatchObject({
      status: 200,
      json: { status: 'cancelled' },
    })
  })

  it('serves the shop: seed, reset and clean answer with a snapshot', async () => {
    expect(await call('POST', '/api/shop/seed', { quick: true })).toMatchObject({
      status: 200,
      json: { orders: { total: 100, pending: 100 }, duplicates: 0 },
    })
    expect((await call('POST', '/api/shop/clean')).json).toMatchObject({
      customers: 0,
      orders: { total: 0 },
    })
    await seedShop(env.DB, { orders: 20, customers: 3 })
  })
})
