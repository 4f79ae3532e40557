import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Authorize } from '../../src/worker/index.ts'
import { createDogear } from '../../src/worker/index.ts'
import { API_TOKENS, deployed, TOKENS } from '../support/access.ts'
import { createTables } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

/** Knows people by a cookie, as a host's own sessions do. */
const authorize: Authorize = (request) => {
  const who = /acme=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1]
  if (who === 'expired') return Response.redirect('https://acme.example/login')
  if (who === 'anna') return { name: 'anna', role: 'admin' }
  return who === 'vera' ? { name: 'vera', role: 'viewer' } : null
}
const as = (who: string, more: Record<string, string> = {}) => ({
  headers: { cookie: `acme=${who}`, ...more },
})
const START = '/api/jobs/append-steps/runs'

describe('Whoever the host knows', () => {
  const { ask } = deployed({ API_TOKENS }, { authorize })

  it('may do what their role may, and is in the audit trail by their name', async () => {
    expect((await ask('GET', '/api/runs', as('vera'))).status).toBe(200)
    expect((await ask('POST', START, as('vera'))).status).toBe(403)
    expect((await ask('POST', START, as('anna'))).status).toBe(201)
    const { entries } = (await ask('GET', '/api/audit?limit=2', as('anna'))).json
    expect(entries).toMatchObject([
      { actor: 'anna', role: 'admin', how: 'host', status: 201 },
      { actor: 'vera', role: 'viewer', how: 'host', status: 403 },
    ])
  })

  it('may not be used by the page of another site', async () => {
    const elsewhere = as('anna', { 'sec-fetch-site': 'cross-site' })
    expect((await ask('POST', START, elsewhere)).json).toMatchObject({ code: 'cross_site' })
    const own = as('anna', { 'sec-fetch-site': 'same-origin' })
    expect((await ask('POST', START, own)).status).toBe(201)
  })

  it('gets the host’s own answer where it gives one', async () => {
    const answer = await ask('GET', '/api/runs', as('expired'))
    expect(answer.status).toBe(302)
    expect(answer.headers.get('location')).toBe('https://acme.example/login')
  })

  it('need not be all there are: tokens count beside', async () => {
    expect((await ask('GET', '/api/runs', { as: 'viewer' })).status).toBe(200)
    expect((await ask('GET', '/api/runs', as('nobody'))).status).toBe(401)
    expect(TOKENS.viewer).toBeDefined()
  })
})

describe('Where nothing is set up', () => {
  const here = { headers: { 'cf-connecting-ip': '127.0.0.1' }, base: 'http://localhost:8787' }

  it('whoever asks from the machine itself is a developer', async () => {
    const { ask } = deployed({})
    expect((await ask('GET', '/api/runs', here)).status).toBe(200)
    const six = { headers: { 'cf-connecting-ip': '::1' }, base: 'http://[::1]:8787' }
    expect((await ask('GET', '/api/runs', six)).status).toBe(200)
  })

  it.each([
    ['from elsewhere', { ...here, headers: { 'cf-connecting-ip': '203.0.113.7' } }],
    ['by another Worker, which makes the request up', { ...here, headers: {} }],
    [
      'through a tunnel or a proxy of this machine',
      { ...here, headers: { ...here.headers, 'x-forwarded-for': '203.0.113.7' } },
    ],
    ['by a name that only resolves to this machine', { ...here, base: 'http://evil.example:8787' }],
  ])('nobody is let in %s', async (_from, request) => {
    const { ask } = deployed({})
    const answer = await ask('GET', '/api/runs', request)
    expect(answer.json).toMatchObject({ status: 401, code: 'access_unconfigured' })
  })

  it.each([
    ['tokens', deployed({ API_TOKENS })],
    ['the host', deployed({}, { authorize })],
  ])('no longer holds once %s decide', async (_who, { ask }) => {
    expect((await ask('GET', '/api/runs', here)).status).toBe(401)
  })
})

describe('The page of a Dogear with a host', () => {
  const dogear = createDogear({ jobs: [appendSteps], runs: 'RUNS', authorize, path: '/jobs' })
  const ask = (path: string, headers: Record<string, string> = {}) =>
    dogear.fetch(
      new Request(`https://acme.example${path}`, { headers: { accept: 'text/html', ...headers } }),
      env,
      {} as ExecutionContext,
    )

  it('is below its path, and no secret', async () => {
    expect(await (await ask('/jobs/runs')).text()).toContain('content="/jobs"')
  })

  it('is not served to whom the host sends elsewhere', async () => {
    expect((await ask('/jobs', { cookie: 'acme=expired' })).status).toBe(302)
  })

  it('is the same where the host has taken the path away', async () => {
    expect(await (await ask('/runs')).text()).toContain('content="/jobs"')
    expect((await ask('/health', { accept: '*/*' })).status).toBe(200)
  })
})
