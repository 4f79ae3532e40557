import { env } from 'cloudflare:workers'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { runObjects } from '../../../src/engine/runs/index.ts'
import { sweep } from '../../../src/engine/runs/sweep.ts'
import { judgeUnclosed, listAlerts } from '../../../src/monitoring/index.ts'
import { idleRuns, passBy, restingRuns } from '../../../src/engine/store/d1/idle-runs.ts'
import { markClosed } from '../../../src/engine/store/d1/ended-run.ts'
import { closedRuns } from '../../../src/engine/store/d1/purge.ts'
import { interceptedDatabase } from '../../../src/testing/intercepted-database.ts'
import { appendSteps } from '../../support/jobs.ts'
import { createTables, drain, object, start, truth } from '../../support/drive.ts'
import { plansOf } from '../../support/query-plans.ts'

beforeAll(createTables)

const MINUTE = 60_000
const DAY = 86_400_000
const OLD = '2026-01-01T00:00:00.000Z'

/** Runs by the thousand, as rows alone. */
async function many(count: number, phase: string, shown: object, touchedAt = OLD): Promise<void> {
  await env.DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
     INSERT INTO dogear_runs (id, job, style, params, options, phase, driving, created_at, looked_at)
     SELECT printf('many%028x', i), 'append-steps', 'continuable', '{}', '{}', ?2, ?3, ?4, ?4 FROM n`,
  )
    .bind(count, phase, JSON.stringify(shown), OLD)
    .run()
  await env.DB.prepare(
    `INSERT INTO dogear_lanes (run_id, lane, touched_at) SELECT id, 0, ?1 FROM dogear_runs WHERE id LIKE 'many%'`,
  )
    .bind(touchedAt)
    .run()
}

afterEach(async () => {
  await env.DB.batch([
    env.DB.prepare(`DELETE FROM dogear_lanes WHERE run_id LIKE 'many%'`),
    env.DB.prepare(`DELETE FROM dogear_runs WHERE id LIKE 'many%'`),
  ])
})

/** A run that nobody drives, and that was looked at after all of those. */
async function lostRun(): Promise<string> {
  const run = await start(appendSteps, { params: { items: 1 } })
  const later = '2026-01-02T00:00:00.000Z'
  await env.DB.batch([
    env.DB.prepare('UPDATE dogear_runs SET looked_at = ?2 WHERE id = ?1').bind(run, later),
    env.DB.prepare('UPDATE dogear_lanes SET touched_at = ?2 WHERE run_id = ?1').bind(run, later),
  ])
  return run
}

/** How many sweeps, one a minute, it takes to find the run. */
async function sweepsToFind(run: string): Promise<number> {
  const nobody = () => ({ poke: async () => undefined, purge: async () => undefined })
  for (let sweeps = 1; sweeps <= 60; sweeps++) {
    const { poked } = await sweep(env.DB, nobody, Date.now() + DAY + sweeps * MINUTE, 30)
    if (poked.includes(run)) return sweeps
  }
  throw new Error('not found')
}

describe('H31 a run that nobody drives is found', () => {
  const soon = new Date(Date.now() + 30 * DAY).toISOString()
  it.each([
    ['paused', 30_000, { status: 'paused' }, OLD, 1],
    ['interrupted', 30_000, { status: 'interrupted', held: true }, OLD, 1],
    ['interrupted', 12_000, { status: 'interrupted', resumeAt: soon }, OLD, 3],
    ['running', 12_000, { status: 'running' }, '2099-01-01T00:00:00.000Z', 3],
  ])('among many that are %s', async (phase, count, shown, touchedAt, sweeps) => {
    await many(count, phase, shown, touchedAt)
    expect(await sweepsToFind(await lostRun())).toBeLessThanOrEqual(sweeps)
  })
})

describe('a sweep', () => {
  it('H31b reads a bounded number of rows, and lets those rest that work', async () => {
    await many(12_000, 'running', { status: 'running' }, '2099-01-01T00:00:00.000Z')
    let read = 0
    const db = interceptedDatabase(env.DB, async (_call, work) => {
      const answer = await work()
      for (const { meta } of [answer].flat() as D1Result[]) read += meta?.rows_read ?? 0
      return answer
    })
    const nobody = () => ({ poke: async () => undefined, purge: async () => undefined })
    const sweepAt = async (minute: number) => {
      read = 0
      await sweep(db, nobody, Date.now() + DAY + minute * MINUTE, 30)
      return read
    }
    expect(await sweepAt(0)).toBeLessThan(60_000)
    await sweepAt(1)
    await sweepAt(2)
    expect(await sweepAt(3)).toBeLessThan(1_000)
  })

  it('looks at a paused run once a day', async () => {
    const run = await start(appendSteps, { params: { items: 1 } })
    await runObjects(env)(run).command('pause', {})
    const sweptAt = async (ms: number) =>
      (await sweep(env.DB, (id) => object(id), Date.now() + ms, 30)).poked.includes(run)
    expect(await sweptAt(20 * MINUTE)).toBe(true)
    expect(await sweptAt(60 * MINUTE)).toBe(false)
    expect(await sweptAt(DAY + 40 * MINUTE)).toBe(true)
  })

  it('tells of a run that has ended and is not closed, until it is', async () => {
    const run = await start(appendSteps, { params: { items: 1 } })
    await drain(run)
    await env.DB.prepare('UPDATE dogear_runs SET closed_at = NULL WHERE id = ?').bind(run).run()
    const nobody = () => ({ poke: async () => undefined, purge: async () => undefined })
    const sweepAndJudge = async (now: number) =>
      judgeUnclosed(env.DB, (await sweep(env.DB, nobody, now, 30)).unclosed, now)
    await sweepAndJudge(Date.now() + 20 * MINUTE)
    const open = async () => (await listAlerts(env.DB, { run, open: true, limit: 5 })).alerts
    expect(await open()).toEqual([])
    await sweepAndJudge(Date.now() + 45 * MINUTE)
    expect(await open()).toMatchObject([
      { kind: 'stalled', message: expect.stringContaining('is not closed') },
    ])
    await markClosed(env.DB, run, new Date().toISOString(), (await truth(run)).fence)
    expect(await open()).toEqual([])
  })

  it('goes by indexes', async () => {
    const plans = await plansOf(async (db) => {
      await passBy(db, OLD, OLD, OLD)
      await idleRuns(db, OLD, 5)
      await restingRuns(db, OLD, 5)
      await closedRuns(db, OLD, 5)
    })
    const scanned = plans.filter((plan) => plan.startsWith('SCAN'))
    expect(scanned.filter((plan) => !/SCAN (rest|oldest)$/.test(plan))).toEqual([])
    expect(plans).toContain('SEARCH dogear_runs USING INDEX dogear_runs_open_driven (looked_at<?)')
    expect(plans).toContain('SEARCH dogear_runs USING INDEX dogear_runs_open_resting (looked_at<?)')
    expect(plans.filter((plan) => plan.includes('TEMP B-TREE'))).toEqual([])
  })
})
