import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { exploreCrashes, killAfter, killBefore, testBench } from '../../src/testing/index.ts'
import { appended, createTables, stub, upTo } from '../support/drive.ts'
import { appendIteration, appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

const bench = testBench({ withoutQueue: true })
const commit = { everyItems: 2 }

describe('A Worker without a queue', () => {
  it('works a run to its end, slice by slice, from the alarm of its object', async () => {
    const run = await bench.start(
      appendSteps,
      { items: 9 },
      { commit, interrupt: { afterItems: 4 } },
    )
    expect(run.status).toBe('queued')
    const ended = await bench.drive(run)
    expect(ended).toMatchObject({ status: 'completed', cost: { queueOperations: 0 } })
    expect(ended.slices).toBeGreaterThan(1)
    expect(await appended(run.id)).toEqual(upTo(9))
    expect(bench.queue.receive(() => true)).toBeUndefined()
  })

  it('rings for a slice that is due, and not only when it would be missed', async () => {
    const { id } = await bench.start(appendSteps, { items: 1 })
    const alarm = await runInDurableObject(stub(id), (_object: RunHost, { storage }) =>
      storage.getAlarm(),
    )
    expect(alarm).toBe(bench.clock.now())
  })

  it.each([
    ['before', killBefore],
    ['after', killAfter],
  ] as const)('takes a run up again that was killed %s a commit', async (_when, kill) => {
    const { id } = await bench.start(appendIteration, { items: 6 }, { commit })
    await kill(id, 'commit', { nth: 2 }, bench)
    await bench.evict(id)
    expect(await bench.drive(id)).toMatchObject({ status: 'completed' })
    expect(await appended(id)).toEqual([0, ...upTo(6)])
    expect(await bench.verify(id)).toMatchObject({ ok: true })
  })

  it('has its message sent again when the object is gone before its alarm', async () => {
    const { id } = await bench.start(appendIteration, { items: 2 }, { commit })
    await bench.evict(id)
    expect(await bench.drive(id)).toMatchObject({ status: 'completed' })
    expect(await appended(id)).toEqual([0, 1, 2])
  })
})

describe.each([
  ['steps', appendSteps],
  ['an iteration', appendIteration],
] as const)('%s, driven by the object alone', (_style, job) => {
  it('survive a crash at any point', { timeout: 120_000 }, async () => {
    const found = await exploreCrashes(job, {
      params: { items: 5 },
      given: () => env.DB.exec('DELETE FROM appended'),
      withoutQueue: true,
      then: (run) => appended(run.id),
    })
    expect(found.points.length).toBeGreaterThan(5)
    expect(found.objectPoints.filter((point) => point.includes('message'))).toEqual([])
    expect(found.unmet).toEqual([])
  })
})
