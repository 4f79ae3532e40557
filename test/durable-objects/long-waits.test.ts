import { env } from 'cloudflare:workers'
import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { defineJob } from '../../src/engine/index.ts'
import { sweep } from '../../src/engine/runs/sweep.ts'
import { testBench } from '../../src/testing/index.ts'
import { append, appendSteps } from '../support/jobs.ts'
import { appended, createTables, driving, object, stub } from '../support/drive.ts'

beforeAll(createTables)

const DAY = 86_400_000
const MINUTE = 60_000

/** What the sweep, which looks every minute, pokes on the way to `time`, 20 days at a stride. */
async function sweepUntil(from: number, time: number): Promise<string[]> {
  const poked: string[] = []
  for (let now = from; now <= time; now += 20 * DAY) {
    poked.push(...(await sweep(env.DB, (id) => object(id), now, 30)).poked)
  }
  return poked
}

describe('a wait of 400 days', () => {
  it('holds a run back until its time to the ms, and neither sweep nor alarm touches it before', async () => {
    const bench = testBench()
    const { id } = await bench.start(appendSteps, { items: 3 }, { wait: '400 days' })
    const due = bench.clock.now() + 400 * DAY
    // The first alarm watches over what a start owes to D1 and the queue.
    await bench.clock.advance('2s')
    const { objectRequests } = await driving(id)
    const alarm = await runInDurableObject(stub(id), (_object: RunHost, state) =>
      state.storage.getAlarm(),
    )
    expect(alarm).toBe(due)
    expect(await sweepUntil(bench.clock.now() + 20 * MINUTE, due - DAY)).toEqual([])
    expect((await driving(id)).objectRequests).toBe(objectRequests)
    await bench.clock.advanceTo(due - 1)
    expect(bench.queue.receive()).toBeUndefined()
    expect(await bench.view(id)).toMatchObject({ status: 'queued', slices: 0 })
    await bench.clock.advanceTo(due)
    expect(await bench.deliver(id)).toMatchObject({ status: 'completed' })
    expect(await appended(id)).toEqual([1, 2, 3])
  })

  it('between a run and its follow-up outlives the sweep, and so does the run it follows', async () => {
    const first = defineJob({
      name: 'first-of-two',
      async perform({ step, effects, run }) {
        await step('append', () => append(effects, run.id, 1))
      },
      continuations: ({ enqueue }) => enqueue(appendSteps, { items: 2 }, { wait: '400 days' }),
    })
    const bench = testBench({ jobs: [appendSteps] })
    const { id, children } = await bench.runInline(first)
    const child = children[0] ?? ''
    const due = bench.clock.now() + 400 * DAY
    expect(await sweepUntil(bench.clock.now() + 20 * MINUTE, due - DAY)).toEqual([])
    expect(await bench.objects(id).describe()).not.toBeNull()
    expect(await bench.view(child)).toMatchObject({ status: 'queued', parent: id })
    expect(await bench.drive(child)).toMatchObject({ status: 'completed' })
    expect(bench.clock.now()).toBeGreaterThanOrEqual(due)
  })

  it('whose alarm was lost is ended by the sweep soon after its time', async () => {
    const bench = testBench()
    const { id } = await bench.start(appendSteps, { items: 1 }, { wait: '400 days' })
    const due = bench.clock.now() + 400 * DAY
    await runInDurableObject(stub(id), (_object: RunHost, state) => state.storage.deleteAlarm())
    expect(await sweepUntil(bench.clock.now() + 20 * MINUTE, due + 5 * MINUTE)).toEqual([])
    await bench.clock.advanceTo(due + 11 * MINUTE)
    expect(
      (await sweep(env.DB, (run) => env.RUNS.getByName(run), bench.clock.now(), 30)).poked,
    ).toEqual([id])
    expect(await bench.drive(id)).toMatchObject({ status: 'completed' })
  })

  it('is looked at again after a day, in case it was cut short', async () => {
    const bench = testBench()
    const { id } = await bench.start(appendSteps, { items: 1 }, { wait: '400 days' })
    const lookedAt = () =>
      env.DB.prepare('SELECT looked_at FROM dogear_runs WHERE id = ?')
        .bind(id)
        .first<string>('looked_at')
    const now = bench.clock.now() + 20 * MINUTE
    await sweep(env.DB, (run) => object(run), now, 30)
    expect(await lookedAt()).toBe(new Date(now + DAY).toISOString())
  })
})
