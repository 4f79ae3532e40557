import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration } from '../../src/engine/index.ts'
import { testBench } from '../../src/testing/index.ts'
import { breakDownRuns, countRuns, runsOverTime, type Sought } from '../../src/search/index.ts'
import { appendSteps } from '../support/jobs.ts'
import { createTables, drain, object, start } from '../support/drive.ts'
import { addRuns, clearRuns } from './support/many-runs.ts'

const HOUR_MS = 3_600_000
const BEGIN = Date.UTC(2026, 0, 1)
const at = (seconds: number) => new Date(BEGIN + seconds * 1_000).toISOString()
const now = BEGIN + 5 * HOUR_MS

beforeAll(async () => {
  await createTables()
  await clearRuns()
  // 12,000 s are 3 h 20 min.
  await addRuns({
    from: 1,
    to: 12_000,
    label: "'half', iif(n % 2, 'odd', 'even')",
    failed: 'n % 1000 = 0',
    active: 'n % 1000 = 1',
  })
  await addRuns({ from: 12_001, to: 12_010, job: 'other-runs', label: "'half', 'odd'" })
})

describe('The number of runs that fit', () => {
  it.each<[string, Sought, number]>([
    ['all', {}, 12_010],
    ['of a job', { job: 'other-runs' }, 10],
    ['of a status', { status: 'failed' }, 12],
    ['of a job and a status', { job: 'many-runs', status: 'queued' }, 12],
    ['not of a job', { otherThan: 'many-runs' }, 10],
    ['of a time', { since: at(100), until: at(200) }, 100],
    ['with a label', { label: { name: 'half', value: 'even' } }, 6_000],
    ['with a label, of a status', { label: { name: 'half', value: 'even' }, status: 'failed' }, 12],
    ['found by a word', { q: 'odd' }, 6_010],
    ['found at two places, once', { q: 'oth' }, 10],
    ['found by two words', { q: 'odd other' }, 10],
    ['found by nothing', { q: 'nothing' }, 0],
  ])('is exact: %s', async (_what, sought, total) => {
    expect(await countRuns(env.DB, sought)).toEqual({ total, more: false })
  })

  it('counts a run that has completed with skips once', async () => {
    const before = await countRuns(env.DB, {})
    const skipping = defineIteration({
      name: 'skipping',
      skip: { maxSkips: 1 },
      buildEnumerator: ({ cursor, enumerators }) => enumerators.times(2, { cursor }),
      eachIteration(index) {
        if (index === 0) throw new Error('no')
      },
    })
    const bench = testBench()
    const run = await bench.runInline(skipping)
    expect(run).toMatchObject({ status: 'completed', progress: { skipped: 1 } })
    await expect
      .poll(() => countRuns(env.DB, { job: 'skipping', status: 'completed' }))
      .toEqual({ total: 1, more: false })
    expect(await countRuns(env.DB, { job: 'skipping' })).toEqual({ total: 1, more: false })
    expect(await countRuns(env.DB, {})).toEqual({ ...before, total: before.total + 1 })
    await bench.remove(run)
  })

  it('is exact up to ten thousand, and more than that beyond', async () => {
    const most = { since: at(2_001) }
    expect(await countRuns(env.DB, { ...most, until: at(12_001) })).toEqual({
      total: 10_000,
      more: false,
    })
    expect(await countRuns(env.DB, { ...most, until: at(12_002) })).toEqual({
      total: 10_000,
      more: true,
    })
    expect(await countRuns(env.DB, { q: 'many' })).toEqual({ total: 10_000, more: true })
  })

  it('comes with what they are', async () => {
    expect(await breakDownRuns(env.DB, { label: { name: 'half', value: 'even' } })).toEqual({
      total: 6_000,
      more: false,
      statuses: { completed: 5_988, failed: 12 },
      errors: [{ error: 'too_many', runs: 12 }],
    })
    expect(await breakDownRuns(env.DB, { q: 'odd', otherThan: 'other-runs' })).toMatchObject({
      total: 6_000,
      statuses: { completed: 5_988, queued: 12 },
      errors: [],
    })
    expect(await breakDownRuns(env.DB, { q: 'nothing' })).toEqual({
      total: 0,
      more: false,
      statuses: {},
      errors: [],
    })
  })
})

describe('Runs over time', () => {
  const over = (sought: Sought, buckets = 60) => runsOverTime(env.DB, sought, { now, buckets })
  const sums = ({ buckets }: Awaited<ReturnType<typeof over>>) =>
    buckets.map(({ active, completed, failed, cancelled }) => [
      active,
      completed,
      failed,
      cancelled,
    ])

  it('are counted by hour, from the first one until now', async () => {
    const all = await over({}, 6)
    expect(all).toMatchObject({ since: at(0), until: at(5 * 3_600), bucketMs: HOUR_MS })
    expect(all.buckets.map((bucket) => bucket.at)).toEqual(
      [0, 1, 2, 3, 4].map((h) => at(h * 3_600)),
    )
    expect(sums(all)).toEqual([
      [4, 3_592, 3, 0],
      [4, 3_592, 4, 0],
      [3, 3_594, 3, 0],
      [1, 1_208, 2, 0],
      [0, 0, 0, 0],
    ])
  })

  it('of a job or a status alone', async () => {
    expect(sums(await over({ job: 'other-runs', since: at(0) }, 6))).toEqual([
      ...Array.from({ length: 3 }, () => [0, 0, 0, 0]),
      [0, 10, 0, 0],
      [0, 0, 0, 0],
    ])
    expect(sums(await over({ status: 'failed' }, 6)).map(([, , failed]) => failed)).toEqual([
      3, 4, 3, 2, 0,
    ])
    expect(sums(await over({ status: 'queued' }, 6)).map(([active]) => active)).toEqual([
      4, 4, 3, 1, 0,
    ])
  })

  it('are counted run by run for a short time, or another filter', async () => {
    const minutes = await over({ since: at(3_600), until: at(3_900) })
    expect(minutes).toMatchObject({ since: at(3_600), until: at(3_900), bucketMs: 60_000 })
    expect(sums(minutes)).toEqual([
      [0, 60, 0, 0],
      [0, 60, 0, 0],
      [0, 60, 0, 0],
      [0, 60, 0, 0],
      [0, 60, 0, 0],
    ])
    expect(sums(await over({ q: 'even' }, 6)).map(([, completed]) => completed)).toEqual([
      1_796, 1_796, 1_797, 599, 0,
    ])
  })

  it('say from when on they are counted, when there are too many', async () => {
    const { countedSince, buckets } = await over({ q: 'many' }, 6)
    expect(countedSince).toBe(at(0))
    const counted = buckets.flatMap(({ active, completed, failed }) => [active, completed, failed])
    expect(counted.reduce((sum, runs) => sum + runs, 0)).toBe(10_001)
  })

  it.each([
    ['a day', 24, 30],
    ['a week', 7 * 24, 180],
    ['a year', 366 * 24, 10_080],
  ])('take no more than sixty buckets for %s', async (_span, hours, minutes) => {
    const since = new Date(now - hours * HOUR_MS).toISOString()
    const { bucketMs, buckets } = await over({ since })
    expect(bucketMs).toBe(minutes * 60_000)
    expect(buckets.length).toBeLessThanOrEqual(60)
  })

  it('are none where none fits, or a time ends before it begins', async () => {
    expect((await over({ q: 'nothing' })).buckets).toEqual([])
    expect((await over({ since: at(9), until: at(8) })).buckets).toEqual([])
  })

  it('follow a run to its end, back, and to its purge', async () => {
    const hours = async () => {
      const { results } = await env.DB.prepare(
        "SELECT status, runs FROM dogear_run_hours WHERE job = 'append-steps' ORDER BY status",
      ).all()
      return results
    }
    const run = await start(appendSteps, { params: { items: 1 } })
    expect(await hours()).toEqual([])
    await object(run).command('cancel', {})
    expect(await hours()).toEqual([{ status: 'cancelled', runs: 1 }])
    await object(run).command('retry', {})
    expect(await hours()).toEqual([{ status: 'cancelled', runs: 0 }])
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await hours()).toEqual([
      { status: 'cancelled', runs: 0 },
      { status: 'completed', runs: 1 },
    ])
    // A run that was reopened is not purged for days.
    await env.DB.prepare('DELETE FROM dogear_runs WHERE id = ?').bind(run).run()
    expect(await hours()).toEqual([])
  })
})
