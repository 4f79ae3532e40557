import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { listAlerts, type Alert } from '../../src/monitoring/alert-rows.ts'
import { judgeRuns } from '../../src/monitoring/judge.ts'
import { defineIteration, defineJob, type RunView } from '../../src/engine/index.ts'
import { readOverview } from '../../src/monitoring/overview.ts'
import { indexRun } from '../../src/engine/store/d1/index-run.ts'
import { killAfter, killBefore, testBench, type TestBench } from '../../src/testing/index.ts'
import { deployed } from '../support/access.ts'
import { call } from '../support/api.ts'
import { createTables } from '../support/drive.ts'
import { append, appendSteps } from '../support/jobs.ts'
import { plansOf } from '../support/query-plans.ts'

const MINUTE = 60_000
let broken = true

const fragile = defineJob({
  name: 'fragile',
  params: z.object({ room: z.string().default('cellar') }),
  retry: { attempts: 1 },
  async perform({ step, params }) {
    await step('work', () => {
      if (broken) throw new Error(`the ${params.room} is flooded`)
    })
  },
})
const unfollowed = defineJob({
  name: 'unfollowed',
  perform: () => Promise.resolve(),
  continuations() {
    throw new Error('no such follower')
  },
})
/** Takes so many minutes for each item, and commits each; skips what is bad. */
const slow = defineIteration({
  name: 'slow',
  params: z.object({
    items: z.number(),
    minutes: z.number().default(0),
    bad: z.number().default(0),
  }),
  commit: { everyItems: 1 },
  budget: { items: 1 },
  skip: {},
  alerts: {
    stalledAfter: 3,
    skipRate: 0.25,
    budget: { d1RowsWritten: 200, durationMs: 3_600_000 },
  },
  buildEnumerator: ({ params, cursor, enumerators }) =>
    enumerators.array(
      Array.from({ length: params.items }, (_, index) => index + 1),
      { cursor },
    ),
  async eachIteration(item, { params, effects, run }) {
    if (params.minutes > 0) await bench.clock.advance(params.minutes * MINUTE)
    if (item <= params.bad) throw new Error(`item ${item} is bad`)
    append(effects, run.id, item)
  },
})

let bench: TestBench

beforeAll(createTables)
beforeEach(async () => {
  broken = true
  await env.DB.batch(
    [
      'dogear_runs',
      'dogear_lanes',
      'dogear_ledger',
      'dogear_error_groups',
      'dogear_alerts',
      'dogear_runs_to_judge',
      'dogear_webhook_events',
    ].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  )
  bench = testBench({ jobs: [appendSteps, fragile, unfollowed, slow] })
})

const judge = () => judgeRuns(env.DB, bench.clock.now())
const alerts = async (query = {}) => (await listAlerts(env.DB, { limit: 100, ...query })).alerts
const open = (run: RunView) => alerts({ run: run.id, open: true })
const kinds = (found: Alert[]) => found.map(({ kind }) => kind)
const events = async () => {
  const { results } = await env.DB.prepare(
    'SELECT type, run_id AS run FROM dogear_webhook_events ORDER BY seq',
  ).all<{ type: string; run: string }>()
  return results
}
/** A run that has made a commit, and whose slice has died in the middle of the next one. */
async function dying(): Promise<RunView> {
  const run = await bench.start(appendSteps, { items: 9 }, { commit: { everyItems: 1 } })
  await killAfter(run, 'commit', { nth: 2 }, bench)
  return run
}

describe('a run that failed', () => {
  it('has an open alert until it is retried, and a new one when it fails again', async () => {
    const run = await bench.runInline(fragile)
    expect(await alerts({ run: run.id })).toEqual([
      {
        id: expect.any(Number),
        run: run.id,
        job: 'fragile',
        kind: 'failed',
        message: 'the cellar is flooded',
        raisedAt: run.finishedAt,
        clearedAt: null,
        group: {
          id: run.error?.group?.id,
          failed: 1,
          occurrences: 1,
          firstAt: run.finishedAt,
          lastAt: run.finishedAt,
        },
      },
    ])
    await bench.clock.advance('1 minute')
    await bench.objects(run.id).command('retry', {})
    const reopenedAt = new Date(bench.clock.now()).toISOString()
    expect(await alerts({ kind: 'failed' })).toMatchObject([{ clearedAt: reopenedAt }])
    await bench.drive(run)
    expect(await alerts({ run: run.id })).toMatchObject([
      { kind: 'failed', clearedAt: null },
      { kind: 'failed', clearedAt: reopenedAt },
    ])
    broken = false
    await bench.objects(run.id).command('retry', {})
    expect(await bench.drive(run)).toMatchObject({ status: 'completed' })
    expect(await open(run)).toEqual([])
  })
})

describe('a run that asks for attention', () => {
  it('as it ends has an alert, and its end is reported beside it', async () => {
    const run = await bench.runInline(unfollowed)
    expect(await open(run)).toMatchObject([
      { kind: 'attention', message: 'No follow-up runs were started: no such follower' },
    ])
    expect(await events()).toEqual([
      { type: 'run.attention', run: run.id },
      { type: 'run.completed', run: run.id },
    ])
  })

  it('while it is under way has one for as long as it asks', async () => {
    const run = await bench.start(appendSteps, { items: 3 })
    const index = async (rev: number, attention?: string) => {
      const updatedAt = new Date(bench.clock.now()).toISOString()
      const driving = JSON.stringify({ updatedAt, ...(attention && { attention }) })
      await indexRun(env.DB, run.id, rev, 'queued', driving)
    }
    await index(100, 'its queue is gone')
    await index(101, 'its queue is gone')
    expect(await alerts()).toMatchObject([{ kind: 'attention', message: 'its queue is gone' }])
    await index(102)
    await index(103, 'its queue is gone again')
    expect(await alerts()).toMatchObject([{ clearedAt: null }, { clearedAt: expect.any(String) }])
    await env.DB.prepare(
      `UPDATE dogear_runs SET status = 'completed', finished_at = '2099-01-01T00:00:00.000Z' WHERE id = ?`,
    )
      .bind(run.id)
      .run()
    expect(await open(run)).toEqual([])
    expect((await events()).map(({ type }) => type)).toEqual([
      'run.attention',
      'run.attention',
      'run.completed',
    ])
  })
})

describe('a run that stalls', () => {
  it('is reported once, cleared when it commits again, and told again', async () => {
    const run = await dying()
    await bench.clock.advance(MINUTE)
    await judge()
    expect(await alerts()).toEqual([])
    await bench.clock.advance(1_000)
    await judge()
    await judge()
    expect(await open(run)).toMatchObject([
      {
        kind: 'stalled',
        message: expect.stringMatching(/^Nothing committed for 61 s; it usually/),
      },
    ])
    await killAfter(run, 'commit', { nth: 2 }, bench)
    await judge()
    expect(await open(run)).toEqual([])
    await bench.clock.advance('10 minutes')
    await judge()
    expect(kinds(await alerts())).toEqual(['stalled', 'stalled'])
    const told = { type: 'run.stalled', run: run.id }
    expect(await events()).toEqual([told, told])
    await bench.drive(run)
    expect(await open(run)).toEqual([])
  })

  it('is not one whose commits take that long', async () => {
    const run = await bench.start(slow, { items: 6, minutes: 20 })
    for (let items = 0; items < 3; items++) await bench.deliver(run)
    await killBefore(run, 'commit', {}, bench)
    await bench.clock.advance('39 minutes')
    await judge()
    expect(kinds(await open(run))).not.toContain('stalled')
    await bench.clock.advance('3 minutes')
    await judge()
    expect(kinds(await open(run))).toContain('stalled')
  })

  it('is not one that waits, is held, is paused or has not begun', async () => {
    await bench.start(appendSteps, { items: 3 })
    await bench.start(appendSteps, { items: 3 }, { wait: '1 day' })
    const held = await bench.runInline(
      appendSteps,
      { items: 4 },
      { interrupt: { afterItems: 2 }, hold: true },
    )
    const paused = await dying()
    await bench.objects(paused.id).command('pause', {})
    await bench.clock.advance('2 hours')
    await judge()
    expect(await alerts()).toEqual([])
    // Nor is one that has only just gone on after that.
    await bench.objects(held.id).command('resume', {})
    await killBefore(held, 'commit', {}, bench)
    await judge()
    expect(await open(held)).toEqual([])
  })

  it('and is then paused has nothing to be told of any more', async () => {
    const run = await dying()
    await bench.clock.advance('5 minutes')
    await judge()
    expect(kinds(await open(run))).toEqual(['stalled'])
    await bench.objects(run.id).command('pause', {})
    await judge()
    expect(await open(run)).toEqual([])
  })
})

describe('a run over its limits', () => {
  it('is reported at the latest when it has ended, and once', async () => {
    const run = await bench.runInline(slow, { items: 24, bad: 7 })
    expect(run).toMatchObject({ status: 'completed', progress: { done: 17, skipped: 7 } })
    await judge()
    await judge()
    expect(await alerts()).toMatchObject([
      { kind: 'skip_rate', message: '7 of 24 items skipped, 29.2 %; expected at most 25 %' },
    ])
    expect(
      await env.DB.prepare('SELECT count(*) AS left FROM dogear_runs_to_judge').first('left'),
    ).toBe(0)
  })

  it('is reported while it is under way', async () => {
    const run = await bench.start(slow, { items: 9, minutes: 25 })
    for (let items = 0; items < 3; items++) await bench.deliver(run)
    await judge()
    expect(await open(run)).toMatchObject([
      { kind: 'budget', message: 'Over its budget: it has taken 4500 s, expected at most 3600 s' },
    ])
  })

  it('is judged as its job said when it was started', async () => {
    const { options } = (await env.DB.prepare('SELECT options FROM dogear_runs WHERE id = ?')
      .bind((await bench.start(slow, { items: 1 })).id)
      .first<{ options: string }>()) as { options: string }
    expect(JSON.parse(options)).toMatchObject({ alerts: slow.alerts })
  })

  it('whose alert a person has dismissed is not told again while it is so', async () => {
    const run = await dying()
    await bench.clock.advance('5 minutes')
    await judge()
    const [alert] = await open(run)
    const { json } = await call('POST', `/api/alerts/${alert?.id}/dismiss`)
    expect(json).toMatchObject({ id: alert?.id, clearedAt: expect.any(String) })
    await bench.clock.advance('5 minutes')
    await judge()
    expect(await alerts()).toHaveLength(1)
    const again = await call('POST', `/api/alerts/${alert?.id}/dismiss`)
    expect(again).toMatchObject({ status: 200, json })
    await killAfter(run, 'commit', { nth: 2 }, bench)
    await judge()
    await bench.clock.advance('10 minutes')
    await judge()
    expect(await open(run)).toHaveLength(1)
  })
})

describe('a run that only steers others', () => {
  it('has alerts like any other, and is shown to nobody', async () => {
    await env.DB.prepare(
      `INSERT INTO dogear_runs (id, job, style, params, options, created_at, looked_at)
       VALUES ('s', 'steer-runs', 'iteration', '{}', '{"internal":true}', '2026-01-01', '2026-01-01')`,
    ).run()
    await env.DB.prepare(
      `UPDATE dogear_runs SET status = 'failed', attention = 'look', finished_at = '2026-01-01' WHERE id = 's'`,
    ).run()
    expect(kinds(await alerts({ run: 's' })).toSorted()).toEqual(['attention', 'failed'])
    expect(await events()).toEqual([])
  })
})

describe('alerts', () => {
  it('are listed page by page, newest first, by run, kind and whether they are open', async () => {
    const runs: RunView[] = []
    for (const room of ['cellar', 'attic', 'kitchen']) {
      runs.push(await bench.runInline(fragile, { room }))
    }
    const followed = await bench.runInline(unfollowed)
    const list = async (query: string) => {
      const { status, json } = await call('GET', `/api/alerts?${query}`)
      expect(status).toBe(200)
      return json as unknown as { alerts: Alert[]; nextCursor: string | null }
    }
    const first = await list('limit=2')
    expect(first.alerts.map(({ run }) => run)).toEqual([followed.id, runs[2]?.id])
    const rest = await list(`limit=2&cursor=${first.nextCursor}`)
    expect(rest.alerts.map(({ run }) => run)).toEqual([runs[1]?.id, runs[0]?.id])
    expect(rest.nextCursor).toBeNull()
    expect((await list('kind=attention')).alerts).toHaveLength(1)
    expect((await list(`run=${runs[0]?.id}&kind=failed`)).alerts).toHaveLength(1)
    await call('POST', `/api/alerts/${rest.alerts[0]?.id}/dismiss`)
    expect((await list('open=true')).alerts).toHaveLength(3)
    expect((await list('open=true&kind=failed')).alerts).toHaveLength(2)
    expect((await list('open=false')).alerts).toHaveLength(4)
    expect((await readOverview(env.DB, bench.clock.now())).needsAttention).toHaveLength(3)
  })

  it('are read by an index, and so are the runs that are judged', async () => {
    await dying()
    await bench.runInline(slow, { items: 1 })
    await bench.clock.advance('5 minutes')
    const queries = [{}, { open: true }, { kind: 'failed' }, { open: true, kind: 'failed' }]
    const plans = await plansOf(async (db) => {
      for (const query of [...queries, ...queries.map((each) => ({ ...each, run: 'a' }))]) {
        await listAlerts(db, { limit: 10, ...query } as Parameters<typeof listAlerts>[1])
      }
      await judgeRuns(db, bench.clock.now())
    })
    expect(plans.filter((plan) => /TEMP B-TREE/.test(plan))).toEqual([])
    expect(plans.filter((plan) => /^SCAN (?:runs|lanes|ledger|alerts)\b/.test(plan))).toEqual([])
  })

  it('go with their run', async () => {
    const run = await bench.runInline(fragile)
    await runInDurableObject(env.RUNS.getByName(run.id), (object: RunHost) => object.purge(run.id))
    expect(await alerts({ run: run.id })).toEqual([])
  })

  it.each([
    ['GET', '/api/alerts?kind=odd', 'invalid_query'],
    ['GET', '/api/alerts?open=maybe', 'invalid_query'],
    ['GET', '/api/alerts?limit=0', 'invalid_query'],
    ['GET', '/api/alerts?cursor=-1', 'invalid_query'],
    ['GET', '/api/alerts?since=now', 'invalid_query'],
    ['POST', '/api/alerts/999999/dismiss', 'unknown_alert'],
    ['POST', '/api/alerts/first/dismiss', 'invalid_request'],
    ['POST', '/api/alerts/1.5/dismiss', 'invalid_request'],
  ])('refuse %s %s', async (method, path, code) => {
    const before = await alerts()
    expect((await call(method, path)).json).toMatchObject({ code })
    expect(await alerts()).toEqual(before)
  })

  it('are shown to viewers, and dismissed by operators', async () => {
    const { ask } = deployed()
    expect(await ask('GET', '/api/alerts', { as: 'viewer' })).toMatchObject({ status: 200 })
    expect(await ask('POST', '/api/alerts/1/dismiss', { as: 'viewer' })).toMatchObject({
      status: 403,
    })
  })
})
