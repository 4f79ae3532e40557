import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, defineJob } from '../../../src/engine/index.ts'
import { createTables, object } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf, type RunOf } from '../../support/run-of.ts'

beforeAll(createTables)

const steps = defineJob({
  name: 'style-changes',
  budget: { items: 2 },
  async perform({ step, effects, run }) {
    await step('x', { start: 0 }, async (step) => {
      while (step.cursor < 4) {
        append(effects, run.id, step.cursor)
        await step.advance()
      }
    })
    await step('mail', { isolated: true }, () => undefined)
  },
})

/** Its step has the name under which an iteration's cursor is kept. */
const stepsOfThatName = defineJob({
  name: 'style-changes',
  budget: { items: 2 },
  perform: ({ step, effects, run }) =>
    step('iteration', { start: 0 }, async (step) => {
      while (step.cursor < 4) {
        append(effects, run.id, step.cursor)
        await step.advance()
      }
    }),
})

const iteration = defineIteration({
  name: 'style-changes',
  budget: { items: 2 },
  buildEnumerator: ({ cursor, enumerators }) => enumerators.times(4, { cursor }),
  eachIteration: (item, { effects, run }) => append(effects, run.id, item),
})

async function slices(run: RunOf, count: number): Promise<void> {
  for (let slice = 0; slice < count; slice++) await run.slice()
}

describe('F14 a run keeps the style that it began in', () => {
  it.each([
    ['in steps, cut within a step', steps, 1, iteration],
    ['in steps, cut between two', steps, 3, iteration],
    ['in a step of the iteration’s own name', stepsOfThatName, 1, iteration],
    ['as an iteration', iteration, 1, steps],
    ['as an iteration, met by a step of its name', iteration, 1, stepsOfThatName],
  ])('%s', async (_, before, count, after) => {
    const run = await runOf(before)
    await slices(run, count)
    const done = await run.appended()
    run.deploy(after)
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { code: 'step_mismatch' },
    })
    expect(await run.appended()).toEqual(done)
    // The old code is back.
    run.deploy(before)
    await object(run.id).command('retry', {})
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual([0, 1, 2, 3])
  })

  it('code that is older than the checkpoint stands aside as a deploy', async () => {
    const run = await runOf(iteration)
    await run.slice({ codeVersion: '2026-02' })
    run.deploy(steps)
    expect(await run.slice({ codeVersion: '2026-01' })).toMatchObject({
      status: 'interrupted',
      reason: 'deploy',
    })
  })

  it('one that has not begun yet may change', async () => {
    const run = await runOf(steps)
    run.deploy(iteration)
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual([0, 1, 2, 3])
  })
})
