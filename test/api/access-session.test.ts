import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { API_TOKENS, BASE, deployed, limitOf, TOKENS } from '../support/access.ts'
import { state } from '../support/api.ts'
import { createTables } from '../support/drive.ts'

beforeAll(createTables)

type Deployed = ReturnType<typeof deployed>

const HOUR = 3_600_000
const samePage = { 'sec-fetch-site': 'same-origin' }

/** The cookie of a new session, as a browser would send it, and how it was set. */
async function logIn({ ask }: Deployed, token: string = TOKENS.operator, base: string = BASE) {
  const answer = await ask('POST', '/api/session', { body: { token }, base })
  expect(answer.status).toBe(200)
  const set = answer.headers.get('set-cookie') ?? ''
  return { cookie: set.split(';')[0] ?? '', set, json: answer.json }
}

describe('a session', () => {
  it('is begun by a token, kept by a cookie that no script reads and no other site sends', async () => {
    const worker = deployed()
    const { cookie, set, json } = await logIn(worker)
    expect(json).toMatchObject({ name: 'operator-1', role: 'operator', how: 'session' })
    expect(set).toMatch(/^__Host-dogear-session=/)
    const attributes = set.split('; ').slice(1).sort()
    expect(attributes).toEqual(
      ['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Strict', 'Secure'].sort(),
    )
    expect(set).not.toContain(TOKENS.operator)
    expect(await worker.ask('GET', '/api/session', { headers: { cookie } })).toMatchObject({
      status: 200,
      json: { name: 'operator-1', role: 'operator', how: 'session' },
    })
  })

  it('works without https on a loopback address alone', async () => {
    const worker = deployed()
    const local = 'http://localhost:8787'
    const { cookie, set } = await logIn(worker, TOKENS.viewer, local)
    expect(set).toMatch(/^dogear-session\.8787=/)
    expect(set).not.toContain('Secure')
    const asked = { headers: { cookie }, base: local }
    expect(await worker.ask('GET', '/api/runs', asked)).toMatchObject({ status: 200 })
    expect((await logIn(worker, TOKENS.viewer, 'http://dogear.example')).set).toContain('Secure')
  })

  it.each<[string, ...[base: string, path: string][]]>([
    ['two paths of one host', ['https://acme.example', '/jobs'], ['https://acme.example', '/a/b']],
    ['a path below the other', ['https://acme.example', '/jobs'], ['https://acme.example', '']],
    ['like paths', ['https://acme.example', '/a/b'], ['https://acme.example', '/a.b']],
    ['two ports', ['http://localhost:8787', '/dogear'], ['http://localhost:8788', '/dogear']],
    ['a port and a path', ['http://localhost:8787', ''], ['http://localhost', '/8787']],
  ])('leaves that of another Dogear alone: %s', async (_what, ...dogears) => {
    const workers = dogears.map(([base, path]) => ({
      base,
      worker: deployed(undefined, { base: path }),
    }))
    // As a browser keeps them: for the host, by their names.
    const cookies = new Map<string, string>()
    for (const { base, worker } of workers) {
      const { cookie } = await logIn(worker, TOKENS.viewer, base)
      const [name = '', value = ''] = cookie.split('=')
      cookies.set(name, value)
    }
    expect(cookies.size).toBe(2)
    for (const [index, { base, worker }] of workers.entries()) {
      const [name, value] = [...cookies][index] ?? []
      const ask = (cookie: string) =>
        worker.ask('GET', '/api/session', { headers: { cookie }, base })
      const all = [...cookies].map(([one, its]) => `${one}=${its}`).join('; ')
      expect(await ask(all)).toMatchObject({ status: 200 })
      // Its own is the one that counts, and the one that goes.
      expect(await ask(all.replace(`${name}=${value}`, 'other=1'))).toMatchObject({ status: 401 })
      const left = await worker.ask('DELETE', '/api/session', { headers: samePage, base })
      expect(left.headers.get('set-cookie')?.split('=')[0]).toBe(name)
    }
  })

  it('is over after 12 hours, whatever the browser says', async () => {
    let time = Date.parse('2027-01-01T00:00:00Z')
    const worker = deployed({ API_TOKENS }, { now: () => time })
    const { cookie, json } = await logIn(worker)
    expect(json['endsAt']).toBe('2027-01-01T12:00:00.000Z')
    time += 12 * HOUR - 1
    expect(await worker.ask('GET', '/api/runs', { headers: { cookie } })).toMatchObject({
      status: 200,
    })
    time += 1
    expect(await worker.ask('GET', '/api/runs', { headers: { cookie } })).toMatchObject({
      status: 401,
    })
  })

  it('ends with its token, and has the role that the token has now', async () => {
    const { cookie } = await logIn(deployed())
    const tokens = JSON.parse(API_TOKENS) as { name: string; role: string; token: string }[]
    const withToken = (change: (token: (typeof tokens)[number]) => object | []) =>
      deployed({
        API_TOKENS: JSON.stringify(
          tokens.flatMap((token) => (token.name === 'operator-1' ? change(token) : token)),
        ),
      }).ask('GET', '/api/session', { headers: { cookie } })
    expect(await withToken((token) => token)).toMatchObject({ status: 200 })
    expect(await withToken(() => [])).toMatchObject({ status: 401 })
    expect(await withToken((token) => ({ ...token, token: 'operator-rotated-1' }))).toMatchObject({
      status: 401,
    })
    expect(await withToken((token) => ({ ...token, role: 'viewer' }))).toMatchObject({
      status: 200,
      json: { role: 'viewer' },
    })
  })

  it('is ended by logging out', async () => {
    const worker = deployed()
    const { cookie } = await logIn(worker)
    const answer = await worker.ask('DELETE', '/api/session', { headers: { cookie, ...samePage } })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-dogear-session=; Max-Age=0/)
  })

  it.each<[string, (cookie: string) => string]>([
    ['another name', (cookie) => cookie.replace('operator-1', 'admin-1')],
    ['a later end', (cookie) => cookie.replace(/(%3A)\d/, '$19')],
    [
      'another signature',
      (cookie) => cookie.replace(/\.(\w|%2B|%2F)/, (was) => (was === '.A' ? '.B' : '.A')),
    ],
    ['no signature', (cookie) => cookie.replace(/\..*$/, '')],
    ['an empty value', (cookie) => cookie.replace(/=.*$/, '=')],
    ['no end', () => '__Host-dogear-session=operator-1'],
    ['the other name of the cookie', (cookie) => cookie.replace('__Host-', '')],
    ['broken escapes', () => '__Host-dogear-session=%E0%A4%A'],
  ])('does not count with %s', async (_what, forge) => {
    const worker = deployed()
    const { cookie } = await logIn(worker)
    const forged = forge(cookie)
    expect(forged).not.toBe(cookie)
    const answer = await worker.ask('GET', '/api/runs', { headers: { cookie: forged } })
    expect(answer).toMatchObject({ status: 401, json: { code: 'unauthenticated' } })
  })

  it('cannot be made by who knows the digest of a token, but not the secret of this database', async () => {
    const worker = deployed()
    const { cookie } = await logIn(worker)
    await env.DB.prepare('UPDATE dogear_session_secret SET secret = randomblob(32)').run()
    // Another isolate, or a copy of the Worker with a database of its own.
    const answer = await deployed().ask('GET', '/api/runs', { headers: { cookie } })
    expect(answer.status).toBe(401)
  })
})

describe('logging in', () => {
  it.each([
    ['a wrong token', { token: 'wrong-5f1d0c2b9a' }, 401, 'unauthenticated'],
    ['no token', {}, 400, 'invalid_request'],
    ['a list', { token: [TOKENS.admin] }, 400, 'invalid_request'],
    ['more than a token', { token: TOKENS.admin, role: 'admin' }, 400, 'invalid_request'],
  ])('is refused for %s', async (_what, body, status, code) => {
    const answer = await deployed().ask('POST', '/api/session', { body })
    expect(answer).toMatchObject({ status, json: { code } })
    expect(answer.headers.get('set-cookie')).toBeNull()
    expect(answer.text).not.toContain(TOKENS.admin)
  })

  it('is refused to forms and pages of other sites', async () => {
    const { ask } = deployed()
    const body = { token: TOKENS.admin }
    const form = { 'content-type': 'text/plain' }
    expect((await ask('POST', '/api/session', { body, headers: form })).status).toBe(400)
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'same-site' }]) {
      expect(await ask('POST', '/api/session', { body, headers })).toMatchObject({
        status: 403,
        json: { code: 'cross_site' },
      })
    }
  })

  it('is limited for each address, also with the right token', async () => {
    const { ask } = deployed({ API_TOKENS, LOGIN_LIMIT: limitOf(3) })
    const attempt = (token: string, ip: string) =>
      ask('POST', '/api/session', { body: { token }, headers: { 'cf-connecting-ip': ip } })
    for (const status of [401, 401, 401, 429]) {
      expect((await attempt('wrong-5f1d0c2b9a', '192.0.2.1')).status).toBe(status)
    }
    const answer = await attempt(TOKENS.admin, '192.0.2.1')
    expect(answer).toMatchObject({ status: 429, json: { code: 'rate_limited' } })
    expect(answer.headers.get('retry-after')).toBe('60')
    expect((await attempt(TOKENS.admin, '192.0.2.2')).status).toBe(200)
  })
})

describe('a request by cookie that changes something', () => {
  it.each([
    [{}, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'http://dogear.example' }, 403],
    [{ origin: 'https://dogear.example.evil.example' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site', origin: BASE }, 403],
    [{ 'sec-fetch-site': 'none' }, 403],
    [{ origin: BASE }, 200],
    [samePage, 200],
  ])('must come from the page itself: %j is answered by %i', async (headers, status) => {
    const worker = deployed()
    const { cookie } = await logIn(worker, TOKENS.admin)
    const before = await state()
    const answer = await worker.ask('POST', '/api/shop/reset', { headers: { cookie, ...headers } })
    expect(answer.status).toBe(status)
    if (status === 403) expect(answer.json).toMatchObject({ code: 'cross_site' })
    expect(await state()).toEqual(before)
  })

  it('by a bearer token may come from anywhere', async () => {
    const headers = { origin: 'https://tools.example', 'sec-fetch-site': 'cross-site' }
    const answer = await deployed().ask('POST', '/api/shop/reset', { as: 'admin', headers })
    expect(answer.status).toBe(200)
  })
})
