import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { api } from '../../src/api/index.ts'
import { Client } from '../../src/client/index.ts'
import { defineJob } from '../../src/engine/index.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import { runObjects, startRun } from '../../src/engine/runs/index.ts'
import { API_TOKENS, BASE, noLimit, TOKENS } from '../support/access.ts'
import { call } from '../support/api.ts'
import { clientOf, toWorker, type Fetch } from '../support/client.ts'
import { createTables, drain, start } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

const RUNS = '/api/jobs/process-orders/runs'
const held = { params: { upTo: 1 }, wait: '1h', hold: true }

function startWith(key: string) {
  return call('POST', RUNS, held, { 'idempotency-key': key })
}

describe('F01 an idempotency key', () => {
  it.each([
    ['damaged on its way', 'Rechnung-\uFFFD'],
    ['with a control character', 'a\u0001b'],
    ['with one beyond ASCII', 'a\u0085b'],
    ['encoded as something else than UTF-8', "UTF-8''Rechnung-%F6"],
    ['half encoded', "UTF-8''Rechnung-%C3"],
    ['that is empty once decoded', "UTF-8''"],
    ['that says it was damaged before', "UTF-8''Rechnung-%EF%BF%BD"],
    ['too long once decoded', `UTF-8''${'x'.repeat(201)}`],
    ['too long', 'x'.repeat(201)],
  ])('%s is refused, and no run is started', async (_what, key) => {
    const before = await call('GET', '/api/runs?limit=100')
    const answer = await startWith(key)
    expect(answer).toMatchObject({ status: 400, json: { code: 'invalid_request' } })
    expect(answer.json['detail']).toContain('idempotency-key')
    expect(await call('GET', '/api/runs?limit=100')).toEqual(before)
  })

  it('is refused on every route that starts a run', async () => {
    const run = await start(appendSteps, { params: { items: 2 } })
    await drain(run)
    for (const [path, body] of [
      [`/api/runs/${run}/fork`, { seq: 0 }],
      [`/api/runs/${run}/restart`, { step: 'append' }],
      ['/api/runs/bulk', { command: 'pause', filter: { label: 'nobody:has-it' } }],
    ] as const) {
      const answer = await call('POST', path, body, { 'idempotency-key': 'ö\uFFFD' })
      expect([path, answer.status, answer.json['code']]).toEqual([path, 400, 'invalid_request'])
    }
  })

  it('is the same one raw, encoded, and from the client', async () => {
    const raw = await startWith('Rechnung-ö')
    const encoded = await startWith("utf-8''Rechnung-%c3%b6")
    const run = await clientOf().start('process-orders', held, { idempotencyKey: 'Rechnung-ö' })
    expect([raw.status, encoded.status]).toEqual([201, 200])
    expect([encoded.json['id'], run.id]).toEqual([raw.json['id'], raw.json['id']])
  })

  it.each([
    'Rechnung-ü',
    'Bestellung-🐢',
    ' a',
    'a ',
    'a',
    "UTF-8''x",
    'x',
    "it's (1)*",
    'a%20b',
    'a b',
  ])('of any text is its own run, and the same again: %j', async (idempotencyKey) => {
    const sent: string[] = []
    const fetch: Fetch = (url, init) => {
      sent.push(new Headers(init.headers).get('idempotency-key') ?? '')
      return toWorker(url, init)
    }
    const first = await clientOf(fetch).start('process-orders', held, { idempotencyKey })
    const again = await clientOf(fetch).start('process-orders', held, { idempotencyKey })
    expect(again.id).toBe(first.id)
    expect(seen.get(first.id) ?? idempotencyKey).toBe(idempotencyKey)
    seen.set(first.id, idempotencyKey)
    for (const header of sent) expect(header).toMatch(/^[\x21-\x7e][\x20-\x7e]*$/)
  })
  const seen = new Map<string, string>()
})

describe('what cannot be sent', () => {
  const never: Fetch = () => Promise.reject(new Error('nothing may be sent'))
  const asking = (options: { token?: string } = {}) =>
    new Client('http://localhost', { fetch: never, ...options })

  it.each<[string, () => Promise<unknown>]>([
    ['a key with half a character', () => asking().start('x', {}, { idempotencyKey: 'a\ud800' })],
    ['a token beyond ASCII', () => asking({ token: 'gehe\u0131m' }).jobs()],
    ['a token with a line break', () => asking({ token: 'a\nb' }).jobs()],
    ['a body with a bigint', () => asking().start('x', { params: { n: 1n } })],
    ['a body that contains itself', () => asking().start('x', { params: ring() })],
    ['a watch with such a token', () => asking({ token: 'ö' }).events('x').next()],
  ])('F01 %s is said to be so, not that nobody answers', async (_what, ask) => {
    await expect(ask()).rejects.toMatchObject({
      code: 'invalid_request',
      status: 0,
      message: expect.stringContaining('Nothing was sent'),
    })
  })
})

function ring(): Record<string, unknown> {
  const value: Record<string, unknown> = {}
  value['self'] = value
  return value
}

describe('other bytes from outside', () => {
  it('a JSON body that is no UTF-8 is refused, whatever charset it names', async () => {
    const bytes = Uint8Array.from('{"labels":{"name":"M\xfcller"}}', (char) => char.charCodeAt(0))
    for (const type of [
      'application/json',
      'application/json; charset=iso-8859-1',
      'Application/JSON',
      'text/json',
    ]) {
      const answer = await toWorker(`http://localhost${RUNS}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: bytes,
      })
      expect(await answer.json()).toMatchObject({ status: 400, code: 'invalid_json' })
    }
  })

  it('a JSON body with a number that would lose digits is refused', async () => {
    for (const number of [
      '9007199254740993',
      '-12345678901234567890',
      '9.007199254740993e15',
      '9007199254740993.00',
      '1e400',
    ])
      expect(await call('POST', RUNS, `{"params":{"upTo":${number}}}`)).toMatchObject({
        status: 422,
        json: { code: 'invalid_params', detail: expect.stringMatching(/^In the body: found the /) },
      })
    const text = '{"labels":{"order":"9007199254740993"},"params":{"upTo":1}}'
    expect(await call('POST', RUNS, text)).toMatchObject({ status: 201 })
    for (const number of ['9007199254740992', '1e16', '10000000000000000', '9.1e15'])
      expect(await call('POST', RUNS, `{"params":{"no":${number}}}`)).toMatchObject({ status: 422 })
  })

  it.each([
    ['GET', '/api/runs?q=M%FCller'],
    ['GET', '/api/runs?label=name:M%FCller'],
    ['GET', '/api/audit?actor=%ED%A0%80'],
    ['GET', '/api/runs/%FC'],
    ['PUT', '/api/shop/imports/M%FCller.csv'],
  ])('an address that is no UTF-8 is refused: %s %s', async (method, path) => {
    const body = method === 'PUT' ? 'a' : undefined
    expect(await call(method, path, body, { 'content-type': 'text/csv' })).toMatchObject({
      status: 400,
      json: { code: 'invalid_request', detail: expect.stringContaining('which is no UTF-8') },
    })
  })

  it('an address with a percent sign, or in any letters, is not', async () => {
    for (const text of ['100%25', '%', '%C3%BC', 'ü', '%F0%9F%90%A2'])
      expect((await call('GET', `/api/runs?q=${text}`)).status).toBe(200)
  })

  it.each(['0x10', '1e1', ' 5', '+5', '5.0', ''])('no number is read from %j', async (text) => {
    const run = await start(appendSteps, { params: { items: 1 } })
    const number = encodeURIComponent(text)
    for (const [path, headers] of [
      [`/api/runs/${run}/events?after=${number}`, {}],
      [`/api/runs?limit=${number}`, {}],
      [`/api/audit?cursor=${number}`, {}],
      ...(text.trim() === text && text !== ''
        ? [[`/api/runs/${run}/events`, { 'last-event-id': text }] as const]
        : []),
    ] as [string, Record<string, string>][]) {
      const answer = await call('GET', path, undefined, headers)
      expect([path, answer.status]).toEqual([path, 400])
    }
  })

  it('a file name that was damaged on its way is refused', async () => {
    const answer = await call('PUT', '/api/shop/imports/M%EF%BF%BDller.csv', 'a', {
      'content-type': 'text/csv',
    })
    expect(answer).toMatchObject({ status: 422, json: { code: 'import_name_wrong' } })
  })
})

describe('F29 H40 values that lie too deep in each other', () => {
  const anything = defineJob({
    name: 'anything',
    params: z.looseObject({}),
    async perform({ step }) {
      await step('x', () => 1)
    },
  })
  const json = defineJob({
    name: 'any-json',
    params: z.record(z.string(), z.json()),
    async perform({ step }) {
      await step('x', () => 1)
    },
  })
  const app = api(new Registry([anything, json]))
  const bindings = { ...env, API_TOKENS, API_LIMIT: noLimit, LOGIN_LIMIT: noLimit }
  const nest = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  const ask = async (path: string, body: string) => {
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${TOKENS.operator}`,
    }
    const answer = await app.request(BASE + path, { method: 'POST', headers, body }, bindings)
    return answer.json<Record<string, unknown>>()
  }

  it.each([101, 1_000, 3_000, 30_000, 60_000])(
    'are refused in params, %i levels',
    async (depth) => {
      for (const name of ['anything', 'any-json']) {
        const answer = await ask(`/api/jobs/${name}/runs`, `{"params":{"x":${nest(depth)}}}`)
        expect(answer).toMatchObject({ status: 422, code: 'invalid_params' })
        expect(String(answer['detail']).length).toBeLessThan(500)
      }
    },
  )

  it('are refused anywhere else in a body, too', async () => {
    const deep = nest(60_000)
    for (const part of ['labels', 'wait', 'interrupt', 'commit', 'hold', 'nonesuch']) {
      for (const value of [deep, `{"x":${deep}}`]) {
        const answer = await ask('/api/jobs/anything/runs', `{"${part}":${value}}`)
        expect([part, answer['status']]).toEqual([part, 400])
      }
    }
    const bulk = await ask('/api/runs/bulk', `{"command":"pause","filter":${deep}}`)
    expect(bulk['status']).toBe(400)
  })

  it('are refused by the engine, and 98 levels are taken', async () => {
    const begin = (text: string) =>
      startRun(runObjects(env), anything, { params: JSON.parse(`{"a":${text}}`) as object })
    await expect(begin(nest(30_000))).rejects.toMatchObject({ code: 'invalid_params' })
    expect(await begin(nest(98))).toMatchObject({ ok: true })
  })
})
