import { beforeAll, describe, expect, it } from 'vitest'
import { defineJob, type Step, type StepFunction } from '../../../src/engine/index.ts'
import { createTables } from '../../support/drive.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

async function endOf(perform: (step: StepFunction) => Promise<unknown>) {
  const run = await runOf(defineJob({ name: 'floating', perform: ({ step }) => perform(step) }))
  return run.slice()
}

const endOfStep = (block: (step: Step<number>) => Promise<unknown>) =>
  endOf((step) =>
    step('work', { start: 0 }, async (step) => {
      await block(step)
    }),
  )

describe('a checkpoint that nobody awaits is checkpoint_not_awaited', () => {
  it.each<[string, (step: Step<number>) => Promise<unknown>]>([
    [
      'between others that are',
      async (step) => {
        await step.advance()
        void step.advance()
        await step.advance()
      },
    ],
    [
      'with other work behind it',
      async (step) => {
        void step.set(1)
        await scheduler.wait(1)
        await step.set(2)
      },
    ],
    [
      'before the step returns',
      async (step) => {
        await step.advance()
        void step.checkpoint()
      },
    ],
    [
      'with a catch that hides the error',
      async (step) => {
        void step.advance().catch(() => undefined)
        await step.advance().catch(() => undefined)
      },
    ],
    ['beside another one', (step) => Promise.all([step.advance(), step.advance()])],
    [
      'before a walk',
      async (step) => {
        void step.checkpoint()
        await step.iterate(
          () => (async function* () {})(),
          () => undefined,
        )
      },
    ],
  ])('%s', async (_, block) => {
    expect(await endOfStep(block)).toMatchObject({
      status: 'failed',
      error: { code: 'checkpoint_not_awaited' },
    })
  })

  it.each<[string, (step: Step<number>) => Promise<unknown> | undefined]>([
    ['is returned', (step) => step.advance()],
    ['is caught and awaited', (step) => step.advance().catch(() => undefined)],
    ['is one of several', (step) => Promise.all([step.advance(), scheduler.wait(1)])],
    ['has a then', (step) => step.advance().then(() => step.advance())],
    ['has a finally', (step) => step.advance().finally(() => undefined)],
    [
      'is awaited later',
      async (step) => {
        const moved = step.advance()
        await scheduler.wait(1)
        await moved
        await step.advance()
      },
    ],
  ])('not so when it %s', async (_, block) => {
    expect(await endOfStep(block as never)).toMatchObject({ status: 'completed' })
  })
})

describe('a step that nobody awaits is step_not_awaited', () => {
  const slow = () => scheduler.wait(5)

  it.each<[string, (step: StepFunction) => Promise<unknown>]>([
    [
      'in the middle, still running',
      async (step) => {
        void step('one', slow)
        await step('two', slow)
      },
    ],
    [
      'in the middle, with a catch',
      async (step) => {
        void step('one', slow).catch(() => undefined)
        await step('two', slow).catch(() => undefined)
      },
    ],
    [
      'in the middle, and done before the next one',
      async (step) => {
        void step('one', () => undefined)
        await scheduler.wait(100)
        await step('two', slow)
      },
    ],
    [
      'as the last one, and failed meanwhile',
      async (step) => {
        await step('one', slow)
        void step('two', () => {
          throw new Error('unseen')
        })
        await scheduler.wait(50)
      },
    ],
    [
      'inside a step',
      (step) =>
        step('outer', async (outer) => {
          void outer.step('one', slow)
          await outer.step('two', slow)
        }),
    ],
  ])('%s', async (_, perform) => {
    expect(await endOf(perform)).toMatchObject({
      status: 'failed',
      error: { code: 'step_not_awaited' },
    })
  })

  it.each<[string, (step: StepFunction) => Promise<unknown>]>([
    ['inside another', (step) => step('outer', () => step('inner', slow))],
    ['at once', (step) => Promise.all([step('one', slow), step('two', slow)])],
  ])('a step that is awaited, %s, is invalid_step as in Rails', async (_, perform) => {
    expect(await endOf(perform)).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_step' },
    })
  })
})

describe('R18 a step whose name is no text', () => {
  it.each([[7], [Symbol('s')], [{ name: 'x' }], [null], [undefined], [true], [[]]])(
    'is refused as invalid_step, at once: %s',
    async (name) => {
      expect(await endOf((step) => step(name as never, () => undefined))).toMatchObject({
        status: 'failed',
        slices: 1,
        error: { name: 'InvalidStepError', code: 'invalid_step' },
      })
    },
  )
})

it('a step that is still to begin when its slice is over begins nothing', async () => {
  let begun = false
  const run = await endOf(async (step) => {
    const before = step('before', () => undefined)
    await scheduler.wait(50)
    void step('after', () => {
      begun = true
    })
    void before.then(() => undefined)
  })
  await scheduler.wait(50)
  expect(begun).toBe(false)
  expect(run).toMatchObject({ status: 'failed', error: { code: 'step_not_awaited' } })
})
