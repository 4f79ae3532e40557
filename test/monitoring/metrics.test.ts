import { env, exports } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { LEASE_MS } from '../../src/engine/drive/driving.ts'
import { defineIteration } from '../../src/engine/index.ts'
import { Registry } from '../../src/engine/job/registry.ts'
import { consume, workerDeps } from '../../src/engine/slice/consumer.ts'
import {
  countRuns,
  itemsPerSecond,
  pruneMetrics,
  readMetrics,
  sliceMetrics,
} from '../../src/monitoring/metric-rows.ts'
import { FaultyDatabase } from '../../src/testing/faulty-database.ts'
import { killAfter, testBench } from '../../src/testing/index.ts'
import { call } from '../support/api.ts'
import { consumeAll, consumeOne } from '../support/consume.ts'
import { appended, createTables, object, start, upTo, view } from '../support/drive.ts'
import { appendIteration, appendSteps } from '../support/jobs.ts'
import { isCommit, isRaise, nth, once } from '../support/mortal.ts'
import { plansOf } from '../support/query-plans.ts'
import { parsePrometheus, type ParsedFamily } from '../support/prometheus.ts'

beforeAll(createTables)
beforeEach(async () => {
  await env.DB.prepare('DELETE FROM dogear_metrics').run()
})

const isFigures = ({ sql }: { sql: readonly string[] }): boolean =>
  sql.some((text) => text.includes('INTO dogear_metrics'))
const withDB = (db: FaultyDatabase) => ({ env: { ...env, DB: db.binding } })

/** What a figure has come to for a job, over all labels or of one. */
async function figure(name: string, job: string, label?: string): Promise<number> {
  const figures = await readMetrics(env.DB)
  return figures
    .filter((row) => row.name === name && row.job === job && row.label === (label ?? row.label))
    .reduce((sum, { value }) => sum + value, 0)
}

async function scrape(): Promise<Map<string, ParsedFamily>> {
  const response = await exports.default.fetch(new Request('http://localhost/metrics'))
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  return parsePrometheus(await response.text())
}

describe('what slices count', () => {
  it('adds up to what the run itself says, whichever way its commits are written', async () => {
    for (const job of [appendSteps, appendIteration]) {
      const run = await start(job, { params: { items: 12 }, interrupt: { afterItems: 5 } })
      await consumeAll(run)
      const { progress, commits, slices, resumptions } = await view(run)
      expect(progress.done).toBe(12)
      const told = Object.fromEntries(
        await Promise.all(
          ['items', 'commits', 'slices', 'resumptions', 'interruptions', 'commit_ms', 'ended'].map(
            async (name) => [name, await figure(name, job.name)] as const,
          ),
        ),
      )
      expect(told).toEqual({
        items: 12,
        commits,
        slices,
        resumptions,
        interruptions: 1,
        commit_ms: commits,
        ended: 1,
      })
      expect(await figure('interruptions', job.name, 'signal')).toBe(1)
      expect(await figure('ended', job.name, 'completed')).toBe(1)
      expect(await figure('ended_resumptions', job.name)).toBe(1)
      expect(await figure('d1_statements', job.name)).toBeGreaterThan(commits)
    }
  })

  it('counts a commit whose answer was lost, once it is found to have landed', async () => {
    const run = await start(appendSteps, { params: { items: 6 }, commit: { everyItems: 2 } })
    const db = new FaultyDatabase(env.DB, once(nth(3, isCommit), 'lost_answer'))
    await consumeAll(run, withDB(db))
    expect(await appended(run)).toEqual(upTo(6))
    expect(await figure('items', 'append-steps')).toBe(6)
    expect(await figure('commits', 'append-steps')).toBe((await view(run)).commits)
  })

  it('counts skips and retries', async () => {
    let failing = true
    const job = defineIteration({
      name: 'picky-counted',
      skip: { maxSkips: 1, on: RangeError },
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2, 3, 4], { cursor }),
      eachIteration(item) {
        if (item === 2) throw new RangeError('two')
        if (item === 4 && failing) throw new TypeError('four')
      },
    })
    const run = await start(job)
    const jobs = new Registry([job])
    await consumeOne(run, { jobs })
    failing = false
    await consumeAll(run, { jobs })
    expect(await view(run)).toMatchObject({ status: 'completed', progress: { skipped: 1 } })
    expect(await figure('skips', job.name)).toBe(1)
    expect(await figure('retries', job.name)).toBe(1)
  })

  it('measures how long a message waited for its claim, also when it had to be sent again', async () => {
    const bench = testBench({ jobs: [appendSteps] })
    const parts = { objects: bench.objects, clock: bench.clock }
    const prompt = await bench.start(appendSteps, { items: 1 })
    await bench.clock.advance(700)
    await consumeOne(prompt.id, parts)
    expect(await figure('queue_lag_ms', 'append-steps', '1000')).toBe(1)
    expect(await figure('queue_lag_ms_sum', 'append-steps')).toBe(700)
    const lost = await bench.start(appendSteps, { items: 1 })
    await bench.clock.advance('8s')
    await consumeOne(lost.id, parts)
    expect(await figure('queue_lag_ms_sum', 'append-steps')).toBe(8_700)
  })

  it('does not take the time of a slice that vanished for a wait', async () => {
    const bench = testBench({ jobs: [appendSteps] })
    const parts = { objects: bench.objects, clock: bench.clock }
    const { id } = await bench.start(appendSteps, { items: 3 })
    await killAfter(id, 'commit', { nth: 2 }, bench)
    // Those that vanish together come back at different times; this one at once.
    const random = vi.spyOn(Math, 'random').mockReturnValue(0)
    await bench.clock.advance(LEASE_MS + 40)
    random.mockRestore()
    await consumeOne(id, parts)
    expect(await bench.view(id)).toMatchObject({ status: 'completed', slices: 2 })
    expect(await figure('queue_lag_ms_sum', 'append-steps')).toBe(40)
  })

  it('costs one statement per slice, after the message is acknowledged, and none for a stale one', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    const order: string[] = []
    const db = new FaultyDatabase(env.DB, (called) => {
      if (isFigures(called)) order.push(`figures in ${called.sql.length} statement`)
      return undefined
    })
    const message = { body: { run, lane: 0, n: 1 }, ack: () => void order.push('ack') }
    const jobs = new Registry([appendSteps])
    const deps = { ...workerDeps(env, jobs), ...withDB(db), listener: sliceMetrics }
    await consume([message], deps)
    await consume([message], deps)
    expect(order).toEqual(['ack', 'figures in 1 statement', 'ack'])
  })

  it('does not hurt the run when D1 refuses it', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue(undefined)
    const db = new FaultyDatabase(env.DB, (called) =>
      isFigures(called) ? 'never_lands' : undefined,
    )
    const run = await start(appendSteps, { params: { items: 3 } })
    await consumeOne(run, withDB(db))
    expect(await view(run)).toMatchObject({ status: 'completed', progress: { done: 3 } })
    expect(await readMetrics(env.DB)).toEqual([])
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('metrics.lost'))
    warn.mockRestore()
  })
})

describe('items per second', () => {
  it('looks at this minute and the one before, and forgets minutes after a day', async () => {
    const bench = testBench({ jobs: [appendSteps] })
    const minute = Math.ceil(bench.clock.now() / 60_000) * 60_000
    await bench.clock.advanceTo(minute + 30_000)
    const run = await bench.start(appendSteps, { items: 180 })
    await consumeOne(run.id, { objects: bench.objects, clock: bench.clock })
    expect(await itemsPerSecond(env.DB, minute + 30_000)).toBe(2)
    expect(await itemsPerSecond(env.DB, minute + 90_000)).toBe(2)
    expect(await itemsPerSecond(env.DB, minute + 120_000)).toBe(0)
    const rows = () =>
      env.DB.prepare(
        `SELECT count(*) AS n FROM dogear_metrics WHERE name = 'items_by_minute'`,
      ).first('n')
    await pruneMetrics(env.DB, minute + 86_400_000)
    expect(await rows()).toBe(1)
    await pruneMetrics(env.DB, minute + 86_460_000)
    expect(await rows()).toBe(0)
  })
})

describe('the count of runs by status', () => {
  const counted = async () =>
    (
      await env.DB.prepare(
        `SELECT job, shown_status AS status, count(*) AS runs FROM dogear_runs GROUP BY 1, 2 ORDER BY 1, 2`,
      ).all()
    ).results

  it('is exact after each change: starts, pauses, ends, retries, purges', async () => {
    const failing = new FaultyDatabase(env.DB, (called) =>
      isRaise(called) ? 'never_lands' : undefined,
    )
    const done = await start(appendSteps, { params: { items: 1 } })
    await consumeAll(done)
    const stood = await start(appendIteration)
    await consumeOne(stood, withDB(failing))
    expect(await countRuns(env.DB)).toEqual(await counted())
    await object(stood).command('pause', {})
    expect(await countRuns(env.DB)).toEqual(await counted())
    await object(stood).command('cancel', {})
    expect(await countRuns(env.DB)).toEqual(await counted())
    await object(stood).command('retry', {})
    expect(await countRuns(env.DB)).toEqual(await counted())
    await object(done).purge(done)
    expect(await countRuns(env.DB)).toEqual(await counted())
    expect(await counted()).toContainEqual({ job: 'append-iteration', status: 'queued', runs: 1 })
  })

  it('begins with the runs that were there before it', async () => {
    await start(appendSteps)
    const fill = env.MIGRATIONS.flatMap(({ queries }) => queries).find((sql) =>
      sql.includes('SELECT job, shown_status, count(*)'),
    )
    await env.DB.batch([
      env.DB.prepare('DELETE FROM dogear_run_counts'),
      // The migration is older than the names that the tables have today.
      env.DB.prepare(fill?.replaceAll(/\b(INTO|FROM) /g, '$1 dogear_') ?? ''),
    ])
    expect(await countRuns(env.DB)).toEqual(await counted())
  })
})

describe('GET /metrics', () => {
  it('is well-formed, with every family there is from the first scrape on', async () => {
    const families = await scrape()
    expect([...families].map(([name, { type }]) => `${type} ${name}`)).toEqual([
      'gauge dogear_runs',
      'counter dogear_items_total',
      'counter dogear_commits_total',
      'counter dogear_skips_total',
      'counter dogear_retries_total',
      'counter dogear_resumptions_total',
      'counter dogear_interruptions_total',
      'counter dogear_slices_total',
      'counter dogear_runs_ended_total',
      'counter dogear_d1_statements_total',
      'counter dogear_d1_rows_read_total',
      'counter dogear_d1_rows_written_total',
      'histogram dogear_commit_duration_seconds',
      'histogram dogear_queue_lag_seconds',
      'counter dogear_schedule_runs_started_total',
      'counter dogear_schedule_ticks_skipped_total',
    ])
  })

  it('tells what slices have counted, and how many runs there are', async () => {
    const run = await start(appendSteps, { params: { items: 7 } })
    await consumeAll(run)
    const families = await scrape()
    const value = (family: string, name: string, labels: Record<string, string>) =>
      families
        .get(family)
        ?.samples.find(
          (sample) =>
            sample.name === name && JSON.stringify(sample.labels) === JSON.stringify(labels),
        )?.value
    const job = { job: 'append-steps' }
    expect(value('dogear_items_total', 'dogear_items_total', job)).toBe(7)
    expect(value('dogear_slices_total', 'dogear_slices_total', { ...job, outcome: 'ended' })).toBe(
      1,
    )
    const commits = 'dogear_commit_duration_seconds'
    expect(value(commits, `${commits}_count`, job)).toBe((await view(run)).commits)
    expect(
      value('dogear_runs', 'dogear_runs', { ...job, status: 'completed' }),
    ).toBeGreaterThanOrEqual(1)
  })

  it('tells how often schedules have started a run, and left out a tick', async () => {
    await env.DB.prepare(
      `INSERT INTO dogear_schedules (name, cron, last_tick, started, skipped) VALUES ('nightly', '', '', 3, 1)`,
    ).run()
    const families = await scrape()
    const labels = { schedule: 'nightly' }
    expect(families.get('dogear_schedule_runs_started_total')?.samples).toEqual([
      { name: 'dogear_schedule_runs_started_total', labels, value: 3 },
    ])
    expect(families.get('dogear_schedule_ticks_skipped_total')?.samples).toEqual([
      { name: 'dogear_schedule_ticks_skipped_total', labels, value: 1 },
    ])
  })

  it('escapes what stands in a label', async () => {
    const odd = 'a "quoted" \\ back\nslash'
    await env.DB.prepare(`INSERT INTO dogear_metrics VALUES ('interruptions', ?, 'odd', 2)`)
      .bind(odd)
      .run()
    const families = await scrape()
    expect(families.get('dogear_interruptions_total')?.samples).toEqual([
      { name: 'dogear_interruptions_total', labels: { job: 'odd', reason: odd }, value: 2 },
    ])
  })

  it('reads neither runs nor lanes nor ledger, however many there are', async () => {
    const plans = await plansOf((db) => Promise.all([countRuns(db), readMetrics(db)]))
    expect(plans).toContain('SCAN dogear_run_counts')
    expect(plans.filter((plan) => /\b(?:runs|lanes|ledger)\b/.test(plan))).toEqual([])
  })

  it('is listed in the API’s own description', async () => {
    const { json } = await call('GET', '/openapi.json')
    expect(Object.keys(json['paths'] as object)).toContain('/metrics')
  })
})
