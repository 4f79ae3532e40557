import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { api } from '../../src/api/index.ts'
import { defineJob } from '../../src/engine/index.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import { BASE, deployed, TOKENS } from '../support/access.ts'
import { state } from '../support/api.ts'
import { createTables, drain } from '../support/drive.ts'

beforeAll(createTables)

/** Takes whatever it is given, and gives it back. */
const anything = defineJob({
  name: 'anything',
  params: z.looseObject({}),
  sensitive: ['__proto__.x', 'constructor'],
  perform: ({ step, params }) => step('give-back', () => params as never),
})
const jobs = new Registry([anything])
const { ask, bindings } = deployed()

/** Starts a run with this text as the body: what JSON.stringify would not write. */
async function startWith(text: string) {
  const answer = await api(jobs).request(
    `${BASE}/api/jobs/anything/runs`,
    {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${TOKENS.operator}`,
      },
      body: text,
    },
    bindings,
  )
  return { status: answer.status, json: await answer.json<Record<string, unknown>>() }
}

describe('H45 params and labels', () => {
  it('that name a prototype change none, and what is sensitive among them stays hidden', async () => {
    const { status, json } = await startWith(
      `{"params": {
          "__proto__": {"polluted": true, "x": "secret-1"},
          "constructor": {"prototype": {"polluted": "secret-2"}},
          "$date": "x", "$object": {"a": 1}, "$bigint": "12"
        },
        "labels": {"a": "=HYPERLINK(1)", "b": "</script><img src=x onerror=alert(1)>"}}`,
    )
    expect(status).toBe(201)
    expect(json).toMatchObject({
      params: { constructor: '[sensitive]', $date: 'x', $object: { a: 1 }, $bigint: '12' },
      labels: { a: '=HYPERLINK(1)', b: '</script><img src=x onerror=alert(1)>' },
    })
    expect(JSON.stringify(json)).not.toMatch(/secret-[12]/)
    const end = await drain(String(json['id']), { jobs })
    // The codec's own words, as keys of the user's, come back as they were.
    expect(end).toMatchObject({
      status: 'completed',
      result: { $date: 'x', $object: { a: 1 }, $bigint: '12' },
    })
    for (const object of [{}, [], end, end.result, json['params']]) {
      expect((object as { polluted?: unknown }).polluted).toBeUndefined()
    }
  })

  it.each([
    ['params', `{"params":{"x":${'['.repeat(1_000)}${']'.repeat(1_000)}}}`, 422, 'invalid_params'],
    ['labels', `{"labels":{"x":${'['.repeat(1_000)}${']'.repeat(1_000)}}}`, 400, 'invalid_request'],
  ])(
    'H55 %s of 1,000 levels are refused, and no run is made',
    async (_what, text, status, code) => {
      const before = await state()
      const rows = () => env.DB.prepare('SELECT count(*) AS n FROM dogear_runs').first()
      const rowsBefore = await rows()
      const answer = await startWith(text)
      expect(answer).toMatchObject({ status, json: { code } })
      expect(String(answer.json['detail']).length).toBeLessThan(600)
      expect(await state()).toEqual(before)
      expect(await rows()).toEqual(rowsBefore)
    },
  )
})

describe('H46 the text of an error', () => {
  it.each([
    ['in a query', 'GET', (name: string) => `/api/runs?job=${name}`],
    ['in a path', 'POST', (name: string) => `/api/jobs/${name}/runs`],
  ])(
    'has a line break that was asked for %s as text of the body, never as a header',
    async (_where, method, path) => {
      const name = encodeURIComponent('a\r\nSet-Cookie: x=1')
      const { status, headers, json } = await ask(method, path(name), { as: 'operator' })
      expect([status, json['code']]).toEqual([404, 'unknown_job'])
      expect(json['detail']).toContain(String.raw`a`)
      expect(headers.get('set-cookie')).toBeNull()
      for (const value of headers.values()) expect(value).not.toContain('Set-Cookie')
    },
  )

  it('stays short, however long the name that it quotes', async () => {
    const name = 'n'.repeat(9_000)
    for (const [method, path] of [
      ['GET', `/api/runs?job=${name}`],
      ['POST', `/api/jobs/${name}/runs`],
      ['GET', `/api/runs/${name}`],
    ] as const) {
      const { status, json } = await ask(method, path, { as: 'operator' })
      expect([path.slice(0, 20), status >= 400 && status < 500]).toEqual([path.slice(0, 20), true])
      expect(String(json['detail']).length).toBeLessThan(5_000)
    }
  })

  it('names the key that is too long by its length', async () => {
    const answer = await ask('POST', '/api/jobs/append-steps/runs', {
      as: 'operator',
      body: {},
      headers: { 'idempotency-key': 'x'.repeat(201) },
    })
    expect(answer).toMatchObject({
      status: 400,
      json: { code: 'invalid_request', detail: expect.stringContaining('201 characters') },
    })
  })
})
