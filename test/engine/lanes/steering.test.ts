import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineIteration } from '../../../src/engine/index.ts'
import type { LaneView, RunView } from '../../../src/engine/run.ts'
import { appended, bench, createTables, object } from '../../support/drive.ts'

beforeAll(createTables)

const APPEND = 'INSERT INTO appended (run_id, item) VALUES (?, ?)'
const range = (count: number) => Array.from({ length: count }, (_, index) => index)

/** Fails at these items, until somebody takes them out. */
const bad = new Set<number>()
const inLanes = defineIteration({
  name: 'steered-lanes',
  lanes: 3,
  commit: { everyItems: 2 },
  budget: { items: 4 },
  retry: { attempts: 2, waitMs: 1 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(60, { cursor }),
  eachIteration: (item, { effects, run }) => {
    if (bad.has(item)) throw new Error(`item ${item} is bad`)
    effects.run(APPEND, run.id, item)
  },
})

/** Drives until so many slices were worked, whatever lane each was of. */
async function afterSlices(run: RunView, slices: number): Promise<RunView> {
  let worked = 0
  return bench.drive(run, { until: () => ++worked >= slices })
}

const lane = ({ lanes = [] }: RunView, number: number) => lanes[number] as LaneView

async function doneOnce(run: RunView): Promise<void> {
  const view = await bench.view(run)
  expect(view).toMatchObject({ status: 'completed', progress: { done: 60, total: 60 } })
  expect(await appended(run.id)).toEqual(range(60))
  expect((await bench.verify(run)).checks.filter(({ ok }) => !ok)).toEqual([])
}

describe('A run in lanes', () => {
  it('is paused when each of its lanes has come to rest, and goes on in all of them', async () => {
    const run = await bench.start(inLanes)
    await afterSlices(run, 4)
    await object(run.id).command('pause', {})
    const paused = await bench.drive(run)
    expect(paused.status).toBe('paused')
    expect(paused.lanes?.map(({ status }) => status)).toEqual(['paused', 'paused', 'paused'])
    const done = await appended(run.id)
    expect(done.length).toBeLessThan(60)
    expect(paused.progress.done).toBe(done.length)
    await object(run.id).command('resume', {})
    await bench.drive(run)
    await doneOnce(run)
  })

  it('is shown as running, as long as one lane has not come to rest', async () => {
    const run = await bench.start(inLanes)
    await afterSlices(run, 2)
    const message = bench.queue.receive((body) => body.run === run.id && body.lane === 1)
    if (!message) throw new Error('no message for lane 1')
    let asked = false
    await bench.redeliver(message, {
      deps: {
        stopAt: () => {
          if (!asked) void object(run.id).command('pause', {})
          asked = true
          return false
        },
      },
    })
    const paused = await bench.drive(run)
    expect(paused.status).toBe('paused')
    await object(run.id).command('resume', {})
    await bench.drive(run)
    await doneOnce(run)
  })

  it('commits nothing in any lane once it is cancelled, and a retry goes on where each was', async () => {
    const run = await bench.start(inLanes)
    await afterSlices(run, 5)
    const cancelled = await object(run.id).command('cancel', {})
    expect(cancelled).toMatchObject({ ok: true, run: { status: 'cancelled' } })
    const done = await appended(run.id)
    await bench.drive(run)
    while (bench.queue.receive((body) => body.run === run.id));
    expect(await appended(run.id)).toEqual(done)
    await object(run.id).command('retry', {})
    await bench.drive(run)
    await doneOnce(run)
  })

  it('fails when one lane fails for good, and a retry goes on in all of them', async () => {
    bad.add(33)
    const run = await bench.runInline(inLanes)
    expect(run).toMatchObject({ status: 'failed', error: { message: 'item 33 is bad' } })
    expect(lane(run, 1)).toMatchObject({ status: 'failed', error: { message: 'item 33 is bad' } })
    expect(await appended(run.id)).not.toContain(33)
    bad.clear()
    await object(run.id).command('retry', {})
    await bench.drive(run)
    await doneOnce(run)
  })

  beforeEach(() => bad.clear())

  it('goes on when a slice of each lane is killed', async () => {
    const run = await bench.start(inLanes)
    await afterSlices(run, 3)
    for (const number of [0, 1, 2]) {
      const message = bench.queue.receive((body) => body.run === run.id && body.lane === number)
      if (!message) continue
      await bench.redeliver(message, {
        deps: {
          stopAt: () => {
            void object(run.id).kill()
            return false
          },
        },
      })
    }
    await bench.drive(run)
    await doneOnce(run)
  })

  it('goes on when the objects of its lanes have lost what they had stored', async () => {
    const run = await bench.start(inLanes)
    await afterSlices(run, 4)
    await bench.loseStorage(`${run.id}.1`)
    await bench.loseStorage(run.id)
    await object(run.id).poke(run.id)
    await bench.drive(run)
    await doneOnce(run)
  })

  it('works each message once, however often it comes', async () => {
    const run = await bench.start(inLanes)
    await bench.drive(run, {
      slice: async (message, given) => {
        const { runSlice } = await import('../../../src/engine/slice/slice.ts')
        await runSlice(message, given)
        await runSlice(message, given)
      },
    })
    await doneOnce(run)
  })

  it('skips no more items in all of its lanes than its job tolerates', async () => {
    const skipping = defineIteration({
      name: 'skipping-lanes',
      lanes: 3,
      budget: { items: 4 },
      skip: { maxSkips: 5 },
      buildEnumerator: ({ cursor, enumerators }) => enumerators.times(60, { cursor }),
      eachIteration: (item) => {
        if (item % 4 === 0) throw new Error(`item ${item} is bad`)
      },
    })
    const run = await bench.runInline(skipping)
    expect(run).toMatchObject({ status: 'failed', error: { code: 'skips_exhausted' } })
    expect(run.progress.skipped).toBe(5)
    const counts = run.lanes?.map(({ progress: { skipped } }) => skipped) ?? []
    expect(counts.filter((skipped) => skipped > 0).length).toBeGreaterThan(1)
  })

  it('leaves nothing behind when it is purged', async () => {
    const run = await bench.runInline(inLanes)
    await object(run.id).purge(run.id)
    expect(await object(run.id).describe()).toBeNull()
    expect(await object(`${run.id}.1`).describe()).toBeNull()
    const row = await env.DB.prepare('SELECT count(*) AS rows FROM dogear_lanes WHERE run_id = ?')
      .bind(run.id)
      .first('rows')
    expect(row).toBe(0)
  })
})
