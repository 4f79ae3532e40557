import { readCheckpoint, verifyLedger } from 'dogear/runs'
import {
  dogearMatchers,
  drive,
  interruptDuringStep,
  iterateExactly,
  killAfter,
  runInline,
  start,
  testBench,
} from 'dogear/testing'
import { env } from 'cloudflare:workers'
import { beforeEach, expect, it } from 'vitest'
import { raisePrices, raisePricesIteration } from '../../docs/samples/raise-prices.ts'
import { addProducts, column, freshTables } from '../support/samples.ts'

// The samples of docs/guide/testing-strategies.md, as they stand there.
expect.extend(dogearMatchers)
beforeEach(freshTables)
beforeEach(() => addProducts(10))

const raised = () => column<number>('SELECT id FROM goods WHERE price_cents = 110 ORDER BY id')

it.each([raisePrices, raisePricesIteration])('$name handles everything', async (job) => {
  expect(await runInline(job)).toMatchObject({ status: 'completed', progress: { done: 10 } })
  expect(await raised()).toHaveLength(10)
})

it('checkpoints its progress and resumes', async () => {
  const run = await start(raisePrices)
  expect(await interruptDuringStep(run, 'raise', { cursor: 6 })).toHaveCheckpointAt('raise', 6)
  expect(await raised()).toEqual([1, 2, 3, 4, 5])
  expect(await drive(run)).toMatchObject({ status: 'completed', resumptions: 1 })
  expect(await raised()).toHaveLength(10)
})

it('does nothing twice, wherever it is cut', async () => {
  for (let items = 1; items < 10; items++) {
    await env.DB.prepare('UPDATE goods SET price_cents = 100').run()
    const run = await start(raisePricesIteration)
    await iterateExactly(run, items)
    await drive(run)
    expect(await raised()).toHaveLength(10)
    for (const check of await verifyLedger(env.DB, run.id)) expect(check.ok).toBe(true)
  }
})

it('loses nothing when the process dies', async () => {
  const bench = testBench()
  const run = await bench.start(raisePrices, {}, { commit: { everyItems: 3 } })
  await killAfter(run, 'commit', { nth: 2 }, bench)
  expect(await raised()).toEqual([1, 2, 3, 4, 5, 6])
  expect(await bench.drive(run)).toMatchObject({ status: 'completed' })
  expect(await raised()).toHaveLength(10)
})

it('keeps the checkpoint in D1, beside the effects', async () => {
  const run = await start(raisePrices)
  await interruptDuringStep(run, 'raise', { cursor: 4 })
  expect(await readCheckpoint(env.DB, run.id)).toMatchObject({ step: 'raise', cursor: 4 })
})
