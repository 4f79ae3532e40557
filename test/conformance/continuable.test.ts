import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineJob, type Step, type StepFunction } from '../../src/engine/index.ts'
import { runObjects } from '../../src/engine/runs/index.ts'
import { appended, createTables, driving } from '../support/drive.ts'
import { append } from '../support/jobs.ts'
import { runOf } from '../support/run-of.ts'

beforeAll(createTables)

const everyItem = { commit: { everyItems: 1 } }

/** Appends in four steps, as the originals' LinearJob does. */
const linear = (isolated: string[] = []) =>
  defineJob({
    name: 'linear',
    async perform({ step, effects, run }) {
      for (const [index, name] of ['one', 'two', 'three', 'four'].entries()) {
        await step(name, { isolated: isolated.includes(name) }, () =>
          append(effects, run.id, index + 1),
        )
      }
    },
  })

/** Appends 1 to 10, moving its cursor each time. */
const counting = (settings: Partial<Parameters<typeof defineJob>[0]> = {}) =>
  defineJob({
    name: 'counting',
    ...settings,
    async perform({ step, effects, run }) {
      await step('count', { start: 1 }, async (step) => {
        while (step.cursor <= 10) {
          append(effects, run.id, step.cursor)
          await step.advance()
        }
      })
    },
  })

const oneItem = { budget: { items: 1 } }

describe('steps, as ActiveJob::Continuable has them', () => {
  it('R01 process each record once when nothing stops them', async () => {
    const run = await runOf(counting())
    expect(await run.drain()).toMatchObject({ status: 'completed', slices: 1 })
    expect(await run.appended()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('R04 are stopped between two steps, and go on with the next one', async () => {
    const job = linear()
    const run = await runOf(job)
    await runObjects(env)(run.id).command('interrupt', {})
    expect(await run.slice()).toMatchObject({ status: 'interrupted', completedSteps: ['one'] })
    expect(await run.appended()).toEqual([1])
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual([1, 2, 3, 4])
  })

  it('R05 have no checkpoint after the last one: a late stop finds the run completed', async () => {
    const run = await runOf(
      defineJob({
        name: 'stopped-late',
        async perform({ step, run: { id } }) {
          await step('one', () => undefined)
          await step('last', async () => {
            await runObjects(env)(id).command('interrupt', {})
          })
        },
      }),
    )
    expect(await run.slice()).toMatchObject({ status: 'completed', interruptions: 0 })
  })

  it('R07 R08 checkpoint without a cursor: an error keeps what was done before the checkpoint', async () => {
    let failing = true
    const queue = [1, 2, 3]
    const consuming = defineJob({
      name: 'consuming',
      ...everyItem,
      retry: { attempts: 2 },
      async perform({ step, effects, run }) {
        await step('consume', async (step) => {
          for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
            append(effects, run.id, item)
            await step.checkpoint()
            if (failing) throw new Error('at a checkpoint')
          }
        })
      },
    })
    const run = await runOf(consuming)
    await run.slice()
    expect(await run.appended()).toEqual([1])
    failing = false
    await run.drain()
    expect(await run.appended()).toEqual([1, 2, 3])
  })

  it('R10 resume after an error that came after progress, and fail after one that came at once', async () => {
    const failing = defineJob({
      name: 'failing-at-four',
      retry: { attempts: 1 },
      async perform({ step, effects, run }) {
        await step('count', { start: 1 }, async (step) => {
          for (;;) {
            if (step.cursor === 4) throw new Error('four')
            append(effects, run.id, step.cursor)
            await step.advance()
          }
        })
      },
    })
    const run = await runOf(failing)
    expect(await run.slice()).toMatchObject({ status: 'queued', cursor: 4 })
    expect(await run.slice()).toMatchObject({ status: 'failed', error: { message: 'four' } })
    expect(await run.appended()).toEqual([1, 2, 3])
  })

  it('R11 B08 keep state that does not grow with errors and interruptions', async () => {
    const run = await runOf(counting({ budget: { items: 1 } }))
    const sizes: number[] = []
    for (let slices = 0; slices < 9; slices++) {
      await run.slice()
      sizes.push(JSON.stringify(await driving(run.id)).length)
    }
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(20)
  })

  it('R28 walk with an array as cursor', async () => {
    const nested = defineJob({
      name: 'array-cursor',
      ...everyItem,
      async perform({ step, effects, run }) {
        await step('walk', { start: [0, 0] as [number, number] }, async (step) => {
          for (let [outer, inner] = step.cursor; outer < 3; [outer, inner] = step.cursor) {
            append(effects, run.id, outer * 10 + inner)
            await step.set(inner < 2 ? [outer, inner + 1] : [outer + 1, 0])
          }
        })
      },
    })
    const run = await runOf(nested, { interrupt: { afterItems: 2 } })
    expect(await run.slice()).toMatchObject({ cursor: [0, 2] })
    expect(await run.appended()).toEqual([0, 1])
    await run.drain()
    expect(await run.appended()).toEqual([0, 1, 2, 10, 11, 12, 20, 21, 22])
  })

  it('R29 walk params of mixed types by index, unchanged', async () => {
    const mixed = ['text', 7, 1.5, null, true, false, [1, 'two'], { a: { b: 1 } }]
    const seen: unknown[] = []
    const run = await runOf(
      defineJob({
        name: 'mixed',
        ...oneItem,
        async perform({ step }) {
          const items = await step('load', () => mixed)
          await step('walk', { start: 0 }, async (step) => {
            for (; step.cursor < items.length;) {
              seen.push(items[step.cursor])
              await step.advance()
            }
          })
        },
      }),
    )
    await run.drain()
    expect(seen).toEqual(mixed)
  })
})

describe('resumptions', () => {
  it('R31 are limited: the interruption after the last one allowed fails the run', async () => {
    const run = await runOf(counting({ ...oneItem, resume: { maxResumptions: 2 } }))
    await run.slice()
    await run.slice()
    expect(await run.slice()).toMatchObject({
      status: 'failed',
      error: {
        code: 'resumptions_exhausted',
        message: 'Job was resumed a maximum of 2 times',
      },
    })
    expect(await run.appended()).toEqual([1, 2, 3])
  })

  it('R32 are limited for errors after progress, too; the error is kept as the cause', async () => {
    const run = await runOf(
      defineJob({
        name: 'advancing-then-failing',
        resume: { maxResumptions: 2 },
        async perform({ step }) {
          await step('count', { start: 0 }, async (step) => {
            await step.advance()
            throw new Error(`at ${step.cursor}`)
          })
        },
      }),
    )
    for (let slices = 0; slices < 2; slices++) {
      expect(await run.slice()).toMatchObject({ status: 'queued' })
    }
    expect(await run.slice()).toMatchObject({
      status: 'failed',
      error: { code: 'resumptions_exhausted', cause: { message: 'at 3' } },
    })
  })

  it('R34 J46 wait as long as the job says', async () => {
    const run = await runOf(counting({ ...oneItem, resume: { wait: '8 seconds' } }))
    const before = Date.now()
    await run.slice()
    const { sendAt } = await driving(run.id)
    expect(sendAt).toBeGreaterThanOrEqual(before + 8_000)
    expect(sendAt).toBeLessThan(before + 60_000)
  })

  it('R64 do not count when nothing had been done before', async () => {
    const run = await runOf(
      defineJob({
        name: 'failing-first',
        retry: { attempts: 3 },
        perform: ({ step, run: { attempt } }) =>
          step('once', () => {
            if (attempt < 3) throw new Error('not yet')
          }),
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed', slices: 3, resumptions: 0 })
    expect(run.told('run.resumed')).toEqual([])
  })

  it('R68 see the cursor the step had come to, not its start', async () => {
    const run = await runOf(counting(), { interrupt: { afterItems: 7 } })
    await run.slice()
    await run.slice()
    expect(run.told('step.started').map(({ cursor, resumed }) => [cursor, resumed])).toEqual([
      [1, false],
      [8, true],
    ])
  })

  it('R74 keep the id of the run', async () => {
    const run = await runOf(counting(oneItem))
    await run.slice()
    expect((await run.slice()).id).toBe(run.id)
  })

  it('R80 follow an error after a completed step, also without any cursor', async () => {
    const run = await runOf(
      defineJob({
        name: 'step-then-error',
        retry: { attempts: 1 },
        async perform({ step }) {
          await step('one', () => undefined)
          throw new Error('between steps')
        },
      }),
    )
    expect(await run.slice()).toMatchObject({ status: 'queued', completedSteps: ['one'] })
    expect(await run.slice()).toMatchObject({ status: 'failed' })
  })

  it('can be switched off for errors', async () => {
    const run = await runOf(
      defineJob({
        name: 'no-error-resume',
        resume: { errorsAfterAdvancing: false },
        async perform({ step }) {
          await step('one', () => undefined)
          throw new Error('after progress')
        },
      }),
    )
    expect(await run.slice()).toMatchObject({ status: 'failed', completedSteps: ['one'] })
  })
})

describe('isolated steps', () => {
  it('R35 run in a slice of their own', async () => {
    const run = await runOf(linear(['three']))
    const seen: number[][] = []
    for (let slices = 0; slices < 3; slices++) {
      await run.slice()
      seen.push(await appended(run.id))
    }
    expect(seen).toEqual([
      [1, 2],
      [1, 2, 3],
      [1, 2, 3, 4],
    ])
    expect(run.told('run.interrupted').map((e) => [e.description, e.reason])).toEqual([
      ["after 'two'", 'isolated'],
      ["after 'three'", 'isolated'],
    ])
  })

  it('R67 count as resumptions', async () => {
    const run = await runOf({ ...linear(['one', 'two', 'three']), resume: { maxResumptions: 1 } })
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { code: 'resumptions_exhausted' },
      completedSteps: ['one', 'two'],
    })
  })

  it('run inline when they are the first of their slice, so that no run hands over for ever', async () => {
    const run = await runOf(linear(['one']))
    expect(await run.slice()).toMatchObject({ completedSteps: ['one'] })
    expect(await run.drain()).toMatchObject({ status: 'completed', slices: 2 })
  })
})

describe('step functions', () => {
  it('R62 are named functions that take the step, or nothing', async () => {
    const seen: unknown[] = []
    function load(): void {
      seen.push('load')
    }
    async function work(step: Step<number>): Promise<void> {
      seen.push(step.name, step.cursor)
      await step.advance()
    }
    const run = await runOf(
      defineJob({
        name: 'named-functions',
        async perform({ step }) {
          await step(load)
          await step(work, { start: 5 })
        },
      }),
    )
    expect(await run.drain()).toMatchObject({ completedSteps: ['load', 'work'] })
    expect(seen).toEqual(['load', 'work', 5])
  })

  it.each([
    [
      'R61 with more than one parameter',
      (step: StepFunction) => step('x', ((_a: Step, _b: number) => 1) as never),
      'must accept 0 or 1 arguments',
    ],
    ['without a name', (step: StepFunction) => step(() => 1), 'must be a non-empty string'],
    ['without a block', (step: StepFunction) => step('x', {} as never), 'has no block'],
  ])('%s are refused', async (_what, call, message) => {
    const run = await runOf(defineJob({ name: 'misused', perform: ({ step }) => call(step) }))
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_step', message: expect.stringContaining(message) },
    })
  })
})
