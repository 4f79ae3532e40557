import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineJob, NonRetryableError } from '../../src/engine/index.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import { deployed } from '../support/access.ts'
import { call } from '../support/api.ts'
import { createTables, drain, start, view } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

interface Group {
  id: string
  state: string
  failed: number
  message: string
}

beforeAll(createTables)
beforeEach(async () => {
  await env.DB.batch(
    ['dogear_runs', 'dogear_lanes', 'dogear_error_groups', 'dogear_alerts'].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  )
})

/** A run of a job that fails with it at once. */
async function failed(message: string): Promise<string> {
  const run = await start(appendSteps, { params: { items: 1 } })
  const failing = defineJob({
    name: appendSteps.name,
    perform: () => Promise.reject(new NonRetryableError(message)),
  })
  await drain(run, { jobs: new Registry([failing]) })
  return run
}

async function list(query = '') {
  const { json, status } = await call('GET', `/api/errors${query}`)
  expect(status).toBe(200)
  return json as unknown as {
    groups: Group[]
    totals: Record<string, number>
    nextCursor: string | null
  }
}
const one = async (message: string): Promise<Group> => {
  const group = (await list()).groups.find((each) => each.message === message)
  if (!group) throw new Error(`no group of ${message}`)
  return group
}

describe('GET /api/errors', () => {
  it('has a group for each error, by state, job and time, page by page, with the totals', async () => {
    for (const word of ['one', 'two', 'three']) await failed(`no ${word}`)
    await failed('no one')
    const { groups, totals } = await list()
    expect(groups).toHaveLength(3)
    expect(totals).toEqual({ open: 3, dismissed: 0, muted: 0, resolved: 0 })
    const first = await list('?limit=2&state=open&job=append-steps')
    const rest = await list(`?limit=2&state=open&job=append-steps&cursor=${first.nextCursor}`)
    expect([...first.groups, ...rest.groups].map(({ id }) => id)).toEqual(
      groups.map(({ id }) => id),
    )
    expect(rest.nextCursor).toBeNull()
    expect((await list('?since=2099-01-01T00:00:00Z')).groups).toEqual([])
    expect((await list('?state=muted')).groups).toEqual([])
  })

  it.each([
    ['?state=odd', 'invalid_query'],
    ['?limit=0', 'invalid_query'],
    ['?cursor=abc', 'invalid_query'],
    [`?cursor=${btoa(`2026-01-01T00:00:00.000Z ${'0'.repeat(32)}`)}`, 'invalid_query'],
    ['?since=yesterday', 'invalid_query'],
    ['?odd=1', 'invalid_query'],
    ['?job=nobody', 'unknown_job'],
  ])('refuses %s', async (query, code) => {
    expect((await call('GET', `/api/errors${query}`)).json).toMatchObject({ code })
  })
})

describe('GET /api/errors/:id', () => {
  it('shows a group with its trend and its newest runs, by the beginning of its id, too', async () => {
    const runs = [await failed('product 1: no price'), await failed('product 2: no price')]
    const { id } = await one('product 2: no price')
    const { json } = await call('GET', `/api/errors/${id.slice(0, 6)}`)
    expect(json).toMatchObject({
      id,
      template: 'product <n>: no price',
      error: 'NonRetryableError',
      failed: 2,
      trend: [{ per: 'hour', occurrences: 2 }],
    })
    const lastRuns = json['lastRuns'] as { id: string; error: { group: { id: string } } }[]
    expect(lastRuns.map((run) => run.id).toSorted()).toEqual(runs.toSorted())
    expect(lastRuns[0]?.error.group.id).toBe(id)
    const found = await call('GET', `/api/runs?group=${id}`)
    expect(found.json['runs']).toHaveLength(2)
  })

  it('names those that a beginning may mean', async () => {
    await failed('no one')
    const { id } = await one('no one')
    await env.DB.prepare(
      `INSERT INTO dogear_error_groups (id, job, error, template, message, first_at, last_at, last_run, changed_at, told_at)
       SELECT ?2, 'another', error, template, message, first_at, last_at, last_run, changed_at, told_at
       FROM dogear_error_groups WHERE id = ?1`,
    )
      .bind(id, `${id.slice(0, 6)}${'0'.repeat(10)}`)
      .run()
    const { status, json } = await call('GET', `/api/errors/${id.slice(0, 6)}`)
    expect(status).toBe(409)
    expect(json).toMatchObject({ code: 'ambiguous_error_group' })
    expect(json['detail']).toContain(`${id} (append-steps, NonRetryableError)`)
    expect(await call('GET', `/api/errors/${id}`)).toMatchObject({ status: 200 })
  })

  it.each(['0000000000000000', '000000', '00000', 'NOT-AN-ID', '%F0%9F%98%80', 'a'.repeat(300)])(
    'says that there is none: %s',
    async (id) => {
      for (const [method, path] of [
        ['GET', ''],
        ['POST', '/dismiss'],
        ['POST', '/unmute'],
        ['POST', '/retry'],
      ] as const) {
        const body = path === '/retry' ? {} : undefined
        expect(await call(method, `/api/errors/${id}${path}`, body)).toMatchObject({
          status: 404,
          json: { code: 'unknown_error_group' },
        })
      }
    },
  )
})

describe('POST /api/errors/:id/retry', () => {
  it('retries all runs that are failed with it and no others, which empties the group', async () => {
    const runs = [await failed('product 1'), await failed('product 2'), await failed('product 3')]
    const other = await failed('another')
    const { id } = await one('product 3')
    const would = await call('POST', `/api/errors/${id}/retry`, { dryRun: true })
    expect(would).toMatchObject({ status: 200, json: { runs: 3 } })
    expect(await one('product 3')).toMatchObject({ failed: 3 })
    const key = { 'idempotency-key': `retry-${id}` }
    const started = await call('POST', `/api/errors/${id}/retry`, {}, key)
    expect(started).toMatchObject({ status: 201, json: { job: 'steer-runs' } })
    expect(await call('POST', `/api/errors/${id}/retry`, {}, key)).toMatchObject({
      status: 200,
      json: { id: started.json['id'] },
    })
    expect(await drain(String(started.json['id']))).toMatchObject({
      status: 'completed',
      result: { obeyed: 3, refused: 0 },
    })
    for (const run of runs) expect(await view(run)).toMatchObject({ status: 'queued' })
    expect(await list('?state=resolved')).toMatchObject({ groups: [{ id, failed: 0 }] })
    expect(await one('another')).toMatchObject({ failed: 1, state: 'open', lastRun: other })
    expect(await call('POST', `/api/errors/${id}/retry`, {})).toMatchObject({
      status: 409,
      json: { code: 'error_group_resolved' },
    })
  })

  it('takes no body for an empty one, and refuses any other', async () => {
    await failed('no one')
    const { id } = await one('no one')
    expect(await call('POST', `/api/errors/${id}/retry`)).toMatchObject({ status: 201 })
    for (const body of [{ dryRun: 'yes' }, { odd: 1 }, []]) {
      expect(await call('POST', `/api/errors/${id}/retry`, body)).toMatchObject({
        status: 400,
        json: { code: 'invalid_request' },
      })
    }
  })
})

describe('what a person does about a group', () => {
  it('is done, said with who, and stands in the audit trail', async () => {
    await failed('no one')
    const { id } = await one('no one')
    const { ask } = deployed()
    const as = 'operator' as const
    expect(await ask('POST', `/api/errors/${id}/dismiss`, { as })).toMatchObject({
      status: 200,
      json: { state: 'dismissed', dismissedBy: 'operator-1' },
    })
    const until = '2099-01-01T00:00:00Z'
    expect(await ask('POST', `/api/errors/${id}/mute`, { as, body: { until } })).toMatchObject({
      status: 422,
    })
    expect(
      await ask('POST', `/api/errors/${id}/mute`, { as, body: { until: '8 hours' } }),
    ).toMatchObject({ status: 200, json: { state: 'muted', mutedBy: 'operator-1' } })
    expect(await ask('POST', `/api/errors/${id}/unmute`, { as })).toMatchObject({
      json: { state: 'open' },
    })
    const { json } = await ask('GET', '/api/audit', { as })
    const entries = json['entries'] as { action: string; actor: string; detail: object }[]
    expect(entries.slice(0, 4).map(({ action }) => action)).toEqual([
      'POST /api/errors/:id/unmute',
      'POST /api/errors/:id/mute',
      'POST /api/errors/:id/mute',
      'POST /api/errors/:id/dismiss',
    ])
    expect(entries[1]).toMatchObject({ actor: 'operator-1', detail: { id, until: '8 hours' } })
  })

  it('is done by dismissing its alert, too', async () => {
    await failed('no one')
    const { json } = await call('GET', '/api/alerts?open=true')
    const [alert] = json['alerts'] as { id: number; group: { id: string } }[]
    expect(await call('POST', `/api/alerts/${alert?.id}/dismiss`)).toMatchObject({
      status: 200,
      json: { clearedAt: expect.any(String), group: { id: alert?.group.id } },
    })
    expect(await one('no one')).toMatchObject({ state: 'dismissed' })
    await failed('no one')
    expect(await one('no one')).toMatchObject({ state: 'open' })
  })

  it.each(['soon', '0 minutes', '2 years', '2020-01-01T00:00:00Z', '2099-01-01', '', '-1 hours'])(
    'is refused when it is to be muted until %j',
    async (until) => {
      await failed('no one')
      const { id } = await one('no one')
      const { status, json } = await call('POST', `/api/errors/${id}/mute`, { until })
      expect([status, json['code']]).toEqual([422, 'invalid_options'])
      expect(await one('no one')).toMatchObject({ state: 'open' })
    },
  )

  it('is for operators, and seen by viewers', async () => {
    await failed('no one')
    const { id } = await one('no one')
    const { ask } = deployed()
    expect(await ask('GET', '/api/errors', { as: 'viewer' })).toMatchObject({ status: 200 })
    for (const act of ['retry', 'dismiss', 'mute', 'unmute']) {
      const body = act === 'mute' ? { until: '1 hour' } : {}
      expect(await ask('POST', `/api/errors/${id}/${act}`, { as: 'viewer', body })).toMatchObject({
        status: 403,
      })
    }
    expect(await one('no one')).toMatchObject({ state: 'open' })
  })
})
