import { sign } from 'hono/jwt'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { BASE, deployed, limitOf } from '../support/access.ts'
import { createTables } from '../support/drive.ts'
import { AUDIENCE, FakeTeam, TEAM } from '../support/team.ts'

const MINUTE = 60_000

let team: FakeTeam
let now: number

beforeAll(createTables)
beforeEach(async () => {
  team = new FakeTeam()
  await team.rotate('first')
  now = Date.parse('2027-03-01T12:00:00Z')
})
afterEach(() => {
  vi.restoreAllMocks()
})

const ROLES = { 'Ops@acme.example': 'operator', 'deploy-bot.access': 'admin' }

function behindAccess(roles: object = ROLES) {
  return deployed(
    { ACCESS_TEAM: `${TEAM}/`, ACCESS_AUD: AUDIENCE, ACCESS_ROLES: JSON.stringify(roles) },
    { fetch: team.fetch, now: () => now },
  )
}

const withJwt = (jwt: string) => ({ headers: { 'cf-access-jwt-assertion': jwt } })
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('a Cloudflare Access JWT', () => {
  it('gives an address the role that ACCESS_ROLES says', async () => {
    const jwt = await team.issue('ops@ACME.example', {}, now)
    expect(await behindAccess().ask('GET', '/api/session', withJwt(jwt))).toMatchObject({
      status: 200,
      json: { name: 'ops@acme.example', role: 'operator', how: 'cloudflare-access' },
    })
    expect(team.asked).toEqual([`${TEAM}/cdn-cgi/access/certs`])
  })

  it('of a service token is known by the name of that', async () => {
    const claims = { email: undefined, common_name: 'deploy-bot.access', sub: '' }
    const jwt = await team.issue('', claims, now)
    expect(await behindAccess().ask('GET', '/api/session', withJwt(jwt))).toMatchObject({
      json: { name: 'deploy-bot.access', role: 'admin' },
    })
  })

  it('of somebody else has the role of *, or none', async () => {
    const jwt = await team.issue('new@acme.example', {}, now)
    const { ask } = behindAccess({ ...ROLES, '*': 'viewer' })
    expect(await ask('GET', '/api/session', withJwt(jwt))).toMatchObject({
      json: { role: 'viewer' },
    })
    expect(await behindAccess().ask('GET', '/api/runs', withJwt(jwt))).toMatchObject({
      status: 403,
      json: { code: 'forbidden', detail: expect.stringContaining('new@acme.example') },
    })
  })

  it.each<[string, Record<string, unknown>]>([
    ['of another team', { iss: 'https://other.cloudflareaccess.example' }],
    ['without an issuer', { iss: undefined }],
    ['for another application', { aud: ['other'] }],
    ['for a longer audience', { aud: [`${AUDIENCE}0`] }],
    ['without an audience', { aud: undefined }],
    ['that is over', { exp: Date.parse('2027-03-01T11:58:59Z') / 1_000 }],
    ['without an end', { exp: undefined }],
    ['with an end that is a text', { exp: '9999999999' }],
    ['that has not begun', { nbf: Date.parse('2027-03-01T12:01:01Z') / 1_000 }],
    ['that names nobody', { email: '' }],
    ['that names a list', { email: ['ops@acme.example'] }],
  ])('%s does not count', async (_what, claims) => {
    const jwt = await team.issue('ops@acme.example', claims, now)
    const answer = await behindAccess({ '*': 'admin' }).ask('GET', '/api/runs', withJwt(jwt))
    expect(answer).toMatchObject({ status: 401, json: { code: 'unauthenticated' } })
    expect(answer.text).not.toContain(jwt)
  })

  it('counts a minute longer and earlier, since clocks differ', async () => {
    const { ask } = behindAccess()
    const jwt = await team.issue('ops@acme.example', { nbf: now / 1_000 + 59 }, now)
    expect((await ask('GET', '/api/runs', withJwt(jwt))).status).toBe(200)
    now += 15 * MINUTE + 59_000
    expect((await ask('GET', '/api/runs', withJwt(jwt))).status).toBe(200)
    now += 1_000
    expect((await ask('GET', '/api/runs', withJwt(jwt))).status).toBe(401)
  })

  it('with another algorithm, a forged part or a stranger for a signer does not count', async () => {
    const { ask } = behindAccess()
    const good = await team.issue('ops@acme.example', {}, now)
    const [header = '', payload = '', signature = ''] = good.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    const stranger = new FakeTeam('stranger')
    await stranger.rotate('first')
    const [publicKey] = (await team.publicKeys()) as { n: string }[]
    const forged = {
      none: `${base64({ alg: 'none', typ: 'JWT', kid: 'first' })}.${payload}.`,
      'none with its signature': `${base64({ alg: 'none', kid: 'first' })}.${payload}.${signature}`,
      // The public key as if it were a shared secret.
      HS256: await sign(claims as never, publicKey?.n ?? '', 'HS256'),
      'HS256 by that key': `${base64({ alg: 'HS256', typ: 'JWT', kid: 'first' })}.${payload}.${signature}`,
      RS512: `${base64({ alg: 'RS512', typ: 'JWT', kid: 'first' })}.${payload}.${signature}`,
      'another payload': `${header}.${base64({ ...claims, email: 'deploy-bot.access' })}.${signature}`,
      'no signature': `${header}.${payload}.`,
      'another signer': await stranger.issue('ops@acme.example', {}, now),
      'no key id': `${base64({ alg: 'RS256', typ: 'JWT' })}.${payload}.${signature}`,
      'a key of its own': `${base64({ alg: 'RS256', kid: 'first', jwk: publicKey, crit: ['jwk'] })}.${payload}.${signature}`,
      'two parts': `${header}.${payload}`,
      'no JSON': 'a.b.c',
      null: `${base64(null)}.${base64(null)}.x`,
      nothing: '',
      'a lot': 'x'.repeat(20_000),
    }
    for (const [what, jwt] of Object.entries(forged)) {
      const answer = await ask('GET', '/api/runs', withJwt(jwt))
      expect(answer, what).toMatchObject({ status: 401, json: { code: 'unauthenticated' } })
    }
    expect((await ask('GET', '/api/runs', withJwt(good))).status).toBe(200)
  })

  it('means nothing to a Worker that knows no team', async () => {
    const jwt = await team.issue('ops@acme.example', {}, now)
    const answer = await deployed({}, { fetch: team.fetch }).ask('GET', '/api/runs', withJwt(jwt))
    expect(answer).toMatchObject({ status: 401, json: { code: 'access_unconfigured' } })
    expect(team.asked).toEqual([])
  })

  it('that is wrong counts towards the limit of its address', async () => {
    const { ask } = deployed(
      {
        ACCESS_TEAM: TEAM,
        ACCESS_AUD: AUDIENCE,
        ACCESS_ROLES: '{"*":"viewer"}',
        LOGIN_LIMIT: limitOf(1),
      },
      { fetch: team.fetch, now: () => now },
    )
    expect((await ask('GET', '/api/runs', withJwt('a.b.c'))).status).toBe(401)
    expect((await ask('GET', '/api/runs', withJwt('a.b.c'))).status).toBe(429)
  })

  it.each([
    [{}, 201],
    [{ origin: BASE }, 201],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ origin: 'https://evil.example' }, 403],
  ])(
    'changes nothing for a page of another site: %j is answered by %i',
    async (headers, status) => {
      const jwt = await team.issue('ops@acme.example', {}, now)
      const answer = await behindAccess().ask('POST', '/api/jobs/append-steps/runs', {
        headers: { ...withJwt(jwt).headers, ...headers },
      })
      expect(answer.status).toBe(status)
    },
  )
})

describe('the keys of a team', () => {
  const askWith = async (worker: ReturnType<typeof behindAccess>) => {
    const jwt = await team.issue('ops@acme.example', {}, now)
    return (await worker.ask('GET', '/api/runs', withJwt(jwt))).status
  }

  it('are asked for once in an hour', async () => {
    const worker = behindAccess()
    expect([await askWith(worker), await askWith(worker)]).toEqual([200, 200])
    expect(team.asked).toHaveLength(1)
    now += 61 * MINUTE
    expect(await askWith(worker)).toBe(200)
    expect(team.asked).toHaveLength(2)
  })

  it('are asked for again when one is not known, and once in a minute at most', async () => {
    const worker = behindAccess()
    expect(await askWith(worker)).toBe(200)
    await team.rotate('second')
    expect(await askWith(worker)).toBe(401)
    expect(team.asked).toHaveLength(1)
    now += MINUTE
    expect(await askWith(worker)).toBe(200)
    expect(team.asked).toHaveLength(2)
    const invented = `${base64({ alg: 'RS256', typ: 'JWT', kid: 'invented' })}.${base64({})}.x`
    for (let count = 0; count < 5; count++) await worker.ask('GET', '/', withJwt(invented))
    expect(team.asked).toHaveLength(2)
  })

  it('that cannot be had let nobody in, and old ones count meanwhile', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const worker = behindAccess()
    team.reachable = false
    const jwt = await team.issue('ops@acme.example', {}, now)
    expect(await worker.ask('GET', '/api/runs', withJwt(jwt))).toMatchObject({
      status: 503,
      json: { code: 'access_keys_unreachable' },
    })
    team.reachable = true
    expect(await askWith(worker)).toBe(200)
    team.reachable = false
    now += 61 * MINUTE
    expect(await askWith(worker)).toBe(200)
    expect(JSON.stringify(log.mock.calls)).toContain('access.keys_unreachable')
  })

  it('that make no sense let nobody in', async () => {
    vi.spyOn(console, 'error').mockImplementation(() => {})
    const jwt = await team.issue('ops@acme.example', {}, now)
    for (const served of ['{}', '{"keys":[{"kid":"first","kty":"oct","k":"AA"}]}', '<html>', '']) {
      const worker = deployed(
        { ACCESS_TEAM: TEAM, ACCESS_AUD: AUDIENCE, ACCESS_ROLES: '{"*":"admin"}' },
        { fetch: () => Promise.resolve(new Response(served)), now: () => now },
      )
      expect(await worker.ask('GET', '/api/runs', withJwt(jwt))).toMatchObject({ status: 503 })
    }
  })
})
