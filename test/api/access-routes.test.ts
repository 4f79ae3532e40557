import { beforeAll, describe, expect, it } from 'vitest'
import { mayAct, ROLES } from '../../src/api/caller.ts'
import { PERMISSIONS, permissionFor } from '../../src/api/access/permissions.ts'
import { shopApi } from '../../src/shop/index.ts'
import { deployed, TOKENS } from '../support/access.ts'
import { state } from '../support/api.ts'
import { createTables } from '../support/drive.ts'

beforeAll(createTables)

const VALUES: Record<string, string> = {
  id: '0123456789abcdef0123456789abcdef',
  job: 'nonesuch',
  command: 'pause',
  name: 'none.csv',
}

interface Operation {
  method: string
  /** As Hono writes it. */
  route: string
  /** With something in the place of each parameter. */
  path: string
}

/** All that the OpenAPI document describes. */
async function operations(): Promise<Operation[]> {
  const { json } = await deployed().ask('GET', '/openapi.json', { as: 'viewer' })
  return Object.entries(json['paths'] as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({
      method: method.toUpperCase(),
      route: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      path: path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => VALUES[name] ?? 'x'),
    })),
  )
}

const permissions = { ...PERMISSIONS, ...shopApi.permissions }

describe('every route', () => {
  it('has a permission, and every permission a route', () => {
    const { app } = deployed()
    const routes = app.routes.filter(({ method }) => method !== 'ALL')
    const without = routes
      .map(({ method, path }) => `${method} ${path}`)
      .filter((route) => permissions[route] === undefined)
    expect(without, 'add them to src/api/access/permissions.ts').toEqual([])
    const known = new Set(routes.map(({ method, path }) => `${method} ${path}`))
    const gone = Object.keys(permissions).filter((route) => !known.has(route))
    expect(gone, 'remove them from src/api/access/permissions.ts').toEqual([])
  })

  it('of the OpenAPI document answers nobody without a role, and each role that suffices', async () => {
    const { ask } = deployed()
    const described = await operations()
    expect(described.length).toBeGreaterThan(15)
    for (const { method, route, path } of described) {
      const permission = permissionFor([{ method, path: route }], permissions)
      const what = `${method} ${path}`
      if (permission === undefined || permission === 'anyone') {
        expect(['/api/session', '/health'], what).toContain(route)
        continue
      }
      const body = method === 'POST' ? { body: { quick: true } } : {}
      const before = await state()
      const none = await ask(method, path, body)
      expect(none, what).toMatchObject({ status: 401, json: { code: 'unauthenticated' } })
      const wrong = { ...body, headers: { authorization: 'Bearer wrong-5f1d0c2b9a' } }
      expect(await ask(method, path, wrong), what).toMatchObject({ status: 401 })
      for (const role of ROLES.filter((each) => !mayAct(each, permission))) {
        const low = await ask(method, path, { ...body, as: role })
        expect(low, `${what} as ${role}`).toMatchObject({
          status: 403,
          json: { code: 'forbidden' },
        })
      }
      expect(await state(), what).toEqual(before)
      for (const role of ROLES.filter((each) => mayAct(each, permission))) {
        const { status } = await ask(method, path, { ...body, as: role })
        expect([200, 400, 404, 422], `${what} as ${role} answered ${status}`).toContain(status)
      }
    }
  })

  it('that has no permission is served to nobody, an admin neither', async () => {
    const { app, ask } = deployed()
    let served = 0
    app.get('/api/forgotten', (c) => {
      served += 1
      return c.text('secret')
    })
    expect(await ask('GET', '/api/forgotten')).toMatchObject({ status: 401 })
    expect(await ask('GET', '/api/forgotten', { as: 'admin' })).toMatchObject({
      status: 404,
      json: { code: 'not_found' },
    })
    expect(served).toBe(0)
  })

  it.each([
    '/api/runs/',
    '//api/runs',
    '/api/./runs',
    '/API/runs',
    '/api/shop/%63lean',
    '/api/shop/snapshot/../clean',
    '/api/runs/..%2Fshop%2Fclean/cancel',
    '/health/../api/shop/clean',
  ])('is found by the router alone, so that %s is no way around its permission', async (path) => {
    const { ask } = deployed()
    const before = await state()
    expect((await ask('POST', path)).status).toBe(401)
    expect([403, 404]).toContain((await ask('POST', path, { as: 'viewer' })).status)
    expect(await state()).toEqual(before)
  })

  it('answers HEAD as it answers GET', async () => {
    const { ask } = deployed()
    expect((await ask('HEAD', '/api/runs')).status).toBe(401)
    expect((await ask('HEAD', '/api/audit', { as: 'viewer' })).status).toBe(403)
    expect((await ask('HEAD', '/api/runs', { as: 'viewer' })).status).toBe(200)
  })

  it('but health needs credentials where nothing is configured', async () => {
    const { ask } = deployed({})
    expect(await ask('GET', '/health')).toMatchObject({ status: 200 })
    for (const path of ['/', '/openapi.json', '/metrics', '/api/runs', '/api/session', '/api/x']) {
      expect(await ask('GET', path)).toMatchObject({
        status: 401,
        json: { code: 'access_unconfigured', detail: expect.stringContaining('API_TOKENS') },
      })
    }
  })
})

describe('H44 a path written in another way opens nothing', () => {
  const run = '/api/runs/00000000000000000000000000000000'

  // What the viewer gets; who is nobody gets 401 each time.
  it.each([
    ['a slash at its end', 'GET', '/api/runs/', 404],
    ['a slash at the end of a command', 'POST', `${run}/kill/`, 404],
    ['two slashes', 'GET', '//api/runs', 404],
    ['a letter encoded', 'GET', '/api/%72uns', 200],
    ['a letter of a command encoded', 'POST', `${run}/kil%6c`, 403],
    ['an encoded way up', 'GET', '/api/runs%2F..%2Fshop', 404],
    ['an encoded way up in a parameter', 'GET', '/api/runs/..%2f..%2fmetrics', 404],
    ['capitals', 'GET', '/API/RUNS', 404],
    ['a parameter after a semicolon', 'GET', '/api/runs;x=1', 404],
    ['a query that the route does not have', 'POST', '/api/shop/clean?x', 403],
    ['a method that only asks', 'HEAD', '/api/runs', 200],
    ['OPTIONS', 'OPTIONS', '/api/runs', 404],
    ['TRACE', 'TRACE', '/api/runs', 404],
    ['PATCH', 'PATCH', '/api/runs', 404],
    ['PUT', 'PUT', '/api/runs', 404],
  ])('by %s: %s %s', async (_how, method, path, status) => {
    const { ask } = deployed()
    const before = await state()
    expect((await ask(method, path)).status).toBe(401)
    expect((await ask(method, path, { as: 'viewer' })).status).toBe(status)
    expect(await state()).toEqual(before)
  })

  it('and the end of a session, which anybody may ask for, ends only one’s own', async () => {
    const { ask } = deployed()
    const cookie = (token: string) =>
      ask('POST', '/api/session', { body: { token } }).then(
        ({ headers }) => (headers.get('set-cookie') ?? '').split(';')[0] ?? '',
      )
    const mine = await cookie(TOKENS.viewer)
    expect((await ask('DELETE', '/api/session')).status).toBe(204)
    expect((await ask('GET', '/api/runs', { headers: { cookie: mine } })).status).toBe(200)
  })
})

describe('the strictest permission counts', () => {
  it('when a request matches several routes', () => {
    const matched = [
      { method: 'ALL', path: '/*' },
      { method: 'GET', path: '/api/runs' },
      { method: 'POST', path: '/api/shop/clean' },
      { method: 'GET', path: '/health' },
    ]
    expect(permissionFor(matched, permissions)).toBe('admin')
    expect(
      permissionFor([...matched, { method: 'GET', path: '/new' }], permissions),
    ).toBeUndefined()
    expect(permissionFor(matched.slice(0, 1), permissions)).toBeUndefined()
  })
})
