import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { PERMISSIONS } from '../../src/api/access/permissions.ts'
import { runIdOf } from '../../src/api/request/run-id.ts'
import { runsByStart } from '../../src/engine/store/d1/runs-by-start.ts'
import { call, request } from '../support/api.ts'
import { createTables, drain, start } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'
import { plansOf } from '../support/query-plans.ts'

beforeAll(createTables)

const NEIGHBOUR = 'ab-neighbour'
afterEach(async () => {
  await env.DB.prepare('DELETE FROM dogear_runs WHERE job = ?').bind(NEIGHBOUR).run()
})

/** A run in D1 alone, whose id begins like that of another. */
async function neighbourOf(id: string, common: number, digit = 0): Promise<string> {
  const other = (Number.parseInt(id[common] ?? '0', 16) + 1 + digit) % 16
  const neighbour = `${id.slice(0, common)}${other.toString(16)}`.padEnd(32, '0')
  await env.DB.prepare(
    `INSERT INTO dogear_runs (id, job, style, params, options, created_at, looked_at)
     VALUES (?, ?, 'iteration', '{}', '{}', '2026-01-01', '2026-01-01')`,
  )
    .bind(neighbour, NEIGHBOUR)
    .run()
  return neighbour
}

const started = () => start(appendSteps, { params: { items: 3 }, commit: { everyItems: 1 } })

/** The routes of one run that read, as the API has them. */
const READING = Object.keys(PERMISSIONS)
  .filter((route) => route.startsWith('GET /api/runs/:id') && !route.endsWith('/events'))
  .map((route) => route.replace('GET /api/runs/:id', ''))

/** An answer as it is: not each of them is JSON. */
async function read(path: string): Promise<{ status: number; text: string }> {
  const answer = await request('GET', path)
  return { status: answer.status, text: await answer.text() }
}

describe('A run by the beginning of its id', () => {
  it('is read by every route as by all of it', async () => {
    const run = await started()
    await drain(run)
    expect(READING.length).toBeGreaterThan(5)
    for (const path of READING) {
      const [whole, begun] = await Promise.all(
        [run, run.slice(0, 6)].map((id) => read(`/api/runs/${id}${path}`)),
      )
      expect(whole?.status, path).toBe(200)
      expect(whole?.text, path).not.toBe('')
      expect(begun, path).toEqual(whole)
    }
  })

  it('is steered, and the audit trail names it by all of its id', async () => {
    const run = await started()
    expect(await call('POST', `/api/runs/${run.slice(0, 8)}/pause`)).toMatchObject({
      status: 200,
      json: { id: run, status: 'paused' },
    })
    const { json } = await call('GET', `/api/audit?run=${run}&limit=1`)
    expect(json['entries']).toMatchObject([
      { action: 'POST /api/runs/:id/:command', run, detail: { id: run.slice(0, 8) }, status: 200 },
    ])
  })

  it('is forked, and the audit trail keeps which run that was', async () => {
    const run = await started()
    await drain(run)
    const forked = await call('POST', `/api/runs/${run.slice(0, 12)}/fork`, { seq: 1 })
    expect(forked).toMatchObject({ status: 201, json: { forkOf: { run, seq: 1 } } })
    const { json } = await call('GET', `/api/audit?run=${run}&limit=1`)
    expect(json['entries']).toMatchObject([{ action: 'POST /api/runs/:id/fork', run }])
  })

  it('is not guessed when several begin so: all of them are named, and nothing is done', async () => {
    const run = await started()
    const neighbour = await neighbourOf(run, 8)
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/events'],
      ['POST', '/cancel'],
      ['POST', '/kill'],
    ] as const) {
      const { status, json } = await call(method, `/api/runs/${run.slice(0, 8)}${path}`)
      expect({ status, code: json['code'] }).toEqual({ status: 409, code: 'ambiguous_run' })
      expect(json['detail']).toContain(`${run} (append-steps, queued)`)
      expect(json['detail']).toContain(`${neighbour} (${NEIGHBOUR}, queued)`)
    }
    expect(await call('GET', `/api/runs/${run.slice(0, 9)}`)).toMatchObject({
      status: 200,
      json: { id: run, status: 'queued' },
    })
  })

  it('names no more than a few of many', async () => {
    const run = await started()
    for (let digit = 0; digit < 7; digit += 1) await neighbourOf(run, 6, digit)
    const { json } = await call('GET', `/api/runs/${run.slice(0, 6)}`)
    expect(String(json['detail']).match(/[0-9a-f]{32} \(/g)).toHaveLength(5)
    expect(json['detail']).toContain(' and others; expected as much of one of them')
  })

  it.each(['abcde', 'nonsense', 'abcdeg', 'ABCDEF', 'f'.repeat(33), '0'.repeat(31)])(
    'is unknown when there is none, or it is no beginning of one: %s',
    async (id) => {
      const { status, json } = await call('GET', `/api/runs/${id}`)
      expect({ status, code: json['code'] }).toEqual({ status: 404, code: 'unknown_run' })
      expect(String(json['detail']).includes('at least 6')).toBe(id === 'abcde')
    },
  )

  it('is found by the primary key, in one query however often it is asked for', async () => {
    const run = await started()
    const plans = await plansOf((db) => runsByStart(db, run.slice(0, 6), 6))
    expect(plans).toEqual(['SEARCH dogear_runs USING PRIMARY KEY (id>? AND id<?)'])
    let queries = 0
    const DB = new Proxy(env.DB, {
      get(database, property) {
        if (property === 'prepare') queries += 1
        const member: unknown = Reflect.get(database, property)
        return typeof member === 'function' ? member.bind(database) : member
      },
    })
    const context = contextWith({ ...env, DB })
    await runIdOf(context, run.slice(0, 6))
    expect(await runIdOf(context, run.slice(0, 6))).toBe(run)
    expect(queries).toBe(1)
  })

  it('costs a whole id nothing', async () => {
    expect(await runIdOf(contextWith({}), 'a'.repeat(32))).toBe('a'.repeat(32))
  })
})

/** As much of a request as is looked at. */
function contextWith(bindings: object): never {
  const kept = new Map<string, unknown>()
  return {
    env: bindings,
    get: (name: string) => kept.get(name),
    set: (name: string, value: unknown) => void kept.set(name, value),
  } as never
}
