import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { defineJob, type RunView } from '../../src/engine/index.ts'
import { listRuns } from '../../src/engine/runs/list.ts'
import { listAlerts } from '../../src/monitoring/alert-rows.ts'
import {
  countErrorGroups,
  type ErrorGroupView,
  groupsByStart,
  listErrorGroups,
  readErrorGroup,
} from '../../src/monitoring/error-groups.ts'
import {
  dismissErrorGroup,
  muteErrorGroup,
  tendErrorGroups,
  unmuteErrorGroup,
} from '../../src/monitoring/error-group-acts.ts'
import { readOverview } from '../../src/monitoring/overview.ts'
import { testBench, type TestBench } from '../../src/testing/index.ts'
import { createTables } from '../support/drive.ts'
import { plansOf } from '../support/query-plans.ts'

let broken = true

/** Fails with what it is given, until it is repaired. */
const sync = defineJob({
  name: 'sync',
  params: z.object({ problem: z.string() }),
  retry: { attempts: 1 },
  async perform({ step, params }) {
    await step('work', () => {
      if (broken) throw new Error(params.problem)
    })
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
      'dogear_error_groups',
      'dogear_alerts',
      'dogear_webhook_events',
    ].map((table) => env.DB.prepare(`DELETE FROM ${table}`)),
  )
  bench = testBench({ jobs: [sync] })
})

const fail = (problem: string) => bench.runInline(sync, { problem })
const now = () => bench.clock.now()
const at = () => new Date(now()).toISOString()
const groups = async (query = {}) =>
  (await listErrorGroups(env.DB, { limit: 100, ...query }, now())).groups
const only = async (): Promise<ErrorGroupView> => {
  const [group, ...others] = await groups()
  if (!group || others.length > 0) throw new Error('expected one group')
  return group
}
const openAlerts = async () => (await listAlerts(env.DB, { limit: 100, open: true })).alerts
const retry = (run: RunView) => bench.objects(run.id).command('retry', {})
const purge = (run: RunView) =>
  runInDurableObject(env.RUNS.getByName(run.id), (object: RunHost) => object.purge(run.id))

describe('two hundred equal failures and one other', () => {
  it('are two groups on the overview, with one alert each', async () => {
    for (const tens of Array.from({ length: 20 }, (_, index) => index * 10)) {
      const products = Array.from({ length: 10 }, (_, index) => tens + index + 1)
      await Promise.all(products.map((product) => fail(`product ${product}: no price`)))
    }
    await bench.clock.advance(1)
    await fail('the partner is gone')
    const { needsAttention } = await readOverview(env.DB, now())
    expect(needsAttention).toMatchObject([
      { problem: 'the partner is gone', group: { failed: 1 } },
      {
        kind: 'failed',
        job: 'sync',
        problem: expect.stringMatching(/^product \d+: no price$/),
        group: {
          error: 'Error',
          template: 'product <n>: no price',
          failed: 200,
          occurrences: 200,
          state: 'open',
        },
      },
    ])
    expect(await openAlerts()).toHaveLength(2)
    expect(needsAttention[1]?.group?.lastDay.reduce((sum, runs) => sum + runs)).toBe(200)
  }, 120_000)
})

describe('a group', () => {
  it('knows its first and last time, its newest run and message, and who threw', async () => {
    const first = await fail('product 1: no price')
    await bench.clock.advance('2 hours')
    const last = await fail('product 2: no price')
    expect(await only()).toMatchObject({
      message: 'product 2: no price',
      firstAt: first.finishedAt,
      lastAt: last.finishedAt,
      lastRun: last.id,
      frame: expect.stringMatching(/error-groups\.test\.ts:\d+:\d+/),
    })
    expect(first.error?.group?.id).toBe((await only()).id)
  })

  it('loses a run that is retried, and is resolved with the last one; its alert is over then', async () => {
    const runs = [await fail('product 1'), await fail('product 2')]
    await retry(runs[0] as RunView)
    expect(await only()).toMatchObject({ failed: 1, occurrences: 2, state: 'open' })
    expect(await openAlerts()).toHaveLength(1)
    broken = false
    for (const run of runs) await retry(run)
    for (const run of runs) await bench.drive(run)
    expect(await only()).toMatchObject({ failed: 0, occurrences: 2, state: 'resolved' })
    expect(await openAlerts()).toEqual([])
  })

  it('that occurs again when it was resolved is open again, with a new alert', async () => {
    const run = await fail('product 1')
    const [before] = await openAlerts()
    await retry(run)
    await bench.drive(run)
    expect(await only()).toMatchObject({ failed: 1, occurrences: 2, state: 'open' })
    const [after] = await openAlerts()
    expect(after?.id).toBeGreaterThan(before?.id ?? Infinity)
  })

  it('counts right after a purge, of failed runs and of others', async () => {
    const runs = [await fail('product 1'), await fail('product 2'), await fail('product 3')]
    await purge(runs[0] as RunView)
    expect(await only()).toMatchObject({ failed: 2, occurrences: 3 })
    broken = false
    await retry(runs[1] as RunView)
    await bench.drive(runs[1] as RunView)
    await purge(runs[1] as RunView)
    expect(await only()).toMatchObject({ failed: 1, occurrences: 3, state: 'open' })
    await purge(runs[2] as RunView)
    expect(await only()).toMatchObject({ failed: 0, state: 'resolved' })
    expect(await openAlerts()).toEqual([])
  })

  it('loses no count when slices end at once', async () => {
    const runs: RunView[] = []
    for (let product = 0; product < 8; product++) {
      runs.push(await bench.start(sync, { problem: `product ${product}` }))
    }
    await Promise.all(runs.map((run) => bench.drive(run)))
    expect(await only()).toMatchObject({ failed: 8, occurrences: 8 })
  })

  it('is what its failed runs are found by', async () => {
    const runs = [await fail('product 1'), await fail('product 2')]
    await fail('another')
    const { group } = (runs[0] as RunView).error ?? {}
    const found = await listRuns(env.DB, { group: group?.id ?? '', limit: 10 })
    expect(found.runs.map(({ id }) => id).toSorted()).toEqual(runs.map(({ id }) => id).toSorted())
  })

  it('costs few rows in D1, however many runs there are in it', async () => {
    for (let product = 0; product < 3; product++) await fail(`product ${product}`)
    const run = await fail('product 3')
    await retry(run)
    const again = env.DB.prepare(
      `UPDATE dogear_runs SET status = 'failed', error = ?2, finished_at = ?3 WHERE id = ?1`,
    ).bind(run.id, JSON.stringify(run.error), at())
    const { meta } = await again.run()
    // The run's own row and indexes are the same without groups; see docs/guide/limits-and-costs.md.
    expect(meta.rows_written).toBeLessThanOrEqual(18)
  })
})

describe('a group that a person has dismissed', () => {
  it('is open again when it occurs again, and says so', async () => {
    await fail('product 1')
    const { id } = await only()
    await bench.clock.advance('1 minute')
    await dismissErrorGroup(env.DB, id, { at: at(), by: 'ada' })
    expect(await only()).toMatchObject({
      state: 'dismissed',
      dismissedAt: at(),
      dismissedBy: 'ada',
      failed: 1,
    })
    expect(await openAlerts()).toEqual([])
    await bench.clock.advance('1 minute')
    const again = await fail('product 2')
    expect(await only()).toMatchObject({ state: 'open', returnedAt: again.finishedAt, failed: 2 })
    expect(await only()).not.toHaveProperty('dismissedAt')
    expect(await openAlerts()).toMatchObject([{ group: { id, failed: 2 } }])
  })

  it('stays as it is when it is dismissed again, and when it is resolved', async () => {
    const run = await fail('product 1')
    const { id } = await only()
    await dismissErrorGroup(env.DB, id, { at: at(), by: 'ada' })
    const dismissed = await only()
    await dismissErrorGroup(env.DB, id, { at: '2099-01-01T00:00:00.000Z', by: 'bob' })
    expect(await only()).toEqual(dismissed)
    await retry(run)
    expect(await only()).toMatchObject({ state: 'resolved' })
  })
})

describe('a group that a person has muted', () => {
  it('says nothing until then, whether it occurs or not, and then says it', async () => {
    await fail('product 1')
    const { id } = await only()
    const until = new Date(now() + 8 * 3_600_000).toISOString()
    await muteErrorGroup(env.DB, id, { at: at(), by: 'ada', until })
    await bench.clock.advance('7 hours')
    await fail('product 2')
    await tendErrorGroups(env.DB, now())
    expect(await only()).toMatchObject({
      state: 'muted',
      mutedUntil: until,
      mutedBy: 'ada',
      failed: 2,
    })
    expect(await openAlerts()).toEqual([])
    await bench.clock.advance('1 hour')
    await tendErrorGroups(env.DB, now())
    expect(await only()).toMatchObject({ state: 'open', failed: 2 })
    expect(await openAlerts()).toHaveLength(1)
  })

  it('is open with its next occurrence after then, before any cron', async () => {
    await fail('product 1')
    const { id } = await only()
    const until = new Date(now() + 3_600_000).toISOString()
    await muteErrorGroup(env.DB, id, { at: at(), by: 'ada', until })
    await bench.clock.advance('2 hours')
    await fail('product 2')
    expect(await only()).toMatchObject({ state: 'open' })
  })

  it('is open when somebody wants to hear of it again, and resolved when no run is failed', async () => {
    const run = await fail('product 1')
    const { id } = await only()
    const mute = { at: at(), by: 'ada', until: '2099-01-01T00:00:00.000Z' }
    await muteErrorGroup(env.DB, id, mute)
    await unmuteErrorGroup(env.DB, id, at())
    expect(await only()).toMatchObject({ state: 'open' })
    expect(await openAlerts()).toHaveLength(1)
    await muteErrorGroup(env.DB, id, mute)
    await retry(run)
    expect(await only()).toMatchObject({ state: 'muted' })
    await unmuteErrorGroup(env.DB, id, at())
    expect(await only()).toMatchObject({ state: 'resolved' })
    expect(await openAlerts()).toEqual([])
  })
})

describe('groups', () => {
  it('are listed page by page, those that occurred last first, by state, job and time', async () => {
    const words = ['one', 'two', 'three', 'four', 'five']
    for (const word of words) {
      await fail(`no ${word}`)
      await bench.clock.advance('1 hour')
    }
    const messages = (found: ErrorGroupView[]) => found.map(({ message }) => message)
    const newest = words.map((word) => `no ${word}`).toReversed()
    const first = await listErrorGroups(env.DB, { limit: 3 }, now())
    expect(messages(first.groups)).toEqual(newest.slice(0, 3))
    const rest = await listErrorGroups(
      env.DB,
      { limit: 3, after: first.next ?? undefined } as never,
      now(),
    )
    expect(messages(rest.groups)).toEqual(newest.slice(3))
    expect(rest.next).toBeNull()
    await dismissErrorGroup(env.DB, first.groups[0]?.id ?? '', { at: at(), by: '' })
    expect(messages(await groups({ state: 'open' }))).toEqual(newest.slice(1))
    expect(messages(await groups({ state: 'dismissed', job: 'sync' }))).toEqual(newest.slice(0, 1))
    expect(await groups({ job: 'another' })).toEqual([])
    expect(messages(await groups({ since: first.groups[1]?.lastAt }))).toEqual(newest.slice(0, 2))
    const totals = { open: 4, dismissed: 1, muted: 0, resolved: 0 }
    expect(await countErrorGroups(env.DB)).toEqual(totals)
    expect(await countErrorGroups(env.DB, 'sync')).toEqual(totals)
    expect(await countErrorGroups(env.DB, 'another')).toMatchObject({ open: 0 })
  })

  it('have a trend by the hour, which becomes one by the day, and is forgotten with time', async () => {
    const run = await fail('product 1')
    await fail('product 2')
    await bench.clock.advance('3 hours')
    await fail('product 3')
    const { id, lastDay } = await only()
    expect(lastDay).toHaveLength(24)
    expect([lastDay.at(-4), lastDay.at(-1)]).toEqual([2, 1])
    const trend = async () => (await readErrorGroup(env.DB, id, now()))?.trend
    const hour = `${run.finishedAt?.slice(0, 13)}:00:00.000Z`
    expect(await trend()).toMatchObject([
      { at: hour, per: 'hour', occurrences: 2 },
      { per: 'hour', occurrences: 1 },
    ])
    await bench.clock.advance('10 days')
    await tendErrorGroups(env.DB, now())
    await tendErrorGroups(env.DB, now())
    const days = (await trend()) ?? []
    expect(days.every(({ per }) => per === 'day')).toBe(true)
    expect(days.reduce((sum, { occurrences }) => sum + occurrences, 0)).toBe(3)
    await bench.clock.advance('91 days')
    await tendErrorGroups(env.DB, now())
    expect(await trend()).toEqual([])
  })

  it('are forgotten 30 days after the last run was failed, and no sooner', async () => {
    const [run, other] = [await fail('product 1'), await fail('the other')]
    broken = false
    await retry(run)
    await bench.drive(run)
    await bench.clock.advance('29 days')
    await tendErrorGroups(env.DB, now())
    expect(await groups()).toHaveLength(2)
    await bench.clock.advance('2 days')
    await tendErrorGroups(env.DB, now())
    expect(await groups()).toMatchObject([{ lastRun: other.id }])
    const left = await env.DB.prepare(
      `SELECT (SELECT count(*) FROM dogear_error_trend WHERE group_id = ?1) AS trend,
         (SELECT count(*) FROM dogear_alerts WHERE error_group = ?1) AS alerts`,
    )
      .bind(run.error?.group?.id)
      .first()
    expect(left).toEqual({ trend: 0, alerts: 0 })
  })

  it('are read by indexes, and tended by them', async () => {
    await fail('product 1')
    const act = { at: at(), by: '' }
    const plans = await plansOf(async (db) => {
      const queries = [{}, { state: 'open' }, { job: 'a' }, { job: 'a', state: 'open' }]
      for (const query of queries) {
        const more = { since: at(), after: { lastAt: at(), id: 'a' } }
        await listErrorGroups(db, { limit: 5, ...query } as never, now())
        await listErrorGroups(db, { limit: 5, ...query, ...more } as never, now())
      }
      await readErrorGroup(db, 'a', now())
      await groupsByStart(db, 'abcdef', 5)
      await dismissErrorGroup(db, 'a', act)
      await muteErrorGroup(db, 'a', { ...act, until: at() })
      await unmuteErrorGroup(db, 'a', at())
      await tendErrorGroups(db, now())
      await listRuns(db, { group: 'a', limit: 5 })
      await listRuns(db, { group: 'a', job: 'b', status: 'failed', since: at(), limit: 5 })
    })
    expect(plans.filter((plan) => /TEMP B-TREE/.test(plan))).toEqual([])
    const scans = plans.filter((plan) => plan.startsWith('SCAN dogear_'))
    // The first page of all groups begins where their index does.
    expect(new Set(scans)).toEqual(
      new Set(['SCAN dogear_error_groups USING INDEX dogear_error_groups_by_time']),
    )
    expect(plans.join('\n')).toContain('USING INDEX dogear_runs_by_error_group')
  })

  it('are counted along their index', async () => {
    const plans = await plansOf(async (db) => {
      await countErrorGroups(db)
      await countErrorGroups(db, 'a')
    })
    expect(plans).toEqual([
      'SCAN dogear_error_groups USING INDEX dogear_error_groups_by_state',
      'SEARCH dogear_error_groups USING INDEX dogear_error_groups_by_job (job=?)',
      'USE TEMP B-TREE FOR GROUP BY',
    ])
  })
})

describe('a failure that code of before has written', () => {
  it('is in no group, and has an alert of its own, as then', async () => {
    const run = await bench.start(sync, { problem: 'none' })
    await env.DB.prepare(
      `UPDATE dogear_runs SET status = 'failed', error = '{"name":"Error","message":"old"}', finished_at = ?2 WHERE id = ?1`,
    )
      .bind(run.id, at())
      .run()
    expect(await groups()).toEqual([])
    expect(await openAlerts()).toMatchObject([{ run: run.id, message: 'old' }])
    expect((await readOverview(env.DB, now())).needsAttention).toMatchObject([{ run: run.id }])
  })
})
