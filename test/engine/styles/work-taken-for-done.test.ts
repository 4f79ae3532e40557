import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, defineJob, type StepFunction } from '../../../src/engine/index.ts'
import { createTables } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

type Next = () => Promise<void>

/** Three items, each of which takes a while before it adds its effect. */
const around = (aroundIterate: (next: Next) => Promise<void>) =>
  defineIteration({
    name: 'around',
    buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
    aroundIterate: (_context, next) => aroundIterate(next),
    async eachIteration(item, { effects, run }) {
      await scheduler.wait(2)
      append(effects, run.id, item)
    },
  })

describe('an item is not done before its aroundIterate has awaited it', () => {
  it.each<[string, (next: Next) => Promise<void>]>([
    ['nobody awaits it', async (next) => void next()],
    ['nobody awaits its catch', async (next) => void next().catch(() => undefined)],
    ['something else is faster', (next) => Promise.race([next(), Promise.resolve()])],
    [
      'it is done meanwhile',
      async (next) => {
        void next()
        await scheduler.wait(50)
      },
    ],
  ])('%s', async (_what, hook) => {
    const run = await runOf(around(hook))
    expect(await run.slice()).toMatchObject({
      status: 'failed',
      error: { code: 'checkpoint_not_awaited' },
      progress: { done: 0 },
    })
    expect(await run.appended()).toEqual([])
  })

  it.each<[string, (next: Next) => Promise<void>]>([
    ['it is awaited', async (next) => await next()],
    ['it is returned', (next) => next()],
    ['it has a finally', (next) => next().finally(() => undefined)],
  ])('it is when %s', async (_what, hook) => {
    const run = await runOf(around(hook))
    expect(await run.slice()).toMatchObject({ status: 'completed', progress: { done: 3 } })
    expect(await run.appended()).toEqual([0, 1, 2])
  })
})

describe('a step that was refused is not left out, whoever catches that', () => {
  const slow = () => scheduler.wait(5)

  it.each<[string, (step: StepFunction) => Promise<unknown>]>([
    ['allSettled', (step) => Promise.allSettled([step('one', slow), step('two', slow)])],
    ['any', (step) => Promise.any([step('one', slow), step('two', slow)])],
    [
      'a catch of its own',
      async (step) => {
        await step('one', slow)
        await step('one', slow).catch(() => undefined)
      },
    ],
    [
      'allSettled within a step',
      (step) =>
        step('outer', ({ step: inner }) =>
          Promise.allSettled([inner('one', slow), inner('two', slow)]).then(() => undefined),
        ),
    ],
  ])('%s', async (_what, perform) => {
    const run = await runOf(defineJob({ name: 'refused', perform: ({ step }) => perform(step) }))
    expect(await run.slice()).toMatchObject({ status: 'failed', error: { code: 'invalid_step' } })
  })
})

describe('a generator is no handler: nothing of it would run', () => {
  it('eachIteration', () => {
    const definition = {
      name: 'generating',
      buildEnumerator: () => null,
      async *eachIteration() {},
    }
    expect(() => defineIteration(definition as never)).toThrow(
      expect.objectContaining({ code: 'invalid_job' }),
    )
  })

  it.each([async function* () {}, function* () {}, undefined])('step.iterate', async (handler) => {
    const run = await runOf(
      defineJob({
        name: 'generating-step',
        perform: ({ step, enumerators }) =>
          step('x', (step) =>
            step.iterate(({ cursor }) => enumerators.times(3, { cursor }), handler as never),
          ),
      }),
    )
    expect(await run.slice()).toMatchObject({ status: 'failed', error: { code: 'invalid_step' } })
  })

  it('but a walk may be one', async () => {
    const run = await runOf(
      defineIteration({
        name: 'generated',
        async *buildEnumerator() {
          yield [1, 1] as const
        },
        eachIteration: () => undefined,
      }),
    )
    expect(await run.slice()).toMatchObject({ status: 'completed', progress: { done: 1 } })
  })
})

it('H25 steps may lie within each other as deep as a run can store', async () => {
  const run = await runOf(
    defineJob({
      name: 'deep',
      async perform({ step, effects, run: { id } }) {
        const down = (at: StepFunction, depth: number): Promise<unknown> =>
          at('same', (inner) =>
            depth === 400 ? append(effects, id, 1) : down(inner.step, depth + 1),
          )
        await down(step, 0)
      },
    }),
  )
  expect(await run.slice()).toMatchObject({ status: 'completed' })
  expect(await run.appended()).toEqual([1])
})
