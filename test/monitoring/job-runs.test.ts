import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineIteration, defineJob } from '../../src/engine/index.ts'
import { listAlerts } from '../../src/monitoring/alert-rows.ts'
import { slowAfterMs, usualOf } from '../../src/monitoring/job-pace.ts'
import { lastRuns, readJobRuns } from '../../src/monitoring/job-runs.ts'
import { judgeRuns } from '../../src/monitoring/judge.ts'
import { testBench, type TestBench } from '../../src/testing/index.ts'
import { call } from '../support/api.ts'
import { createTables, upTo } from '../support/drive.ts'
import { plansOf } from '../support/query-plans.ts'

const MINUTE = 60_000
let bench: TestBench

/** Takes so many minutes for its one item, then fails if it is to. */
const timed = defineIteration({
  name: 'timed',
  description: 'Takes its time',
  params: z.object({ minutes: z.number(), fails: z.boolean().default(false) }),
  retry: { attempts: 1 },
  commit: { everyItems: 1 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2], { cursor }),
  async eachIteration(_item, { params }) {
    await bench.clock.advance((params.minutes * MINUTE) / 2)
    if (params.fails) throw new Error('no')
  },
})
/** Two items, each in a slice of its own. */
const long = defineIteration({
  name: 'long',
  params: z.object({ minutes: z.number() }),
  budget: { items: 1 },
  commit: { everyItems: 1 },
  alerts: { stalledAfter: 1_000 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(2), { cursor }),
  async eachIteration(_item, { params }) {
    await bench.clock.advance(params.minutes * MINUTE)
  },
})

beforeAll(createTables)
beforeEach(async () => {
  await env.DB.batch(
    ['dogear_runs', 'dogear_lanes', 'dogear_ledger', 'dogear_alerts'].map((table) =>
      env.DB.prepare(`DELETE FROM ${table}`),
    ),
  )
  bench = testBench({ jobs: [timed, long] })
})

const now = () => bench.clock.now()

async function completed(minutes: readonly number[]): Promise<void> {
  for (const each of minutes) await bench.runInline(timed, { minutes: each })
}

describe('the usual duration of a job', () => {
  it('is the median of what completed, once there are five', () => {
    expect(usualOf([1, 2, 3, 4])).toBeNull()
    expect(usualOf([900, 1, 2, 3, 4])).toBe(3)
  })

  it('makes a run slow at three times that, and at five minutes more at least; unless its job wants none', () => {
    expect(slowAfterMs(60 * MINUTE, {})).toBe(180 * MINUTE)
    expect(slowAfterMs(1_000, {})).toBe(5 * MINUTE + 1_000)
    expect(slowAfterMs(60 * MINUTE, { slowAfter: 1.5 })).toBe(90 * MINUTE)
    expect(slowAfterMs(60 * MINUTE, { slowAfter: false })).toBeNull()
    expect(slowAfterMs(null, {})).toBeNull()
  })

  it('is refused as a setting that cannot be meant', () => {
    for (const slowAfter of [1, 0, Number.NaN, 'often'] as never[]) {
      const job = () =>
        defineJob({ name: 'a-job', alerts: { slowAfter }, perform: () => Promise.resolve() })
      expect(job).toThrow(/alerts\.slowAfter is .*; expected a number above 1, or false/)
    }
  })
})

describe('the last runs of a job', () => {
  it('tell how long each took, how many succeed, and which code they ran', async () => {
    await completed([10, 20, 30, 40, 50])
    await bench.runInline(timed, { minutes: 2, fails: true })
    const found = await readJobRuns(env.DB, timed, now())
    expect(
      found.runs.map(({ status, tookMs }) => [status, Math.round((tookMs ?? 0) / MINUTE)]),
    ).toEqual([
      ['failed', 1],
      ['completed', 50],
      ['completed', 40],
      ['completed', 30],
      ['completed', 20],
      ['completed', 10],
    ])
    expect(found.successRate).toBeCloseTo(5 / 6)
    expect(Math.round((found.usualMs ?? 0) / MINUTE)).toBe(30)
    expect(found.codeVersions).toMatchObject([{ runs: 6 }])
    expect(found.runs.some(({ slow }) => slow)).toBe(false)
  })

  it('mark those that took much longer than usual, and leave out one that has not begun', async () => {
    await completed([10, 10, 10, 10, 10, 40])
    await bench.start(timed, { minutes: 1 })
    const { runs } = await readJobRuns(env.DB, timed, now())
    expect(runs[0]).toMatchObject({ status: 'queued', tookMs: null, slow: false })
    expect(runs[1]).toMatchObject({ status: 'completed', slow: true })
    expect(runs.filter(({ slow }) => slow)).toHaveLength(1)
  })

  it('are 50 at most, and read by indexes', async () => {
    await completed(upTo(6))
    const plans = await plansOf(async (db) => {
      await readJobRuns(db, timed, now())
      await lastRuns(db, ['timed', 'long'])
    })
    expect(plans.filter((plan) => /^SCAN (?!newest|job|json_each)/.test(plan))).toEqual([])
    expect(plans.join('\n')).toContain('USING INDEX dogear_runs_by_job (job=?)')
    expect(plans.join('\n')).toContain(
      'USING INDEX dogear_runs_by_job_status (job=? AND shown_status=?)',
    )
    expect(plans.filter((plan) => /TEMP B-TREE/.test(plan))).toEqual([])
  })

  it('have a newest one for each job that has any', async () => {
    await completed([1])
    const { id } = await bench.runInline(timed, { minutes: 1 })
    const found = await lastRuns(env.DB, ['timed', 'long'])
    expect([...found.keys()]).toEqual(['timed'])
    expect(found.get('timed')).toMatchObject({ id, status: 'completed' })
  })
})

describe('a run that is slower than usual', () => {
  const alertsOf = async (run: string) =>
    (await listAlerts(env.DB, { run, limit: 9 })).alerts.map(({ kind, message, clearedAt }) => ({
      kind,
      message,
      open: clearedAt === null,
    }))

  it('raises an alert while it is under way, once, which is over when it ends', async () => {
    for (const _run of upTo(5)) await bench.runInline(long, { minutes: 10 })
    const run = await bench.start(long, { minutes: 70 })
    await bench.deliver(run)
    await judgeRuns(env.DB, now())
    await judgeRuns(env.DB, now())
    expect(await alertsOf(run.id)).toEqual([
      {
        kind: 'slow',
        message: 'It has taken 4200 s; runs of this job usually take 1200 s',
        open: true,
      },
    ])
    await bench.drive(run)
    await judgeRuns(env.DB, now())
    expect(await alertsOf(run.id)).toMatchObject([{ kind: 'slow', open: false }])
  })

  it('is none while a person holds it, nor of a job with too few runs to tell', async () => {
    const alone = await bench.start(long, { minutes: 70 })
    await bench.deliver(alone)
    await judgeRuns(env.DB, now())
    expect(await alertsOf(alone.id)).toEqual([])
  })
})

describe('GET /api/jobs/:job', () => {
  it('has the job, its last runs, its schedules and its errors', async () => {
    const { status, json } = await call('GET', '/api/jobs/process-orders')
    expect(status).toBe(200)
    expect(json).toMatchObject({
      name: 'process-orders',
      runs: [],
      successRate: null,
      usualMs: null,
      errors: [],
      codeVersions: [],
    })
    expect(json['schedules']).toEqual(expect.any(Array))
  })

  it('names a job that is not known', async () => {
    const { status, json } = await call('GET', '/api/jobs/nobody')
    expect({ status, code: json['code'] }).toEqual({ status: 404, code: 'unknown_job' })
  })
})

it('a description is a text of at most 500 characters', () => {
  const job = (description: never) => () =>
    defineJob({ name: 'described', description, perform: () => Promise.resolve() })
  expect(job(7 as never)).toThrow('description is 7; expected a text')
  expect(job('x'.repeat(501) as never)).toThrow('description has 501 characters')
  expect(job('Sends what is due' as never)().description).toBe('Sends what is due')
})
