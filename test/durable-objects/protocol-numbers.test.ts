import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunHost } from '../../durable-objects/run-host.ts'
import type { RunObject, RunObjects } from '../../src/engine/drive/protocol.ts'
import { isTooOld, MINIMUM, PROTOCOL } from '../../src/engine/drive/protocol-number.ts'
import type { RunView } from '../../src/engine/index.ts'
import {
  FaultyDatabase,
  isCommit,
  isEnd,
  nth,
  testBench,
  type D1Call,
} from '../../src/testing/index.ts'
import { appended, createTables, driving, stub, truth, upTo } from '../support/drive.ts'
import { appendIteration, appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

const bench = testBench()
const everyItem = { commit: { everyItems: 1 } }

/** Objects whose calls and answers go through `how`. */
function objectsWith(how: (object: RunObject) => Partial<RunObject>): RunObjects {
  return (run) => {
    const object = bench.objects(run)
    const changed = how(object)
    return new Proxy(object, {
      get: (target, name) => Reflect.get(name in changed ? changed : target, name) as unknown,
    })
  }
}

/** As slices of code from before the numbers call it. */
const calledByOlderSlices = objectsWith((object) => ({
  claim: (lane, n) => object.claim(lane, n),
  report: (news, told) => object.report(news, told),
  release: (last, fence, outcome, told) => object.release(last, fence, outcome, told),
}))

/** As objects of code from before the numbers answer. */
const olderObjects = objectsWith((object) => ({
  async claim(...asked) {
    const { protocol: _protocol, ...older } = (await object.claim(...asked)) as {
      protocol?: number
    }
    return older as Awaited<ReturnType<RunObject['claim']>>
  },
}))

const olderSlices = { deps: { objects: calledByOlderSlices } }

/** The run's object gets code that has no use for slices from before the numbers. */
async function requireNumbers(run: RunView): Promise<void> {
  await runInDurableObject(stub(run.id), (object: RunHost) => {
    object.minimum = 1
  })
}

/** Works the next message of the run, whenever it comes. */
function nextMessage(run: RunView, deps: object): Promise<RunView> {
  return bench.drive(run, { deps, until: () => true })
}

/** D1 with something that happens just before the call that matches. */
function before(matches: (call: D1Call) => boolean, happens: () => Promise<void>): object {
  const { binding: DB } = new FaultyDatabase(env.DB, async (call) => {
    if (matches(call)) await happens()
    return undefined
  })
  return { env: { ...env, DB } }
}

/** A run that has done two of its items, and goes on. */
async function startAndInterrupt(job: typeof appendSteps) {
  const run = await bench.start(job, { items: 5 }, { ...everyItem, interrupt: { afterItems: 2 } })
  await bench.deliver(run)
  return run
}

describe('numbers of the protocol', () => {
  it('are reported by the slice with each message, and by the object with the lane', async () => {
    const told: unknown[] = []
    const objects = objectsWith((object) => ({
      async claim(lane, n, number) {
        const claim = await object.claim(lane, n, number)
        told.push('claim', number, claim.ok && claim.protocol)
        return claim
      },
      report(news, events, number) {
        told.push('report', number)
        return object.report(news, events, number)
      },
      release(last, fence, outcome, events, number) {
        told.push('release', number)
        return object.release(last, fence, outcome, events, number)
      },
    }))
    const run = await bench.start(appendSteps, { items: 3 })
    await bench.drive(run, { deps: { objects } })
    expect(told.slice(0, 5)).toEqual(['claim', PROTOCOL, PROTOCOL, 'report', PROTOCOL])
    expect(told.slice(-2)).toEqual(['release', PROTOCOL])
  })

  it('refuse nobody today, and are 0 of who tells none', () => {
    expect(isTooOld(undefined)).toBe(false)
    expect(isTooOld(undefined, 1)).toBe(true)
    expect(isTooOld(0, 1)).toBe(true)
    expect(isTooOld(1, 1)).toBe(false)
    expect(MINIMUM).toBeLessThan(PROTOCOL)
  })
})

describe('a slice that is too old for the object', () => {
  it('gets no lane, and the message comes again until newer code takes it', async () => {
    const run = await startAndInterrupt(appendSteps)
    await requireNumbers(run)
    const untouched = await truth(run.id)
    const refused = await nextMessage(run, olderSlices.deps)
    expect(refused).toMatchObject({
      status: 'interrupted',
      reason: 'deploy',
      slices: 1,
      attempts: 0,
    })
    expect(Date.parse(refused.resumeAt ?? '')).toBeGreaterThan(bench.clock.now())
    const { n } = await driving(run.id)
    const object = bench.objects(run.id)
    expect(await object.claim(0, n)).toEqual({ ok: false, code: 'outdated' })
    expect(await object.claim(0, n, 0)).toEqual({ ok: false, code: 'stale' })
    expect(await truth(run.id)).toEqual(untouched)
    expect(await bench.drive(run)).toMatchObject({ status: 'completed', slices: 2 })
    expect(await appended(run.id)).toEqual(upTo(5))
  })

  it('is waited for longer each time, and shown to people once a deploy would be over', async () => {
    const run = await bench.start(appendIteration, { items: 2 })
    await requireNumbers(run)
    const began = bench.clock.now()
    let shown = await nextMessage(run, olderSlices.deps)
    for (let times = 1; !shown.attention && times < 50; times++) {
      shown = await nextMessage(run, olderSlices.deps)
    }
    const minutes = (bench.clock.now() - began) / 60_000
    expect(minutes).toBeGreaterThan(5)
    expect(minutes).toBeLessThan(15)
    expect(shown.attention).toContain("the code of the queue's consumer is too old")
    const end = await bench.drive(run)
    expect(end).toMatchObject({ status: 'completed' })
    expect(end).not.toHaveProperty('attention')
  })

  it('stops at its next checkpoint when the object got newer code meanwhile', async () => {
    const run = await startAndInterrupt(appendSteps)
    const newerObject = before(nth(1, isCommit), () => requireNumbers(run))
    const stopped = await nextMessage(run, { ...newerObject, ...olderSlices.deps })
    expect(stopped).toMatchObject({ status: 'interrupted', reason: 'deploy', attempts: 0 })
    // Nothing that it said was listened to.
    expect(stopped.progress.done).toBe(2)
    expect((await appended(run.id)).length).toBeLessThan(5)
    expect(await bench.drive(run)).toMatchObject({ status: 'completed', progress: { done: 5 } })
    expect(await appended(run.id)).toEqual(upTo(5))
  })

  it('ends the run in D1, and the next slice finds that end', async () => {
    const run = await startAndInterrupt(appendIteration)
    const newerObject = before(isEnd, () => requireNumbers(run))
    expect(await nextMessage(run, { ...newerObject, ...olderSlices.deps })).toMatchObject({
      status: 'interrupted',
      reason: 'deploy',
    })
    expect(await truth(run.id)).toMatchObject({ status: 'completed' })
    expect(await bench.drive(run)).toMatchObject({ status: 'completed', progress: { done: 5 } })
    expect(await appended(run.id)).toEqual([0, ...upTo(5)])
  })

  it('keeps its lane while it lives, and keeps nobody from pausing the run', async () => {
    const run = await startAndInterrupt(appendSteps)
    const newerObject = before(nth(1, isCommit), async () => {
      await requireNumbers(run)
      const { fence, seen } = await driving(run.id)
      const until = async () => (await driving(run.id)).lease?.until ?? 0
      const first = await until()
      await bench.clock.advance(1_000)
      const object = bench.objects(run.id)
      expect(await object.report({ ...seen, fence })).toEqual({ ok: true, stop: 'deploy' })
      expect(await object.report({ ...seen, fence: fence - 1 })).toEqual({
        ok: false,
        code: 'stale',
      })
      expect(await until()).toBe(first + 1_000)
      await object.command('pause', {})
    })
    await nextMessage(run, { ...newerObject, ...olderSlices.deps })
    expect(await bench.drive(run)).toMatchObject({ status: 'paused' })
    await bench.objects(run.id).command('resume', {})
    expect(await bench.drive(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run.id)).toEqual(upTo(5))
  })
})

describe('an object that is too old for the slice', () => {
  const needsNumbers = { objects: olderObjects, minimum: 1 }

  it('gets its lane back, and the run is untouched', async () => {
    const run = await startAndInterrupt(appendSteps)
    const touched = before(
      () => true,
      () => Promise.reject(new Error('the slice asks D1')),
    )
    const untouched = await truth(run.id)
    const waits = await nextMessage(run, { ...touched, ...needsNumbers })
    expect(waits).toMatchObject({ status: 'interrupted', reason: 'deploy', attempts: 0 })
    expect(Date.parse(waits.resumeAt ?? '')).toBeGreaterThan(bench.clock.now())
    expect(await truth(run.id)).toEqual(untouched)
    expect(await bench.drive(run, { deps: { minimum: 1 } })).toMatchObject({ status: 'completed' })
    expect(await appended(run.id)).toEqual(upTo(5))
  })

  it('is waited for, and shown to people once a deploy would be over', async () => {
    const run = await bench.start(appendIteration, { items: 2 })
    const began = bench.clock.now()
    let shown = await nextMessage(run, needsNumbers)
    for (let times = 1; !shown.attention && times < 50; times++) {
      shown = await nextMessage(run, needsNumbers)
    }
    expect(bench.clock.now() - began).toBeGreaterThan(300_000)
    expect(shown.attention).toContain("the code of the run's object is too old")
    const end = await bench.drive(run, { deps: { minimum: 1 } })
    expect(end).toMatchObject({ status: 'completed', attempts: 0 })
    expect(end).not.toHaveProperty('attention')
    expect(await appended(run.id)).toEqual([0, 1, 2])
  })
})
