import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { networkOf } from '../../src/api/access/rate-limits.ts'
import { API_TOKENS, deployed, limitOf, TOKENS } from '../support/access.ts'
import { state } from '../support/api.ts'
import { createTables } from '../support/drive.ts'

beforeAll(createTables)
afterEach(() => {
  vi.restoreAllMocks()
})

async function hashed(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return `sha256:${Buffer.from(digest).toString('hex')}`
}

const one = (token: string, more: object = {}) =>
  JSON.stringify([{ name: 'ci', role: 'operator', token, ...more }])

describe('a bearer token', () => {
  it('makes its holder the caller, by its name and role', async () => {
    const { ask } = deployed()
    expect(await ask('GET', '/api/session', { as: 'operator' })).toMatchObject({
      status: 200,
      json: { name: 'operator-1', role: 'operator', how: 'token' },
    })
  })

  it('may be configured as its SHA-256, and then the digest itself opens nothing', async () => {
    const digest = await hashed(TOKENS.operator)
    const { ask } = deployed({ API_TOKENS: one(digest) })
    expect(await ask('GET', '/api/session', { as: 'operator' })).toMatchObject({
      json: { name: 'ci' },
    })
    for (const guess of [digest, digest.slice('sha256:'.length)]) {
      const headers = { authorization: `Bearer ${guess}` }
      expect(await ask('GET', '/api/session', { headers })).toMatchObject({ status: 401 })
    }
  })

  it.each([
    ['another', 'Bearer operator-77ab31e0c5'],
    ['a beginning of it', 'Bearer operator-77ab31e0c'],
    ['it and more', 'Bearer operator-77ab31e0c4a'],
    ['two of them', `Bearer ${TOKENS.viewer} ${TOKENS.admin}`],
    ['a comma', `Bearer ${TOKENS.viewer},${TOKENS.admin}`],
    ['nothing', 'Bearer '],
    ['no scheme', TOKENS.admin],
    ['another scheme', `Basic ${btoa(`admin:${TOKENS.admin}`)}`],
    ['a JSON value', 'Bearer {"$ne":null}'],
    ['SQL', "Bearer ' OR 1=1 --"],
    ['the word undefined', 'Bearer undefined'],
    ['an empty header', ''],
    ['10,000 characters', `Bearer ${'a'.repeat(10_000)}`],
  ])('is refused when %s is sent, and nothing has changed', async (_what, authorization) => {
    const { ask } = deployed()
    const before = await state()
    const answer = await ask('POST', '/api/shop/clean', { headers: { authorization } })
    expect(answer).toMatchObject({ status: 401, json: { code: 'unauthenticated' } })
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="dogear"')
    expect(answer.text).not.toContain(TOKENS.admin)
    expect(await state()).toEqual(before)
  })

  it('that is wrong is refused on a loopback address too', async () => {
    const { ask } = deployed({ DEV_ACCESS: 'loopback' })
    const headers = { authorization: 'Bearer wrong-5f1d0c2b9a' }
    const answer = await ask('GET', '/api/runs', { headers, base: 'http://localhost:8787' })
    expect(answer.status).toBe(401)
  })
})

describe('settings that are malformed let nobody in, and tell nobody what they are:', () => {
  const SECRET = 'very-secret-token-0001'
  it.each([
    ['tokens that are no JSON', { API_TOKENS: SECRET }],
    ['a list that is cut off', { API_TOKENS: one(SECRET).slice(0, -2) }],
    ['an object instead of a list', { API_TOKENS: JSON.stringify({ ci: SECRET }) }],
    ['a role that there is not', { API_TOKENS: one(SECRET, { role: 'root' }) }],
    ['no role', { API_TOKENS: JSON.stringify([{ name: 'ci', token: SECRET }]) }],
    ['no name', { API_TOKENS: one(SECRET, { name: '' }) }],
    ['a field that is not known', { API_TOKENS: one(SECRET, { [SECRET]: '2027-01-01' }) }],
    ['a token that is short', { API_TOKENS: one(SECRET.slice(0, 15)) }],
    ['a digest that is none', { API_TOKENS: one(`sha256:${SECRET}`) }],
    [
      'two tokens of a name',
      { API_TOKENS: `[${one(SECRET).slice(1, -1)},${one(`${SECRET}2`).slice(1, -1)}]` },
    ],
    ['a team without https', { ACCESS_TEAM: 'http://acme.example', ACCESS_AUD: SECRET }],
    ['a team with a path', { ACCESS_TEAM: 'https://acme.example/x', ACCESS_AUD: SECRET }],
    ['a team without an audience', { ACCESS_TEAM: 'https://acme.example' }],
    ['a team without roles', { ACCESS_TEAM: 'https://acme.example', ACCESS_AUD: SECRET }],
    [
      'roles that there are not',
      { ACCESS_TEAM: 'https://acme.example', ACCESS_AUD: SECRET, ACCESS_ROLES: '{"*":"root"}' },
    ],
    ['another word for developers', { API_TOKENS, DEV_ACCESS: 'any' }],
  ])('%s', async (_what, settings) => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const { ask } = deployed(settings)
    for (const headers of [{ authorization: `Bearer ${SECRET}` }, {}]) {
      const answer = await ask('GET', '/api/runs', { headers, base: 'http://localhost' })
      expect(answer).toMatchObject({ status: 500, json: { code: 'access_misconfigured' } })
      expect(answer.text).not.toContain(SECRET.slice(0, 10))
    }
    const logged = JSON.stringify(log.mock.calls)
    expect(logged).toContain('access.misconfigured')
    expect(logged).not.toContain(SECRET.slice(0, 10))
    expect(await ask('GET', '/health')).toMatchObject({ status: 200 })
  })
})

describe('a developer', () => {
  it.each(['http://localhost:8787', 'http://127.0.0.1:8787', 'http://[::1]:8787'])(
    'is admin at %s, when the Worker was started for development',
    async (base) => {
      const { ask } = deployed({ DEV_ACCESS: 'loopback' })
      expect(await ask('GET', '/api/session', { base })).toMatchObject({
        json: { name: 'developer', role: 'admin', how: 'dev' },
      })
      expect(await deployed({}).ask('GET', '/api/session', { base })).toMatchObject({ status: 401 })
    },
  )

  it.each([
    'https://dogear.example',
    'http://localhost.evil.example',
    'http://127.0.0.1.nip.example',
    'http://localhost@evil.example',
    'http://evil.example:8787',
    'http://192.168.0.7:8787',
    'http://0.0.0.0:8787',
  ])('is nobody at %s, to which any name may be made to resolve', async (base) => {
    const { ask } = deployed({ DEV_ACCESS: 'loopback' })
    const headers = { host: 'localhost', 'x-forwarded-host': 'localhost' }
    expect(await ask('GET', '/api/runs', { base, headers })).toMatchObject({ status: 401 })
  })

  it.each([
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://localhost:1234' }, 403],
    [{ 'sec-fetch-site': 'cross-site', origin: 'http://localhost:8787' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'same-origin' }, 200],
    [{ origin: 'http://localhost:8787' }, 200],
    [{}, 200],
  ])('is not spoken for by pages of other sites: %j is answered by %i', async (headers, status) => {
    const { ask } = deployed({ DEV_ACCESS: 'loopback' })
    const answer = await ask('POST', '/api/shop/reset', { base: 'http://localhost:8787', headers })
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.json).toMatchObject({ code: 'cross_site' })
  })
})

describe('the rate limit', () => {
  it('is for each token, and says when to try again', async () => {
    const API_LIMIT = limitOf(2)
    const { ask } = deployed({ API_TOKENS, API_LIMIT })
    for (const status of [200, 200, 429]) {
      expect(await ask('GET', '/api/jobs', { as: 'viewer' })).toMatchObject({ status })
    }
    const answer = await ask('POST', '/api/shop/clean', { as: 'viewer' })
    expect(answer).toMatchObject({ status: 429, json: { code: 'rate_limited' } })
    expect(answer.headers.get('retry-after')).toBe('60')
    expect(await ask('GET', '/api/jobs', { as: 'admin' })).toMatchObject({ status: 200 })
    expect(new Set(API_LIMIT.keys)).toEqual(new Set(['token:viewer-1', 'token:admin-1']))
  })

  it('of wrong tokens is for each network, and does not touch right ones', async () => {
    const LOGIN_LIMIT = limitOf(2)
    const { ask } = deployed({ API_TOKENS, LOGIN_LIMIT })
    const from = (ip: string, token: string) => ({
      headers: { authorization: `Bearer ${token}`, 'cf-connecting-ip': ip },
    })
    for (const [status, ip] of [
      [401, '2001:db8::1'],
      [401, '2001:db8:0:0:ffff::2'],
      [429, '2001:db8::3'],
      [401, '192.0.2.1'],
    ] as const) {
      expect(await ask('GET', '/api/jobs', from(ip, 'wrong-5f1d0c2b9a'))).toMatchObject({ status })
    }
    const right = from('2001:db8::1', TOKENS.viewer)
    expect(await ask('GET', '/api/jobs', right)).toMatchObject({ status: 200 })
  })

  it('is what wrangler.toml binds: wide for who is known, narrow for who guesses', async () => {
    const { API_LIMIT, LOGIN_LIMIT } = env
    const { ask } = deployed({ API_TOKENS, API_LIMIT, LOGIN_LIMIT })
    const guess = { headers: { authorization: 'Bearer wrong-5f1d0c2b9a' } }
    const answers: number[] = []
    // A minute may begin in between, and with it the count.
    while (answers.length < 45 && answers.at(-1) !== 429) {
      expect(await ask('GET', '/api/jobs', { as: 'viewer' })).toMatchObject({ status: 200 })
      answers.push((await ask('GET', '/api/jobs', guess)).status)
    }
    expect(answers.at(-1)).toBe(429)
    expect(answers.length).toBeGreaterThan(20)
  })

  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['2001:DB8:1:2:3:4:5:6', '2001:db8:1:0'],
    ['2001:db8:1:ff:3:4:5:6', '2001:db8:1:0'],
    ['2001:db8:1:1ff:3:4:5:6', '2001:db8:1:100'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:0db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['', ''],
  ])('counts %s as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})
