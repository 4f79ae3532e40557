import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { seedShop } from '../../src/shop/data/seed.ts'
import { call, state } from '../support/api.ts'
import { createTables, drain, start } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(async () => {
  await createTables()
  await seedShop(env.DB, { orders: 20, customers: 3 })
})

const unknown = '0123456789abcdef0123456789abcdef'
const HEADER = 'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country'
const ROW = '536365,85123A,LANTERN,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom'

describe('bad input is refused with a problem document, and nothing has changed:', () => {
  it.each([
    ['an unknown job', 'POST', '/api/jobs/nonesuch/runs', {}, 404, 'unknown_job'],
    [
      'M10 M64 an unknown param',
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
    [
      'lanes that are no number of them',
      'POST',
      '/api/jobs/process-orders-iteration/runs',
      { lanes: 65 },
      400,
      'invalid_request',
    ],
    [
      'lanes of a job in steps',
      'POST',
      '/api/jobs/process-orders/runs',
      { lanes: 2 },
      422,
      'invalid_options',
    ],
    [
      'lanes beside an interruption at a place',
      'POST',
      '/api/jobs/process-orders-iteration/runs',
      { lanes: 2, interrupt: { afterItems: 3 } },
      422,
      'invalid_options',
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
    [
      'a wait beyond all measure',
      'POST',
      '/api/jobs/process-orders/runs',
      { wait: 1e16 },
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
