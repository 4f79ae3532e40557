import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, defineJob } from '../../../src/engine/index.ts'
import { createTables, driving, object } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

describe('S54 an item can send its own run back to the queue, exactly after itself', () => {
  it('in an iteration', async () => {
    const run = await runOf(
      defineIteration({
        name: 'sending-back',
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(6, { cursor }),
        eachIteration(item, { effects, run: { id }, interrupt }) {
          append(effects, id, item)
          if (item === 2) interrupt()
        },
      }),
    )
    expect(await run.slice()).toMatchObject({
      status: 'interrupted',
      reason: 'signal',
      cursor: 2,
      attempts: 0,
    })
    expect(await run.appended()).toEqual([0, 1, 2])
    expect(await run.drain()).toMatchObject({ status: 'completed', slices: 2 })
    expect(await run.appended()).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('in a step that walks, with a wait, and with steps within its items', async () => {
    const run = await runOf(
      defineJob({
        name: 'sending-back-walk',
        perform: ({ step, effects, run: { id }, enumerators }) =>
          step('walk', (step) =>
            step.iterate(
              ({ cursor }) => enumerators.times(4, { cursor }),
              async (item, { interrupt }) => {
                if (item === 1) interrupt({ wait: '1h' })
                await step.step('inner', { start: 0 }, async (inner) => {
                  await inner.advance()
                  await inner.advance()
                  append(effects, id, item)
                })
              },
            ),
          ),
      }),
    )
    const before = Date.now()
    expect(await run.slice()).toMatchObject({ status: 'interrupted', cursor: 1 })
    expect(Number((await driving(run.id)).sendAt) - before).toBeGreaterThan(3_500_000)
    expect(await run.drain()).toMatchObject({ status: 'completed', slices: 2 })
    expect(await run.appended()).toEqual([0, 1, 2, 3])
  })

  it('not when it fails', async () => {
    const run = await runOf(
      defineIteration({
        name: 'sending-back-failed',
        skip: {},
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
        eachIteration(item, { interrupt }) {
          if (item !== 1) return
          interrupt()
          throw new Error('bad')
        },
      }),
    )
    expect(await run.drain()).toMatchObject({ slices: 1, progress: { done: 2, skipped: 1 } })
  })

  it('while a pause of a person goes before it', async () => {
    const run = await runOf(
      defineIteration({
        name: 'sending-back-paused',
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
        async eachIteration(item, { interrupt, run: { id } }) {
          if (item === 1) await object(id).command('pause', {})
          interrupt({ wait: '1h' })
        },
      }),
    )
    for (let slices = 0; slices < 2; slices++) await run.slice()
    expect(await run.view()).toMatchObject({ status: 'paused', cursor: 1 })
  })

  it('refuses a wait that is none', async () => {
    const run = await runOf(
      defineIteration({
        name: 'sending-back-wrongly',
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
        eachIteration: (_item, { interrupt }) => interrupt({ wait: 'soon' }),
      }),
    )
    expect(await run.slice()).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_options' },
    })
  })
})

describe('step.interrupt', () => {
  it('sends the run back at this place, and comes here again until the step goes on', async () => {
    let ready = false
    const run = await runOf(
      defineJob({
        name: 'asking-again',
        perform: ({ step, effects, run: { id } }) =>
          step('ask', async (step) => {
            if (!ready) await step.interrupt({ wait: '1m' })
            append(effects, id, 1)
          }),
      }),
    )
    expect(await run.slice()).toMatchObject({ status: 'interrupted', reason: 'signal' })
    expect(await run.slice()).toMatchObject({ status: 'interrupted', attempts: 0 })
    ready = true
    expect(await run.drain()).toMatchObject({ status: 'completed', slices: 3 })
    expect(await run.appended()).toEqual([1])
  })

  it('commits what was done before it', async () => {
    const run = await runOf(
      defineJob({
        name: 'interrupting-itself',
        perform: ({ step, effects, run: { id } }) =>
          step('work', { start: 0 }, async (step) => {
            while (step.cursor < 4) {
              append(effects, id, step.cursor)
              await step.advance()
              if (step.cursor === 2) {
                append(effects, id, 100)
                await step.interrupt()
              }
            }
          }),
      }),
    )
    expect(await run.slice()).toMatchObject({ status: 'interrupted', cursor: 2 })
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 4 } })
    expect(await run.appended()).toEqual([0, 1, 2, 3, 100])
  })
})
