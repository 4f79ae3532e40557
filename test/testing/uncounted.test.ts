import { beforeAll, expect, it } from 'vitest'
import { defineJob } from '../../src/engine/index.ts'
import {
  interruptAfterStep,
  interruptDuringStep,
  iterateExactly,
  testBench,
} from '../../src/testing/index.ts'
import { createTables } from '../support/drive.ts'

beforeAll(createTables)

const job = defineJob({
  name: 'uncounted-and-counted',
  async perform({ step }) {
    await step('scan', { start: 0, counts: false }, async (step) => {
      while (step.cursor < 4) await step.advance()
    })
    await step('work', { start: 0 }, async (step) => {
      while (step.cursor < 3) await step.advance()
    })
  },
})

it.each([
  ['iterateExactly', (run, bench) => iterateExactly(run, 2, bench)],
  ['interruptDuringStep', (run, bench) => interruptDuringStep(run, 'scan', { cursor: 3 }, bench)],
  ['interruptAfterStep', (run, bench) => interruptAfterStep(run, 'scan', bench)],
] satisfies [
  string,
  (run: { id: string }, bench: ReturnType<typeof testBench>) => Promise<unknown>,
][])('the test kit’s interruptions leave uncounted steps uncounted: %s', async (_, interrupt) => {
  const bench = testBench()
  const run = await bench.start(job)
  expect(await interrupt(run, bench)).toMatchObject({
    status: 'interrupted',
    progress: { done: 0 },
  })
  expect((await bench.drive(run)).progress.done).toBe(3)
})
