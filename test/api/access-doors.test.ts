import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import type { AuditEntry } from '../../src/api/access/audit-log.ts'
import { shortDetail } from '../../src/api/access/short-detail.ts'
import { TeamKeys } from '../../src/api/access/team-keys.ts'
import { api } from '../../src/api/index.ts'
import { defineJob } from '../../src/engine/index.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import { API_TOKENS, BASE, deployed, limitOf, noLimit, TOKENS } from '../support/access.ts'
import { createTables, drain, start } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)
beforeEach(async () => {
  await env.DB.exec('DELETE FROM dogear_audit')
})
afterEach(() => void vi.restoreAllMocks())

const { ask } = deployed()

async function trail(): Promise<AuditEntry[]> {
  const { json } = await ask('GET', '/api/audit?limit=100', { as: 'operator' })
  return json['entries'] as AuditEntry[]
}

const silence = () => vi.spyOn(console, 'warn').mockImplementation(() => undefined)

describe('S4 H42 no answer is kept by a cache:', () => {
  it.each([
    '/api/runs',
    '/api/session',
    '/api/audit',
    '/api/shop/mailbox',
    '/metrics',
    '/openapi.json',
    '/api/nothing',
    '/api/runs/nonesuch',
  ])('%s', async (path) => {
    const { headers } = await ask('GET', path, { as: 'admin' })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('nor is a refusal', async () => {
    expect((await ask('GET', '/api/runs')).headers.get('cache-control')).toBe('no-store')
  })
})

describe('S5 H43 who tries to get in', () => {
  it('leaves an entry and a line of the log, up to a limit, and never the credentials', async () => {
    const said = silence()
    const guarded = deployed({ API_TOKENS, LOGIN_LIMIT: limitOf(20), API_LIMIT: noLimit })
    const from = { 'cf-connecting-ip': '203.0.113.5' }
    const statuses: number[] = []
    for (let turn = 0; turn < 25; turn++) {
      const body = { token: `wrong-token-${turn}-xxxxxxx` }
      statuses.push((await guarded.ask('POST', '/api/session', { body, headers: from })).status)
    }
    expect(statuses).toEqual([...Array<number>(20).fill(401), ...Array<number>(5).fill(429)])
    const entries = await trail()
    expect(entries).toHaveLength(20)
    expect(entries[0]).toMatchObject({
      actor: '(unknown)',
      role: 'none',
      how: 'session',
      action: 'POST /api/session',
      detail: { from: '203.0.113.5' },
      status: 401,
    })
    expect(said).toHaveBeenCalledTimes(20)
    expect(JSON.stringify([entries, said.mock.calls])).not.toContain('wrong-token')
  })

  it('with a wrong bearer token too; from many networks the log has all, the trail a few', async () => {
    const said = silence()
    const guarded = deployed({ API_TOKENS, LOGIN_LIMIT: limitOf(5), API_LIMIT: noLimit })
    for (let turn = 0; turn < 9; turn++) {
      const headers = {
        authorization: `Bearer wrong-${turn}-xxxxxxxxxx`,
        'cf-connecting-ip': `198.51.100.${turn}`,
      }
      expect((await guarded.ask('GET', '/api/runs', { headers })).status).toBe(401)
    }
    expect((await trail()).map(({ action, how }) => `${action} ${how}`)).toEqual(
      Array(5).fill('GET /api/runs token'),
    )
    expect(said).toHaveBeenCalledTimes(9)
  })
})

describe('S5 H54 what was asked', () => {
  it('cannot be hidden behind long parts', async () => {
    const run = await start(appendSteps, { params: { items: 2 } })
    await drain(run)
    const labels = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`l${index}${'x'.repeat(59)}`, 'v'.repeat(100)]),
    )
    const headers = { 'idempotency-key': 'k'.repeat(200) }
    const body = { seq: 0, labels, params: { items: 1 } }
    await ask('POST', `/api/runs/${run}/fork`, { as: 'operator', body, headers })
    const [entry] = await trail()
    expect(entry?.detail).toMatchObject({ id: run, seq: 0, idempotencyKey: 'k'.repeat(200) })
    expect(JSON.stringify(entry?.detail)).toContain('vvvv')
    expect(JSON.stringify(entry?.detail).length).toBeLessThanOrEqual(2_100)
  })

  it.each<[string, Record<string, unknown>]>([
    ['one long part', { a: 'x'.repeat(10_000), b: 1 }],
    ['many', Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`p${i}`, 'y'.repeat(900)]))],
    ['what JSON makes longer', { a: '\u0001'.repeat(1_999), b: '"'.repeat(1_999), c: 'short' }],
    ['what lies too deep', { a: nested(), b: 1 }],
  ])('is cut, never dropped: %s', (_what, detail) => {
    const short = shortDetail(detail)
    expect(Object.keys(short).toSorted()).toEqual([...Object.keys(detail), 'cut'].toSorted())
    expect(JSON.stringify(short).length).toBeLessThanOrEqual(6_000)
  })

  it('does not repeat a param that is not to be seen', async () => {
    const job = defineJob({
      name: 'keyed',
      params: z.object({ apiKey: z.string() }),
      sensitive: ['apiKey'],
      async perform() {},
    })
    const app = api(new Registry([job]))
    const bindings = { ...env, API_TOKENS, API_LIMIT: noLimit, LOGIN_LIMIT: noLimit }
    const secret = 'sk-do-not-tell-1234'
    await app.request(
      `${BASE}/api/jobs/keyed/runs`,
      {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${TOKENS.operator}`,
          'idempotency-key': `${secret}-today`,
        },
        body: JSON.stringify({ params: { apiKey: secret }, labels: { key: secret } }),
      },
      bindings,
    )
    const [entry] = await trail()
    expect(entry?.detail).toMatchObject({ idempotencyKey: '[sensitive]-today' })
    expect(JSON.stringify(entry)).not.toContain(secret)
  })

  it('is known whatever letters the content type is written in', async () => {
    const body = { params: { items: 1 }, labels: { name: 'anna' } }
    const headers = { 'content-type': 'Application/JSON' }
    await ask('POST', '/api/jobs/append-steps/runs', { as: 'operator', body, headers })
    expect((await trail())[0]?.detail).toMatchObject({ labels: { name: 'anna' } })
  })

  it('does not repeat what the run in question hides, under any name of a label', async () => {
    const secret = 'sk-do-not-tell-1234'
    const job = defineJob({
      name: 'keyed-before',
      params: z.object({ apiKey: z.string() }),
      sensitive: ['apiKey'],
      async perform() {},
    })
    const run = await start(job, { params: { apiKey: secret } })
    const headers = { 'idempotency-key': secret }
    const body = { seq: 0, labels: { id: secret, reason: secret } }
    await ask('POST', `/api/runs/${run}/fork`, { as: 'operator', body, headers })
    const [entry] = await trail()
    expect(entry).toMatchObject({
      run,
      detail: {
        id: run,
        idempotencyKey: '[sensitive]',
        labels: { id: '[sensitive]', reason: '[sensitive]' },
      },
    })
  })

  it.each(['a\u0001b', 'a\nb', 'a\u0085b', '\ud800'])('has no label like %j', async (value) => {
    const body = { params: { items: 1 }, labels: { name: value } }
    const answer = await ask('POST', '/api/jobs/append-steps/runs', { as: 'operator', body })
    expect(answer).toMatchObject({ status: 422, json: { code: 'invalid_options' } })
  })
})

function nested(): unknown {
  return JSON.parse('['.repeat(60_000) + ']'.repeat(60_000))
}

describe('S6 H83 the keys of a team', () => {
  const rsa = { kid: 'a', kty: 'RSA', n: 'x', e: 'AQAB' }
  const answering = (keys: unknown[]) =>
    new TeamKeys(
      () => Promise.resolve(Response.json({ keys })),
      () => 0,
    )

  it('of other kinds are passed over', async () => {
    const others = [
      { kid: 'b', kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
      { kty: 'RSA', n: 'x', e: 'AQAB' },
      { kid: 7 },
      null,
      'key',
    ]
    const keys = answering([...others, rsa])
    expect(await keys.find('https://t', 'a')).toMatchObject(rsa)
    expect(await keys.find('https://t', 'b')).toBeUndefined()
  })

  it('that cannot be had are not asked for by each forged token', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    let asked = 0
    let now = 0
    const down = () => {
      asked += 1
      return Promise.reject(new Error('down'))
    }
    const keys = new TeamKeys(down, () => now)
    for (let turn = 0; turn < 50; turn++) {
      await expect(keys.find('https://t', `kid-${turn}`)).rejects.toMatchObject({
        code: 'access_keys_unreachable',
      })
    }
    expect(asked).toBe(3)
    now = 6_000
    await expect(keys.find('https://t', 'kid')).rejects.toThrow('No keys')
    expect(asked).toBe(4)
  })
})

describe('S7 the sources of jobs that the page shows', () => {
  const { app, bindings } = deployed()
  const ASSETS = {
    fetch: (request: Request) => {
      const isFile = request.url.endsWith('/process-orders-x.js')
      const type = isFile ? 'text/javascript' : 'text/html'
      return Promise.resolve(new Response('export {}', { headers: { 'content-type': type } }))
    },
  }
  const get = (file: string, headers: Record<string, string> = {}) =>
    app.request(`${BASE}/sources/${file}`, { headers }, { ...bindings, ASSETS })

  it('are for viewers, not for everybody', async () => {
    expect((await get('process-orders-x.js')).status).toBe(401)
    const viewer = { authorization: `Bearer ${TOKENS.viewer}` }
    const answer = await get('process-orders-x.js', viewer)
    expect([answer.status, await answer.text()]).toEqual([200, 'export {}'])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect((await get('nonesuch.js', viewer)).status).toBe(404)
  })
})
