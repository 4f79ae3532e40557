import {
  continueIterating,
  dogearMatchers,
  exploreCrashes,
  FaultyBucket,
  FaultyDatabase,
  FaultyQueue,
  interruptAfterStep,
  interruptDuringStep,
  iterateExactly,
  iterateOnce,
  limitedDatabase,
  runInline,
  runUnderFaults,
  start,
  testBench,
} from 'dogear/testing'
import type { SliceMessage } from '../../src/engine/drive/protocol.ts'
import { env } from 'cloudflare:workers'
import { beforeAll, expect, it, vi } from 'vitest'
import { appendIteration as tagOrders, appendSteps as archiveOrders } from '../support/jobs.ts'
import { appended, createTables } from '../support/drive.ts'

// The samples of docs/testing.md, as they stand there.
vi.setConfig({ testTimeout: 120_000 })
beforeAll(createTables)

it('archives all orders', async () => {
  const run = await runInline(archiveOrders, { items: 10 })
  expect(run).toMatchObject({ status: 'completed', progress: { done: 10 } })
})

expect.extend(dogearMatchers)

it('goes on from where it was interrupted', async () => {
  const run = await start(archiveOrders, { items: 10 })
  expect(await interruptDuringStep(run, 'append', { cursor: 4 })).toHaveCheckpointAt('append', 4)
  expect(await interruptAfterStep(run, 'append')).toHaveCompletedSteps('count', 'append')
  expect(await continueIterating(run)).toMatchObject({ status: 'completed', interruptions: 2 })
})

it('handles each item once, however it is cut', async () => {
  const run = await start(tagOrders, { items: 10 })
  await iterateOnce(run)
  expect(await iterateExactly(run, 3)).toHaveCheckpointAt(null, 3)
  expect(await continueIterating(run)).toMatchObject({ progress: { done: 10 }, slices: 3 })
})

it('waits two hours', async () => {
  const bench = testBench()
  const run = await bench.start(archiveOrders, { items: 1 }, { wait: '2 hours' })
  await bench.clock.advance('1 hour')
  expect(await bench.view(run)).toMatchObject({ status: 'queued' })
  await bench.clock.advance('1 hour')
  expect(await bench.deliver(run)).toMatchObject({ status: 'completed' })
})

it('comes through a bad network', async () => {
  const DB = FaultyDatabase.seeded(env.DB, { seed: 7, rate: 0.1 }).binding
  const FILES = FaultyBucket.seeded(env.FILES, { seed: 7, faults: ['broken_off'] }).binding
  const queue = FaultyQueue.seeded<SliceMessage>({ seed: 7, faults: ['lost', 'doubled'] })
  const bench = testBench({ env: { ...env, DB, FILES }, queue })
  const run = await bench.runInline(archiveOrders, { items: 20 })
  expect(await appended(run.id)).toHaveLength(20)
})

it('goes on when an invocation runs out of D1 statements', async () => {
  const bench = testBench()
  const run = await bench.start(archiveOrders, { items: 20 }, { commit: { everyItems: 1 } })
  await bench.deliver(run, { deps: { env: { ...env, DB: limitedDatabase(env.DB, 20) } } })
  expect(await bench.drive(run)).toMatchObject({ status: 'completed' })
  expect(await appended(run.id)).toHaveLength(20)
})

it('goes on when the object of a run has lost its storage', async () => {
  const objectsDb = FaultyDatabase.seeded(env.DB, { seed: 7, rate: 0.1 }).binding
  const bench = testBench({ objectsDb })
  const run = await bench.start(tagOrders, { items: 20 })
  await iterateExactly(run, 5, bench)
  await bench.loseStorage(run)
  await bench.objects(run.id).poke(run.id)
  expect(await bench.drive(run)).toMatchObject({ status: 'completed', progress: { done: 20 } })
})

const experiment = {
  params: { items: 3 },
  given: () => env.DB.prepare('DELETE FROM appended').run(),
  then: async () => (await env.DB.prepare('SELECT item FROM appended ORDER BY item').all()).results,
}

it('survives a crash anywhere', async () => {
  const { schedules } = await exploreCrashes(archiveOrders, experiment)
  expect(schedules).toBeGreaterThan(50)
})

it('survives whatever follows from a seed', async () => {
  const { schedule } = await runUnderFaults(archiveOrders, { ...experiment, seed: 3, faults: 4 })
  expect(schedule.length).toBeLessThanOrEqual(4)
})

it('ends in production, too', async () => {
  const bench = testBench({
    simulate: {
      d1: 30,
      object: 10,
      r2: 20,
      queue: 100,
      jitter: 0.2,
      frozen: true,
      statements: 1_000,
      connections: 6,
      cpu: { items: 8 },
    },
  })
  const run = await bench.runInline(archiveOrders, { items: 20 })
  expect(run).toMatchObject({ status: 'completed' })
  expect(await appended(run.id)).toHaveLength(20)
})

it('waits while D1 stalls', async () => {
  const bench = testBench({ simulate: { d1: 30, trouble: { kind: 'stalled', after: 5 } } })
  const run = await bench.runInline(archiveOrders, { items: 20 }, { commit: { everyItems: 1 } })
  expect(run).toMatchObject({ status: 'completed', attempts: 0 })
})
