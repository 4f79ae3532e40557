import { killAfter, killBefore, testBench, TestClock } from 'dogear/testing'
import { beforeAll, describe, expect, it } from 'vitest'
import { appended, createTables, upTo } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

const everyItem = { commit: { everyItems: 1 } }

describe('a slice that is killed', () => {
  it('before a call has not made it; after it, it has', async () => {
    const bench = testBench()
    const run = await bench.start(appendSteps, { items: 5 }, everyItem)
    expect(await killBefore(run, 'commit', { nth: 3 }, bench)).toMatchObject({ status: 'running' })
    const before = await appended(run.id)
    await killAfter(run, 'commit', {}, bench)
    expect((await appended(run.id)).length).toBe(before.length + 1)
    expect(await bench.drive(run)).toMatchObject({ status: 'completed', progress: { done: 5 } })
    expect(await appended(run.id)).toEqual(upTo(5))
  })

  it('is the one that works, and not the message of the past before it', async () => {
    const bench = testBench()
    const run = await bench.start(appendSteps, { items: 2 })
    await bench.objects(run.id).command('pause', {})
    await bench.objects(run.id).command('resume', {})
    const released = ({ object }: { object?: { method: string } }) => object?.method === 'release'
    await killBefore(run, released, {}, bench)
    expect(await bench.view(run)).toMatchObject({ slices: 1 })
    expect(await appended(run.id)).toEqual(upTo(2))
  })

  it('must come to the call', async () => {
    const bench = testBench()
    const run = await bench.start(appendSteps, { items: 2 })
    await expect(killAfter(run, 'commit', { nth: 99 }, bench)).rejects.toMatchObject({
      code: 'never_killed',
      message: expect.stringContaining('expected its slice to come to commit 99'),
    })
  })
})

it('a message of the past, delivered again, does nothing', async () => {
  const bench = testBench()
  const run = await bench.runInline(appendSteps, { items: 3 })
  const again = await bench.redeliver({ run: run.id, lane: 0, n: 1 })
  expect(again).toMatchObject({ status: 'completed', slices: run.slices, commits: run.commits })
  expect(await appended(run.id)).toEqual(upTo(3))
})

describe('a clock that ticks', () => {
  it('is the machine’s, and as far ahead as the test has moved it', async () => {
    const clock = TestClock.ticking()
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000)
    await clock.advance('1 hour')
    const ahead = clock.now() - Date.now()
    expect(Math.abs(ahead - 3_600_000)).toBeLessThan(1_000)
  })

  it('lets waits end by themselves, and at once when it is moved on', async () => {
    const clock = TestClock.ticking()
    await clock.wait(1)
    const long = clock.wait(3_600_000)
    await clock.advance('1 hour')
    await long
  })
})
