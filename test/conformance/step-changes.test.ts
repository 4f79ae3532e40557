import { beforeAll, describe, expect, it } from 'vitest'
import { defineJob } from '../../src/engine/index.ts'
import { createTables } from '../support/drive.ts'
import { append } from '../support/jobs.ts'
import { runOf } from '../support/run-of.ts'

beforeAll(createTables)

const oneItem = { budget: { items: 1 } }

describe('code that changed under a run', () => {
  const before = defineJob({
    name: 'changing',
    async perform({ step, effects, run }) {
      const from = await step('prepare', () => 10)
      await step('rename', { start: from }, async (step) => {
        while (step.cursor < 14) {
          append(effects, run.id, step.cursor)
          await step.advance()
        }
      })
      await step('gone', () => undefined)
    },
  })

  it('B06 R71 resumes a renamed step where the old one had come to, with its results', async () => {
    const run = await runOf(before, { interrupt: { afterItems: 2 } })
    await run.slice()
    run.deploy(
      defineJob({
        name: 'changing',
        steps: { renamed: { prepare: 'load', rename: 'walk' }, removed: ['gone'] },
        async perform({ step, effects, run: { id } }) {
          const from = await step('load', () => 99)
          await step('walk', { start: from }, async (step) => {
            while (step.cursor < 14) {
              append(effects, id, step.cursor)
              await step.advance()
            }
          })
          return from
        },
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed', result: 10 })
    expect(await run.appended()).toEqual([10, 11, 12, 13])
  })

  it('B06 runs a step that was added before the one in progress, once', async () => {
    const run = await runOf(before, { interrupt: { afterItems: 1 } })
    await run.slice()
    const after = defineJob({
      name: 'changing',
      ...oneItem,
      steps: { added: ['check'], removed: ['gone'] },
      async perform({ step, effects, run: { id } }) {
        await step('prepare', () => 10)
        await step('check', () => append(effects, id, 0))
        await step('rename', { start: 10 }, async (step) => {
          while (step.cursor < 14) {
            append(effects, id, step.cursor)
            await step.advance()
          }
        })
      },
    })
    run.deploy(after)
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      completedSteps: ['prepare', 'check', 'rename'],
    })
    expect(await run.appended()).toEqual([0, 10, 11, 12, 13])
  })

  it('B06 keeps the step in progress while one that was added before it runs, under new names too', async () => {
    const run = await runOf(before, { interrupt: { afterItems: 2 } })
    await run.slice()
    const after = (walk: string, renamed: Record<string, string>) =>
      defineJob({
        name: 'changing',
        ...oneItem,
        steps: { renamed, added: ['check'], removed: ['gone'] },
        async perform({ step, effects, run: { id } }) {
          await step('prepare', () => 10)
          await step('check', { start: 0 }, async (step) => {
            while (step.cursor < 2) {
              append(effects, id, step.cursor)
              await step.advance()
            }
          })
          await step(walk, { start: 10 }, async (step) => {
            while (step.cursor < 14) {
              append(effects, id, step.cursor)
              await step.advance()
            }
          })
        },
      })
    run.deploy(after('rename', {}))
    expect(await run.slice()).toMatchObject({ step: 'check', cursor: 1 })
    run.deploy(after('walk', { rename: 'walk' }))
    expect(await run.drain()).toMatchObject({ completedSteps: ['prepare', 'check', 'walk'] })
    expect(await run.appended()).toEqual([0, 1, 10, 11, 12, 13])
  })

  it('R26 begins at the start with a run that has nothing yet', async () => {
    const run = await runOf(before)
    expect(await run.drain()).toMatchObject({ status: 'completed' })
  })
})
