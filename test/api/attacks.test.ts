import { env, exports } from 'cloudflare:workers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PROBLEM_CODES } from '../../src/api/problem.ts'
import { shopApi } from '../../src/shop/index.ts'
import { PERMISSIONS } from '../../src/api/access/permissions.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { call, state } from '../support/api.ts'
import { createTables, drain, start } from '../support/drive.ts'
import { HOSTILE_TEXTS, HOSTILE_VALUES } from '../support/hostile.ts'
import { appendSteps } from '../support/jobs.ts'

/** Every route that takes anything, and each place of its requests where something hostile may stand. */
const ROUTES = Object.keys({ ...PERMISSIONS, ...shopApi.permissions }).map((route) => {
  const [method = '', path = ''] = route.split(' ')
  return { route, method, path }
})
const FILTER = ['status', 'job', 'label', 'error', 'group', 'schedule', 'since', 'until', 'q']
/** What each takes as a query, with a value that it takes. */
const QUERIES: Record<string, string[]> = {
  'GET /api/runs': [...FILTER, 'sort', 'limit'],
  'GET /api/runs/totals': [...FILTER, 'details'],
  'GET /api/runs/histogram': [...FILTER, 'buckets'],
  'GET /api/runs/:id/skips': ['limit', 'cursor', 'group'],
  'GET /api/runs/:id/skips/file': ['format', 'group'],
  'GET /api/runs/:id/events': ['after', 'logs'],
  'GET /api/runs/:id/history': ['limit', 'cursor', 'after', 'only'],
  'GET /api/runs/:id/logs': ['limit', 'cursor', 'after', 'level'],
  'GET /api/runs/:id/stretches': ['after'],
  'GET /api/runs/:id/ledger': ['limit', 'cursor', 'after'],
  'GET /api/runs/:id/slices': ['limit', 'cursor', 'after'],
  'GET /api/shop/mailbox': ['to', 'limit', 'cursor'],
  'GET /api/alerts': ['run', 'kind', 'open', 'limit', 'cursor'],
  'GET /api/errors': ['state', 'job', 'since', 'limit', 'cursor'],
  'GET /api/webhooks': ['run', 'limit', 'cursor'],
  'GET /api/audit': ['run', 'actor', 'limit', 'cursor'],
}
/** Places where any text may be looked for: nothing is found, and that is an answer. */
const SEARCHED = ['q', 'error', 'schedule', 'to', 'actor', 'run']
/** A body that is right, for those that take one. */
const BODIES: Record<string, object> = {
  'POST /api/jobs/:job/runs': { params: { items: 1 } },
  'POST /api/runs/bulk': { command: 'pause', filter: { label: 'nobody:has-it' } },
  'POST /api/runs/:id/:command': { hold: true },
  'POST /api/runs/:id/fork': { seq: 1_000_000 },
  'POST /api/runs/:id/restart': { step: 'nonesuch' },
  'POST /api/errors/:id/mute': { until: '1 hour' },
  'POST /api/errors/:id/retry': { dryRun: true },
  'POST /api/webhooks/test': { endpoint: 'nobody' },
  'POST /api/shop/seed': { orders: 1 },
  'POST /api/session': { token: 'a token' },
}

let run: string
let before: unknown

beforeAll(async () => {
  await createTables()
  await seedShop(env.DB, { orders: 5, customers: 2 })
  run = await start(appendSteps, { params: { items: 1 }, labels: { safe: 'sound' } })
  await drain(run)
  before = await state()
})

afterAll(async () => {
  expect(await state()).toEqual(before)
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
})

/** A path with all that it takes filled in as it should be. */
function filled(path: string): string {
  return path
    .replace(':id', run)
    .replace(':job', 'append-steps')
    .replace(':command', 'resume')
    .replace(':name', 'a.csv')
}

interface Answer {
  status: number
  code: string | undefined
  text: string
}

/** Sends it, and holds the answer against what every answer must be. */
async function attack(
  method: string,
  path: string,
  init: { body?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const answer = await exports.default.fetch(
    new Request(`http://localhost${path}`, { ...init, method, redirect: 'manual' }),
  )
  const told = `${method} ${path.slice(0, 200)} ${init.body?.slice(0, 100)}`
  const text = await answer.text()
  expect(answer.status, told).toBeLessThan(500)
  expect(answer.headers.get('content-type') ?? '', told).not.toContain('html')
  expect(answer.headers.get('set-cookie'), told).toBeNull()
  if (answer.ok) return { status: answer.status, code: undefined, text }
  expect(answer.headers.get('content-type'), told).toBe('application/problem+json')
  const { code } = JSON.parse(text) as { code: string }
  expect([...PROBLEM_CODES, ...Object.keys(shopApi.problems ?? {})], told).toContain(code)
  // What was sent comes back shortened, if at all.
  expect(text.length, told).toBeLessThan(6_000)
  return { status: answer.status, code, text }
}

const nested = '['.repeat(50_000) + ']'.repeat(50_000)
const json = { 'content-type': 'application/json' }

describe('a route refuses, and nothing has changed:', () => {
  const withParams = ROUTES.filter(({ path }) => path.includes(':'))
  it.each(withParams)('something hostile in the path of $route', async ({ method, path }) => {
    const [param = ''] = /:\w+/.exec(path) ?? []
    for (const text of HOSTILE_TEXTS) {
      const target = filled(path.replace(param, encodeURIComponent(text)))
      const { status } = await attack(method, target, { ...(method !== 'GET' && { body: '' }) })
      expect(status, text).toBeGreaterThanOrEqual(400)
    }
  })

  it.each(Object.entries(QUERIES))('something hostile in the query of %s', async (route, names) => {
    const [method = '', path = ''] = route.split(' ')
    for (const name of names) {
      for (const text of HOSTILE_TEXTS) {
        const target = `${filled(path)}?${name}=${encodeURIComponent(text)}`
        const { status, code } = await attack(method, target)
        if (SEARCHED.includes(name) && text.length < 100) expect(status, target).toBe(200)
        else expect(['invalid_query', 'unknown_job'], target.slice(0, 200)).toContain(code)
      }
    }
  })

  it.each(Object.keys(QUERIES).filter((route) => !route.endsWith('/skips')))(
    'an unknown name in the query of %s',
    async (route) => {
      const [method = '', path = ''] = route.split(' ')
      for (const name of ['__proto__', 'constructor', "q'--", 'STATUS']) {
        const { code } = await attack(method, `${filled(path)}?${encodeURIComponent(name)}=1`)
        expect(code, name).toBe('invalid_query')
      }
    },
  )

  describe.each(Object.entries(BODIES))('the body of %s', (route, right) => {
    const [method = '', path = ''] = route.split(' ')
    const sent = (body: string, headers: Record<string, string> = json) =>
      attack(method, filled(path), { body, headers })

    it('when it is hostile, or a part of it is', async () => {
      for (const value of HOSTILE_VALUES) {
        // Nothing at all may be just what is meant.
        if (JSON.stringify(value) !== '{}') {
          const { status } = await sent(JSON.stringify(value))
          expect(status, JSON.stringify(value)).toBeGreaterThanOrEqual(400)
        }
        for (const name of Object.keys(right)) {
          const { status: refused } = await sent(JSON.stringify({ ...right, [name]: [value] }))
          expect(refused, `${name}: ${JSON.stringify(value)}`).toBeGreaterThanOrEqual(400)
        }
        const more = await sent(JSON.stringify({ ...right, more: value }))
        expect(more.status).toBeGreaterThanOrEqual(400)
      }
    })

    it.each([
      ['no JSON', '{"a":', 'invalid_json'],
      ['nested without end', `{"params":${nested}}`, undefined],
      ['nested without end where it may be nested', `{"params":{"items":${nested}}}`, undefined],
      [
        'as large as can be',
        JSON.stringify({ params: { x: 'x'.repeat(500_000) } }),
        'body_too_large',
      ],
      ['of NULs', '\0'.repeat(100), 'invalid_json'],
    ])('when it is %s', async (_what, body, code) => {
      const answer = await sent(body)
      expect(answer.status).toBeGreaterThanOrEqual(400)
      if (code !== undefined) expect(answer.code).toBe(code)
    })

    it('when it is not called JSON', async () => {
      for (const type of ['text/plain', 'application/xml', 'multipart/form-data', 'text/html']) {
        const { status } = await sent(JSON.stringify(right), { 'content-type': type })
        expect(status, type).toBeGreaterThanOrEqual(400)
      }
    })
  })

  it.each(['POST /api/jobs/:job/runs', 'POST /api/runs/bulk'])(
    'an idempotency key that is too long, at %s',
    async (route) => {
      const [method = '', path = ''] = route.split(' ')
      const headers = { ...json, 'idempotency-key': 'x'.repeat(5_000) }
      const { code } = await attack(method, filled(path), {
        body: JSON.stringify(BODIES[route]),
        headers,
      })
      expect(code).toBe('invalid_request')
    },
  )

  it('an address without end', async () => {
    for (const path of [`/api/${'x'.repeat(30_000)}`, `/api/runs/${'a/'.repeat(10_000)}`]) {
      expect(await attack('GET', path)).toMatchObject({ status: 404, code: 'not_found' })
    }
  })

  it('a method that a route does not have', async () => {
    for (const { path } of ROUTES.filter(({ path: one }) => one.startsWith('/api/'))) {
      for (const method of ['PATCH', 'OPTIONS']) {
        expect((await attack(method, filled(path))).status, path).toBe(404)
      }
    }
  })
})

it('every route that takes a query or a body is attacked above', async () => {
  const { json: document } = await call('GET', '/openapi.json')
  const paths = document['paths'] as Record<string, Record<string, Described>>
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => ({
      route: `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
      queried: parameters.some((parameter) => parameter.in === 'query'),
      sent: requestBody?.content['application/json'] !== undefined,
    })),
  )
  const of = (what: 'queried' | 'sent') =>
    described.filter((one) => one[what]).map(({ route }) => route)
  expect(Object.keys(QUERIES).toSorted()).toEqual(of('queried').toSorted())
  expect(Object.keys(BODIES).toSorted()).toEqual(of('sent').toSorted())
})

interface Described {
  parameters?: { in: string }[]
  requestBody?: { content: Record<string, unknown> }
}
