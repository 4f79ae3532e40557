import { env, exports } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { seedShop } from '../../src/shop/seed.ts'
import { createTables, drain, start } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

const BASE = 'http://dogear.test'

beforeAll(async () => {
  await createTables()
  await seedShop(env.DB, { orders: 20, customers: 3 })
})

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const text =
    typeof body === 'string' ? body : body === undefined ? undefined : JSON.stringify(body)
  const response = await exports.default.fetch(
    new Request(BASE + path, {
      method,
      headers: { ...(text !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(text !== undefined && { body: text }),
    }),
  )
  const json = await response.json<Record<string, unknown>>()
  return { status: response.status, type: response.headers.get('content-type'), json }
}

/** Everything a refused request must leave as it was. */
async function state(): Promise<unknown> {
  const [runs, snapshot] = await Promise.all([
    call('GET', '/api/runs?limit=100'),
    call('GET', '/api/shop/snapshot'),
  ])
  const { objects } = await env.FILES.list()
  return [runs.json, snapshot.json, objects.map(({ key }) => key)]
}

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
      style: 'continuable',
      unit: 'order',
      params: expect.objectContaining({ type: 'object', additionalProperties: false }),
    })
  })

  it('starts a run, once per idempotency key, and shows it in the form that both styles share', async () => {
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
      commits: 4,
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

const unknown = '0123456789abcdef0123456789abcdef'
const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
const ROW = '536365,85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom'

describe('bad input is refused with a problem document, and nothing has changed:', () => {
  it.each([
    ['an unknown job', 'POST', '/api/jobs/nonesuch/runs', {}, 404, 'unknown_job'],
    [
      'an unknown param',
      'POST',
      '/api/jobs/process-orders/runs',
      { params: { colour: 'red' } },
      422,
      'invalid_params',
    ],
    [
      'an ill-typed param',
      'POST',
      '/api/jobs/process-orders/runs',
      { params: { upTo: 'ten' } },
      422,
      'invalid_params',
    ],
    [
      'params that are no object',
      'POST',
      '/api/jobs/process-orders/runs',
      { params: [1] },
      400,
      'invalid_request',
    ],
    [
      'an unknown field',
      'POST',
      '/api/jobs/process-orders/runs',
      { parms: {} },
      400,
      'invalid_request',
    ],
    ['malformed JSON', 'POST', '/api/jobs/process-orders/runs', '{"params":', 400, 'invalid_json'],
    [
      'JSON that is no object',
      'POST',
      '/api/jobs/process-orders/runs',
      '42',
      400,
      'invalid_request',
    ],
    [
      'a too large body',
      'POST',
      '/api/jobs/process-orders/runs',
      { params: { x: 'x'.repeat(200_000) } },
      413,
      'body_too_large',
    ],
    [
      'two directives',
      'POST',
      '/api/jobs/process-orders/runs',
      { interrupt: { afterItems: 1, afterMs: 1 } },
      422,
      'invalid_options',
    ],
    [
      'no directive',
      'POST',
      '/api/jobs/process-orders/runs',
      { interrupt: {} },
      422,
      'invalid_options',
    ],
    [
      'a directive in a unit that the job does not have',
      'POST',
      '/api/jobs/process-orders/runs',
      { interrupt: { at: 'batch:3' } },
      422,
      'invalid_options',
    ],
    [
      'a negative directive',
      'POST',
      '/api/jobs/process-orders/runs',
      { interrupt: { afterItems: -1 } },
      400,
      'invalid_request',
    ],
    [
      'a wait that is no duration',
      'POST',
      '/api/jobs/process-orders/runs',
      { wait: 'soon' },
      422,
      'invalid_options',
    ],
    ['an unknown run', 'GET', `/api/runs/${unknown}`, undefined, 404, 'unknown_run'],
    [
      'a run id that cannot be one',
      'GET',
      `/api/runs/..%2F..%2Fetc`,
      undefined,
      404,
      'unknown_run',
    ],
    [
      'the checkpoint of an unknown run',
      'GET',
      `/api/runs/${unknown}/checkpoint`,
      undefined,
      404,
      'unknown_run',
    ],
    [
      'a command to an unknown run',
      'POST',
      `/api/runs/${unknown}/cancel`,
      undefined,
      404,
      'unknown_run',
    ],
    [
      'an unknown command',
      'POST',
      `/api/runs/${unknown}/explode`,
      undefined,
      400,
      'invalid_request',
    ],
    ['an unknown status', 'GET', '/api/runs?status=sleeping', undefined, 400, 'invalid_query'],
    ['an unknown filter', 'GET', '/api/runs?colour=red', undefined, 400, 'invalid_query'],
    ['a limit out of range', 'GET', '/api/runs?limit=100000', undefined, 400, 'invalid_query'],
    ['a cursor that is none', 'GET', '/api/runs?cursor=%27%3B--', undefined, 400, 'invalid_query'],
    ['an unknown route', 'GET', '/api/nothing', undefined, 404, 'not_found'],
    ['a seed out of range', 'POST', '/api/shop/seed', { orders: -5 }, 400, 'invalid_request'],
    ['an unknown seed option', 'POST', '/api/shop/seed', { ordres: 5 }, 400, 'invalid_request'],
    ['an empty import', 'PUT', '/api/shop/imports/empty.csv', '', 422, 'import_empty'],
    [
      'an import with other columns',
      'PUT',
      '/api/shop/imports/other.csv',
      'a,b\n1,2\n',
      422,
      'import_columns_wrong',
    ],
    [
      'an import with a broken row',
      'PUT',
      '/api/shop/imports/broken.csv',
      `${HEADER}\n${ROW}\n${ROW.replace('6,2010', 'six,2010')}\n`,
      422,
      'import_row_broken',
    ],
    [
      'an import with a bad name',
      'PUT',
      '/api/shop/imports/..%2Fx',
      `${HEADER}\n${ROW}\n`,
      422,
      'import_name_wrong',
    ],
  ])('%s', async (_what, method, path, body, status, code) => {
    const before = await state()
    const answer = await call(
      method,
      path,
      body,
      method === 'PUT' ? { 'content-type': 'text/csv' } : {},
    )
    expect(answer).toMatchObject({
      status,
      type: 'application/problem+json',
      json: { status, code, type: `urn:dogear:problem:${code}` },
    })
    expect(Object.keys(answer.json).sort()).toEqual(['code', 'detail', 'status', 'title', 'type'])
    expect(await state()).toEqual(before)
  })

  it('a broken row is named by its line number', async () => {
    const csv = `${HEADER}\n${ROW}\n"536366",x,"two\nlines",1,2010-12-01 08:26:00,1.00,,France\n${ROW.replace('2.55', 'free')}\n`
    const { json } = await call('PUT', '/api/shop/imports/broken.csv', csv, {
      'content-type': 'text/csv',
    })
    expect(json).toMatchObject({ code: 'import_row_broken', detail: expect.stringContaining('5') })
  })

  it('params in a body that is not called JSON are refused, not ignored', async () => {
    const before = await state()
    const answer = await call(
      'POST',
      '/api/jobs/process-orders/runs',
      { params: { upTo: 1 } },
      { 'content-type': 'text/plain' },
    )
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } })
    expect(await state()).toEqual(before)
  })

  it('an idempotency key with other params is a conflict', async () => {
    await call(
      'POST',
      '/api/jobs/process-orders/runs',
      { params: { upTo: 1 } },
      { 'idempotency-key': 'clash' },
    )
    const before = await state()
    const answer = await call(
      'POST',
      '/api/jobs/process-orders/runs',
      { params: { upTo: 2 } },
      { 'idempotency-key': 'clash' },
    )
    expect(answer).toMatchObject({ status: 409, json: { code: 'idempotency_conflict' } })
    expect(await state()).toEqual(before)
  })

  it('a resume of a completed run is a conflict', async () => {
    const run = await start(appendSteps, { params: { items: 1 } })
    await drain(run)
    expect(await call('POST', `/api/runs/${run}/resume`)).toMatchObject({
      status: 409,
      json: { code: 'invalid_transition', detail: expect.stringContaining('completed') },
    })
  })
})
