import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { testBench } from '../../src/testing/index.ts'
import { appended, createTables, stub, upTo } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

const SECOND = 1_000

const alarmOf = (run: string) =>
  runInDurableObject(stub(run), (_object: RunHost, { storage }) => storage.getAlarm())

/** A run whose message nobody takes; `taken`: how long before its start another one was. */
async function untaken(
  taken: number | null | undefined,
  { worksItself = true, job = appendSteps } = {},
) {
  const bench = testBench()
  const { id } = await bench.start(job, { items: 2 }, { interrupt: { afterItems: 1 } })
  const start = bench.clock.now()
  const world = { taken: typeof taken === 'number' ? start - taken : taken }
  await runInDurableObject(stub(id), ({ inbox }: RunHost) => {
    inbox.lastTaken = async () =>
      world.taken === undefined ? undefined : { queue: 'DOGEAR_QUEUE', at: world.taken }
    if (!worksItself) inbox.workSlice = undefined
  })
  const after = async (ms: number) => {
    await bench.clock.advance(ms)
    return bench.view(id)
  }
  return { bench, id, after, world }
}

describe('A message that nobody takes, where no other is taken either', () => {
  it('is reported within ten seconds', async () => {
    const { bench, id, after } = await untaken(null, { worksItself: false })
    expect((await after(9 * SECOND)).attention).toBeUndefined()
    const { attention } = await after(1 * SECOND)
    expect(attention).toContain("Nobody takes messages of queue 'DOGEAR_QUEUE'")
    expect(attention).toContain('queues.consumers')
    const done = await bench.drive(id)
    expect(done.status).toBe('completed')
    expect(done.attention).toBeUndefined()
  })

  it('is worked by the run’s own object, as are all after it', async () => {
    const { id, after } = await untaken(100 * SECOND)
    const waits = await after(9 * SECOND)
    expect(waits).toMatchObject({ status: 'queued', slices: 0 })
    const begun = await after(1 * SECOND)
    expect(begun.slices).toBeGreaterThan(0)
    const done = await after(30 * SECOND)
    expect(done).toMatchObject({ status: 'completed', cost: { queueOperations: 6 } })
    expect(await appended(id)).toEqual(upTo(2))
    const alerts = await env.DB.prepare(
      `SELECT kind, cleared_at IS NOT NULL AS cleared FROM dogear_alerts WHERE run_id = ?`,
    )
      .bind(id)
      .all()
    expect(alerts.results).toEqual([{ kind: 'attention', cleared: 1 }])
  })

  it('goes to the queue again once that has a consumer', async () => {
    const { bench, id, after, world } = await untaken(null)
    await bench.objects(id).command('pause', {})
    expect((await after(1 * SECOND)).status).toBe('paused')
    await bench.objects(id).command('resume', {})
    const alone = await after(10 * SECOND)
    expect(alone).toMatchObject({ status: 'interrupted', slices: 1 })
    world.taken = bench.clock.now()
    const done = await bench.drive(id)
    expect(done.status).toBe('completed')
    expect(done.cost.queueOperations).toBeGreaterThan(alone.cost.queueOperations)
  })
})

describe('A person who pauses the run', () => {
  it('while it is looked up whether messages are taken, has it sent no further', async () => {
    const { bench, id, after } = await untaken(null)
    await runInDurableObject(stub(id), (object: RunHost) => {
      const { lastTaken } = object.inbox
      let asked = false
      object.inbox.lastTaken = async () => {
        // From the second look on: the next slice is due.
        if (!asked && (await object.describe())?.slices === 1) {
          asked = true
          void object.command('pause', {})
          await scheduler.wait(5)
        }
        return lastTaken()
      }
    })
    const paused = await after(30 * SECOND)
    expect(paused).toMatchObject({ status: 'paused', slices: 1 })
    expect(paused.attention).toBeUndefined()
    expect(await after(600 * SECOND)).toMatchObject({ status: 'paused', slices: 1 })
    expect(await alarmOf(id)).toBeNull()
    await bench.objects(id).command('resume', {})
    expect(await after(60 * SECOND)).toMatchObject({ status: 'completed' })
  })
})

describe('A message that nobody takes waits in peace', () => {
  it('where others are taken: the queue is only full', async () => {
    const { after } = await untaken(20 * SECOND)
    const { attention, slices } = await after(60 * SECOND)
    expect({ attention, slices }).toEqual({ attention: undefined, slices: 0 })
  })

  it('where it goes to a queue of its job’s own: of who takes that one nothing is known', async () => {
    const { after } = await untaken(null, { job: { ...appendSteps, queue: 'QUEUE' } })
    const { attention, slices } = await after(60 * SECOND)
    expect({ attention, slices }).toEqual({ attention: undefined, slices: 0 })
  })

  it('where nothing is known of others', async () => {
    const { after } = await untaken(undefined)
    expect((await after(60 * SECOND)).attention).toBeUndefined()
  })
})
