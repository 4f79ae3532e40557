import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineJob } from '../../../src/engine/index.ts'
import { isStale, lastCompleted } from '../../../src/monitoring/staleness.ts'
import { call } from '../../support/api.ts'
import { createTables, drain, object, start } from '../../support/drive.ts'
import { appendSteps } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

const params = { items: 1 }

it('S48 a run tells how long it has been worked on', async () => {
  const run = await runOf(
    defineJob({ name: 'worked-on', perform: ({ step }) => step('work', () => scheduler.wait(20)) }),
  )
  expect(await run.drain()).toMatchObject({ slices: 1 })
  expect((await run.view()).workedMs).toBeGreaterThanOrEqual(15)
  const alone = await call('GET', `/api/runs/${run.id}`)
  const listed = await call('GET', `/api/runs?ids=${run.id}`)
  expect(alone.json['workedMs']).toEqual(expect.any(Number))
  // A list has of an ended run what its object has said last before the end.
  expect(listed.json['runs']).toMatchObject([{ workedMs: expect.any(Number) }])
})

describe('S51 several runs are looked up at once', () => {
  const some: string[] = []
  beforeAll(async () => {
    for (let runs = 0; runs < 3; runs++) some.push(await start(appendSteps, { params }))
  })

  const idsOf = (json: Record<string, unknown>) =>
    (json['runs'] as { id: string }[]).map((run) => run.id)

  it('each once; what is there twice, not at all, or no id is left out', async () => {
    const asked = [some[0], some[1], some[0], '', ' ', 'f'.repeat(32), 'what'].join(',')
    const { status, json } = await call('GET', `/api/runs?ids=${encodeURIComponent(asked)}`)
    expect(status).toBe(200)
    expect(new Set(idsOf(json))).toEqual(new Set([some[0], some[1]]))
    expect(idsOf(json)).toHaveLength(2)
    expect(json['nextCursor']).toBeNull()
  })

  it('whatever their number, and in the order asked for', async () => {
    const { json } = await call('GET', `/api/runs?ids=${some.join(',')}&limit=1&sort=oldest`)
    expect(idsOf(json)).toEqual(some)
  })

  it('together with the other filters', async () => {
    await drain(some[2] as string)
    const { json } = await call('GET', `/api/runs?ids=${some.join(',')}&status=completed`)
    expect(idsOf(json)).toEqual([some[2]])
  })

  it('none for none, and too many are refused', async () => {
    expect((await call('GET', '/api/runs?ids=')).json['runs']).toEqual([])
    const many = Array.from({ length: 101 }, (_, index) => index.toString(16).padStart(32, '0'))
    expect(await call('GET', `/api/runs?ids=${many.join(',')}`)).toMatchObject({
      status: 400,
      json: { code: 'invalid_query' },
    })
  })
})

describe('M36 a job that has not run for long is shown as stale', () => {
  beforeEach(() => env.DB.exec('DELETE FROM dogear_jobs_last_completed'))

  const shown = async () => {
    const { json } = await call('GET', '/api/jobs')
    const jobs = json['jobs'] as { name: string; lastCompletedAt?: string; stale: boolean }[]
    return jobs.find(({ name }) => name === 'process-orders')
  }
  const completed = (daysAgo: number) =>
    env.DB.prepare('INSERT INTO dogear_jobs_last_completed VALUES (?, ?)')
      .bind('process-orders', new Date(Date.now() - daysAgo * 86_400_000).toISOString())
      .run()

  it('from 30 days on, and not while it never ran', async () => {
    expect(await shown()).toMatchObject({ stale: false })
    await completed(29)
    expect(await shown()).toMatchObject({ stale: false, lastCompletedAt: expect.any(String) })
    await env.DB.exec('DELETE FROM dogear_jobs_last_completed')
    await completed(40)
    expect(await shown()).toMatchObject({ stale: true })
  })

  it('by the job’s own threshold, which can be switched off', () => {
    const day = new Date(0).toISOString()
    expect(isStale(day, '1 day', 2 * 86_400_000)).toBe(true)
    expect(isStale(day, '3 days', 2 * 86_400_000)).toBe(false)
    expect(isStale(day, false, 1e12)).toBe(false)
  })

  it('by the last run that completed, also when that has been purged', async () => {
    const run = await start(appendSteps, { params })
    await drain(run)
    const at = (await lastCompleted(env.DB)).get('append-steps')
    expect(at).toEqual(expect.any(String))
    await object(run).purge(run)
    expect((await lastCompleted(env.DB)).get('append-steps')).toBe(at)
  })

  it('refuses a threshold that is none', () => {
    expect(() =>
      defineJob({ name: 'never-stale', staleAfter: 'soon', perform: async () => 1 }),
    ).toThrow(expect.objectContaining({ code: 'invalid_job' }))
  })
})
