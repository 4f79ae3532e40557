import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineJob } from '../../src/engine/index.ts'
import { readOverview } from '../../src/monitoring/overview.ts'
import { killAfter, testBench, type TestBench } from '../../src/testing/index.ts'
import { call } from '../support/api.ts'
import { consumeOne } from '../support/consume.ts'
import { createTables } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'
import { plansOf } from '../support/query-plans.ts'

const failing = defineJob({
  name: 'failing-at-once',
  retry: { attempts: 1 },
  async perform({ step }) {
    await step('boom', () => {
      throw new Error('the cellar is flooded')
    })
  },
})
const noticed = defineJob({
  name: 'noticed',
  async perform({ step }) {
    await step('work', () => undefined)
  },
  continuations() {
    throw new Error('no such follower')
  },
})

let bench: TestBench

beforeAll(createTables)
beforeEach(async () => {
  await env.DB.batch(
    [
      'dogear_runs',
      'dogear_lanes',
      'dogear_ledger',
      'dogear_metrics',
      'dogear_step_results',
      'dogear_error_groups',
      'dogear_alerts',
    ].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  )
  bench = testBench({ jobs: [appendSteps, failing, noticed] })
})

const overview = () => readOverview(env.DB, bench.clock.now())
/** One slice by the consumer, on the bench's clock and objects. */
const slice = (run: string) =>
  consumeOne(run, { jobs: bench.registry(), objects: bench.objects, clock: bench.clock })

describe('the overview', () => {
  it('of nothing at all says so', async () => {
    expect(await overview()).toEqual({
      at: new Date(bench.clock.now()).toISOString(),
      runsByStatus: {
        queued: 0,
        running: 0,
        interrupted: 0,
        paused: 0,
        completed: 0,
        failed: 0,
        cancelled: 0,
      },
      completedWithSkips: 0,
      activeContinuations: 0,
      averageResumptions: null,
      longestRunning: null,
      checkpointHealth: { judged: 0, healthy: 0, share: 1, allowedMs: 10_000, stale: [] },
      itemsPerSecond: 0,
      commitMs: { p50: null, p95: null, p99: null },
      queueLagMs: { p50: null, p95: null, p99: null },
      skips: 0,
      retries: 0,
      needsAttention: [],
    })
  })

  it('counts runs that have a checkpoint to go on from, and how often those that ended were resumed', async () => {
    const held = await bench.start(
      appendSteps,
      { items: 4 },
      { interrupt: { afterItems: 2 }, hold: true },
    )
    await bench.start(appendSteps, { items: 4 })
    await slice(held.id)
    expect(await overview()).toMatchObject({
      activeContinuations: 1,
      averageResumptions: null,
      runsByStatus: { queued: 1, interrupted: 1 },
    })
    await bench.objects(held.id).command('resume', {})
    await slice(held.id)
    const other = await bench.start(appendSteps, { items: 1 })
    await slice(other.id)
    expect(await overview()).toMatchObject({
      activeContinuations: 0,
      averageResumptions: 0.5,
      runsByStatus: { queued: 1, completed: 2 },
      commitMs: { p50: expect.any(Number), p95: expect.any(Number), p99: expect.any(Number) },
      queueLagMs: { p50: expect.any(Number) },
      itemsPerSecond: expect.any(Number),
    })
    expect((await overview()).itemsPerSecond).toBeGreaterThan(0)
  })

  it('names the run that is under way for longest; one that waits for its first slice is not', async () => {
    await bench.start(appendSteps, { items: 9 })
    const older = await bench.start(appendSteps, { items: 9 })
    await killAfter(older, 'commit', { nth: 2 }, bench)
    await bench.clock.advance('2s')
    const younger = await bench.start(appendSteps, { items: 9 })
    await killAfter(younger, 'commit', { nth: 2 }, bench)
    await bench.clock.advance('1s')
    expect((await overview()).longestRunning).toEqual({
      run: older.id,
      job: 'append-steps',
      ms: 3_000,
    })
  })

  it('tells runs whose checkpoints are saved from those where nothing happens any more', async () => {
    const dead = await bench.start(appendSteps, { items: 9 })
    await killAfter(dead, 'commit', { nth: 2 }, bench)
    await bench.start(appendSteps, { items: 9 }, { wait: '1 hour' })
    await bench.clock.advance('10s')
    const fresh = await bench.start(appendSteps, { items: 9 })
    expect((await overview()).checkpointHealth).toMatchObject({ judged: 2, healthy: 2, share: 1 })
    await bench.clock.advance('5s')
    const { checkpointHealth } = await overview()
    const quiet = { run: dead.id, job: 'append-steps', status: 'running' }
    expect(checkpointHealth).toEqual({
      judged: 2,
      healthy: 1,
      share: 0.5,
      allowedMs: 10_000,
      stale: [{ ...quiet, quietMs: 15_000 }],
    })
    await slice(dead.id)
    await slice(fresh.id)
    expect((await overview()).checkpointHealth).toMatchObject({ judged: 0, share: 1, stale: [] })
  })

  it('does not judge runs that a person holds or has paused', async () => {
    const held = await bench.start(appendSteps, {}, { interrupt: { afterItems: 2 }, hold: true })
    const paused = await bench.start(appendSteps)
    await slice(held.id)
    await bench.objects(paused.id).command('pause', {})
    await bench.clock.advance('1 hour')
    const { checkpointHealth, longestRunning } = await overview()
    expect(checkpointHealth).toMatchObject({ judged: 0, stale: [] })
    expect(longestRunning).toBeNull()
  })

  it('lists what a person should look at: failures and what runs say themselves', async () => {
    const failed = await bench.start(failing)
    await slice(failed.id)
    await bench.clock.advance(1)
    const done = await bench.start(noticed)
    await slice(done.id)
    expect((await overview()).needsAttention).toEqual([
      {
        run: done.id,
        job: noticed.name,
        status: 'completed',
        problem: 'No follow-up runs were started: no such follower',
        kind: 'attention',
        at: expect.any(String),
        alert: expect.any(Number),
      },
      {
        run: failed.id,
        job: failing.name,
        status: 'failed',
        problem: 'the cellar is flooded',
        kind: 'failed',
        at: expect.any(String),
        alert: expect.any(Number),
        group: expect.objectContaining({ failed: 1, state: 'open', lastRun: failed.id }),
      },
    ])
  })

  it('walks no table of runs, however many have ended', async () => {
    const plans = await plansOf((db) => readOverview(db, bench.clock.now()))
    expect(plans).toContain('SEARCH dogear_runs USING INDEX dogear_runs_by_status (shown_status=?)')
    // The newest entries of an index that holds only what is open.
    expect(plans).toContain('SCAN open USING INDEX dogear_alerts_open_of_none')
    expect(plans.filter((plan) => /^SCAN (?:runs|lanes|ledger|alerts)\b/.test(plan))).toEqual([])
  })

  it('is served at GET /api/overview', async () => {
    const { status, json } = await call('GET', '/api/overview')
    expect(status).toBe(200)
    const known = await overview()
    expect(Object.keys(json)).toEqual(Object.keys(known))
    const spec = await call('GET', '/openapi.json')
    expect(Object.keys(spec.json['paths'] as object)).toContain('/api/overview')
  })
})
