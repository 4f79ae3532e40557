import { beforeAll, describe, expect, it } from 'vitest'
import type { RunObject, RunObjects } from '../../../src/engine/drive/protocol.ts'
import { objectsKeepingOldCode, testBench, TestClock } from '../../../src/testing/index.ts'
import { createTables } from '../../support/drive.ts'
import { appendSteps } from '../../support/jobs.ts'

beforeAll(createTables)

/** Objects that note who was called. */
function noting(name: string, calls: string[], objects: RunObjects): RunObjects {
  return (run) =>
    new Proxy(objects(run), {
      get: (target, property) => {
        const method = Reflect.get(target, property) as (...args: unknown[]) => unknown
        return (...args: unknown[]) => {
          calls.push(`${name} ${String(property)}`)
          return Reflect.apply(method, target, args)
        }
      },
    })
}

const silent: RunObjects = () => ({ slices: async () => [] }) as unknown as RunObject

describe('objects that keep their old code', () => {
  it('answer by it for so many calls, each object by itself', async () => {
    const calls: string[] = []
    const versions = { old: noting('old', calls, silent), today: noting('today', calls, silent) }
    const objects = objectsKeepingOldCode(versions, { forCalls: 2 })
    const one = objects('one')
    for (let call = 0; call < 3; call++) await one.slices()
    await objects('other').slices()
    expect(calls).toEqual(['old slices', 'old slices', 'today slices', 'old slices'])
  })

  it('answer by it for so long', async () => {
    const calls: string[] = []
    const clock = new TestClock()
    const versions = { old: noting('old', calls, silent), today: noting('today', calls, silent) }
    const objects = objectsKeepingOldCode(versions, { forMs: 300_000 }, clock)
    await objects('run').slices()
    await clock.advance('299 seconds')
    await objects('run').slices()
    await clock.advance('1 second')
    await objects('run').slices()
    expect(calls).toEqual(['old slices', 'old slices', 'today slices'])
  })

  it('change to the new one while a run is under way', async () => {
    const bench = testBench()
    const calls: string[] = []
    const versions = {
      old: noting('old', calls, bench.objects),
      today: noting('today', calls, bench.objects),
    }
    const objects = objectsKeepingOldCode(versions, { forCalls: 1 }, bench.clock)
    const run = await bench.start(appendSteps, { items: 3 })
    expect(await bench.drive(run, { deps: { objects } })).toMatchObject({ status: 'completed' })
    expect(calls[0]).toBe('old claim')
    expect(calls.at(-1)).toBe('today release')
  })
})
