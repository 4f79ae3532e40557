import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { pruneAudit, type AuditEntry } from '../../src/api/access/audit-log.ts'
import { API_TOKENS, deployed, TOKENS } from '../support/access.ts'
import { state } from '../support/api.ts'
import { createTables, drain, start } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)
beforeEach(async () => {
  await env.DB.prepare('DELETE FROM dogear_audit').run()
})
afterEach(() => {
  vi.restoreAllMocks()
})

const { ask } = deployed()

async function trail(query = ''): Promise<AuditEntry[]> {
  const { json } = await ask('GET', `/api/audit${query}`, { as: 'operator' })
  return json['entries'] as AuditEntry[]
}

/** D1 that fails at what `fails` says. */
function failingDatabase(fails: (sql: string) => boolean): D1Database {
  return new Proxy(env.DB, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property)
      if (property === 'prepare') {
        return (sql: string) => {
          if (fails(sql)) throw new Error('D1_ERROR: Network connection lost')
          return target.prepare(sql)
        }
      }
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

describe('the audit trail', () => {
  it('has an entry for a run that is started: who, how, what, and which run', async () => {
    const answer = await ask('POST', '/api/jobs/append-steps/runs', {
      as: 'operator',
      body: { params: { items: 4_711 }, hold: true, labels: { campaign: 'spring' } },
      headers: { 'idempotency-key': 'audited' },
    })
    expect(await trail()).toEqual([
      {
        id: expect.any(Number),
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        actor: 'operator-1',
        role: 'operator',
        how: 'token',
        action: 'POST /api/jobs/:job/runs',
        run: answer.json['id'],
        detail: {
          job: 'append-steps',
          idempotencyKey: 'audited',
          hold: true,
          labels: { campaign: 'spring' },
        },
        status: 201,
      },
    ])
  })

  it('has commands, uploads, and what is done to the shop; reading leaves no entry', async () => {
    const run = await start(appendSteps)
    await ask('POST', `/api/runs/${run}/pause`, { as: 'operator' })
    await ask('PUT', '/api/shop/imports/none.csv', { as: 'operator', body: {} })
    await ask('POST', '/api/shop/seed', { as: 'admin', body: { orders: 1, customers: 1 } })
    await ask('GET', `/api/runs/${run}`, { as: 'viewer' })
    const entries = await trail()
    expect(
      entries.map(({ action, run: of, detail, status }) => [action, of, detail, status]),
    ).toEqual([
      ['POST /api/shop/seed', null, { orders: 1, customers: 1 }, 200],
      ['PUT /api/shop/imports/:name', null, { name: 'none.csv' }, 422],
      ['POST /api/runs/:id/:command', run, { id: run, command: 'pause' }, 200],
    ])
  })

  it('has what was refused by role, and not what nobody asked for by a name', async () => {
    await ask('POST', '/api/shop/clean', { as: 'operator' })
    await ask('GET', '/api/audit', { as: 'viewer' })
    await ask('POST', '/api/shop/clean')
    await ask('POST', '/api/shop/clean', { headers: { authorization: 'Bearer wrong-5f1d0c2b9a' } })
    const entries = await trail()
    expect(entries.map(({ actor, action, status }) => [actor, action, status])).toEqual([
      ['(unknown)', 'POST /api/shop/clean', 401],
      ['viewer-1', 'GET /api/audit', 403],
      ['operator-1', 'POST /api/shop/clean', 403],
    ])
  })

  it('has who began a session, and that a session was used, but never its token', async () => {
    const answer = await ask('POST', '/api/session', { body: { token: TOKENS.admin } })
    const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
    await ask('POST', '/api/shop/reset', { headers: { cookie, 'sec-fetch-site': 'same-origin' } })
    const entries = await trail()
    expect(entries.map(({ actor, how, action }) => [actor, how, action])).toEqual([
      ['admin-1', 'session', 'POST /api/shop/reset'],
      ['admin-1', 'session', 'POST /api/session'],
    ])
    const { results } = await env.DB.prepare('SELECT * FROM dogear_audit').all()
    expect(JSON.stringify(results)).not.toContain(TOKENS.admin)
  })

  it('keeps no params, no unknown fields and nothing of great length', async () => {
    const secret = 'sk-do-not-tell-1234'
    await ask('POST', '/api/jobs/append-steps/runs', {
      as: 'operator',
      body: { params: { apiKey: secret }, apiKey: secret },
    })
    await ask('POST', '/api/runs/bulk', {
      as: 'operator',
      body: { command: 'pause', filter: { job: 'x'.repeat(5_000) } },
    })
    const [bulk, run] = await trail()
    expect(run).toMatchObject({ detail: { job: 'append-steps' }, run: null })
    expect(run?.detail).toEqual({ job: 'append-steps' })
    expect(bulk?.detail).toMatchObject({ command: 'pause', cut: true })
    expect(String(bulk?.detail['filter'])).toMatch(/^\{"job":"x{100,2000}…$/)
  })

  it('H41 has what was done also where the request is made too long to be kept', async () => {
    const origin = await start(appendSteps, { params: { items: 2 } })
    await drain(origin)
    const labels = Object.fromEntries(
      Array.from({ length: 10 }, (_, index) => [`l${index}${'x'.repeat(60)}`, 'v'.repeat(100)]),
    )
    const key = 'k'.repeat(200)
    const forked = await ask('POST', `/api/runs/${origin}/fork`, {
      as: 'operator',
      body: { seq: 0, labels },
      headers: { 'idempotency-key': key },
    })
    const bulk = await ask('POST', '/api/runs/bulk', {
      as: 'operator',
      body: { command: 'cancel', filter: { job: 'append-steps' } },
      headers: { 'idempotency-key': 'b' },
    })
    expect([forked.status, bulk.status]).toEqual([201, 201])
    expect(await trail()).toMatchObject([
      {
        action: 'POST /api/runs/bulk',
        status: 201,
        detail: { idempotencyKey: 'b', command: 'cancel', filter: { job: 'append-steps' } },
      },
      {
        action: 'POST /api/runs/:id/fork',
        status: 201,
        run: origin,
        detail: { id: origin, idempotencyKey: key, seq: 0, labels },
      },
    ])
  })

  it('is written before anything is done: what cannot be written is not done', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const DB = failingDatabase((sql) => sql.includes('INTO dogear_audit'))
    const broken = deployed({ API_TOKENS, DB })
    const before = await state()
    for (const [path, as] of [
      ['/api/jobs/append-steps/runs', 'operator'],
      ['/api/shop/seed', 'admin'],
      ['/api/shop/clean', 'viewer'],
    ] as const) {
      expect(await broken.ask('POST', path, { as })).toMatchObject({
        status: 503,
        json: { code: 'audit_unavailable' },
      })
    }
    const login = await broken.ask('POST', '/api/session', { body: { token: TOKENS.admin } })
    expect(login.status).toBe(503)
    expect(login.headers.get('set-cookie')).toBeNull()
    expect(await state()).toEqual(before)
    expect(await trail()).toEqual([])
    expect(JSON.stringify(log.mock.calls)).toContain('audit.unwritten')
    expect((await broken.ask('GET', '/api/runs', { as: 'viewer' })).status).toBe(200)
  })

  it('has an entry without an outcome when that could not be written', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    const DB = failingDatabase((sql) => sql.includes('UPDATE dogear_audit'))
    const answer = await deployed({ API_TOKENS, DB }).ask('POST', '/api/jobs/append-steps/runs', {
      as: 'operator',
    })
    expect(answer.status).toBe(201)
    expect(await trail()).toMatchObject([{ action: 'POST /api/jobs/:job/runs', status: null }])
    expect(JSON.stringify(log.mock.calls)).toContain('audit.outcome_unwritten')
  })

  it('is read page by page, by run and by actor, each page from an index', async () => {
    const [one, other] = [await start(appendSteps), await start(appendSteps)]
    for (const command of ['pause', 'resume', 'cancel']) {
      await ask('POST', `/api/runs/${one}/${command}`, { as: 'operator' })
      await ask('POST', `/api/runs/${other}/${command}`, { as: 'admin' })
    }
    const commands: unknown[] = []
    let cursor: string | null = ''
    do {
      const query = `?run=${one}&limit=2${cursor ? `&cursor=${cursor}` : ''}`
      const { json } = await ask('GET', `/api/audit${query}`, { as: 'operator' })
      commands.push(...(json['entries'] as AuditEntry[]).map(({ detail }) => detail['command']))
      cursor = json['nextCursor'] as string | null
    } while (cursor !== null)
    expect(commands).toEqual(['cancel', 'resume', 'pause'])
    expect(await trail('?actor=admin-1')).toHaveLength(3)
    expect(await trail(`?actor=admin-1&run=${one}`)).toEqual([])
    const plan = await env.DB.prepare(
      'EXPLAIN QUERY PLAN SELECT id FROM dogear_audit WHERE run = ? AND id < ? ORDER BY id DESC LIMIT 3',
    )
      .bind(one, 99)
      .all<{ detail: string }>()
    expect(plan.results.map(({ detail }) => detail).join()).toMatch(
      /USING .*INDEX dogear_audit_by_run/,
    )
    expect(plan.results.map(({ detail }) => detail).join()).not.toMatch(/SCAN|TEMP B-TREE/)
  })

  it.each(['?limit=0', '?limit=501', '?cursor=abc', '?cursor=-1', '?colour=red'])(
    'refuses the query %s',
    async (query) => {
      expect(await ask('GET', `/api/audit${query}`, { as: 'operator' })).toMatchObject({
        status: 400,
        json: { code: 'invalid_query' },
      })
    },
  )

  it('forgets what is older than 400 days', async () => {
    await ask('POST', '/api/shop/reset', { as: 'admin' })
    const [entry] = await trail()
    const at = Date.parse(entry?.at ?? '')
    await pruneAudit(env.DB, at + 400 * 86_400_000)
    expect(await trail()).toHaveLength(1)
    await pruneAudit(env.DB, at + 400 * 86_400_000 + 1)
    expect(await trail()).toEqual([])
  })
})
