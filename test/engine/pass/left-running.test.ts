import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineIteration, defineJob, type Effects } from '../../../src/engine/index.ts'
import { createTables, appended } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { redrive, runOf } from '../../support/run-of.ts'
import { walkOf } from '../../support/walks.ts'

beforeAll(createTables)

/** Fails at once, or else comes back later than everything else. */
async function failIf(fails: boolean): Promise<void> {
  await scheduler.wait(1)
  if (fails) throw new Error('card declined')
}

/** Does something later, and keeps the code of what is thrown then. */
async function later(ms: number, codes: unknown[], work: () => unknown): Promise<void> {
  await scheduler.wait(ms)
  try {
    await work()
  } catch (error) {
    codes.push((error as { code?: string }).code)
    throw error
  }
}

/** Nobody waits for it. */
function leave(work: Promise<void>): void {
  work.catch(() => undefined)
}

const items = [1, 2, 3]

describe('A3 what an attempt at an item left running', () => {
  it('H22 adds nothing once the item was skipped', async () => {
    const codes: unknown[] = []
    const run = await runOf(
      defineIteration({
        name: 'halves',
        skip: {},
        commit: { everyItems: 10 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array(items, { cursor }),
        async eachIteration(item, { effects, run: { id } }) {
          await Promise.all([failIf(item === 1), later(15, codes, () => append(effects, id, item))])
        },
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { skipped: 1 } })
    expect(await run.appended()).toEqual([2, 3])
    expect(codes).toEqual(['run_released'])
  })

  it('H22b adds nothing to the attempt after it', async () => {
    let tries = 0
    const run = await runOf(
      defineIteration({
        name: 'halves-again',
        skip: { attempts: 2 },
        commit: { everyItems: 10 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2], { cursor }),
        async eachIteration(item, { effects, run: { id } }) {
          await Promise.all([
            failIf(item === 1 && tries++ === 0),
            later(5, [], () => append(effects, id, item)),
          ])
          await scheduler.wait(10)
        },
      }),
    )
    await run.drain()
    expect(await run.appended()).toEqual([1, 2])
  })

  it('H22c is not doubled by a re-drive', async () => {
    let declined = true
    const job = defineIteration({
      name: 'halves-redriven',
      skip: {},
      commit: { everyItems: 10 },
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array(items, { cursor }),
      async eachIteration(item, { effects }) {
        await Promise.all([
          failIf(item === 1 && declined),
          later(15, [], () => append(effects, 'h22c', item)),
        ])
      },
    })
    const run = await runOf(job)
    await run.drain()
    declined = false
    const { child } = await redrive(job, run)
    await child.drain()
    expect(await appended('h22c')).toEqual([1, 2, 3])
  })

  it.each([1, 2])(
    'adds nothing in `step.iterate`, by the effects of `perform` either (attempts: %i)',
    async (attempts) => {
      let tries = 0
      const run = await runOf(
        defineJob({
          name: 'halves-in-a-step',
          skip: { attempts },
          async perform({ step, effects, run: { id } }) {
            await step('walk', (step) =>
              step.iterate(
                ({ cursor }) => walkOf(items, cursor),
                async (item) => {
                  await Promise.all([
                    failIf(item === 1 && tries++ === 0),
                    later(5, [], () => append(effects, id, item)),
                  ])
                },
              ),
            )
          },
        }),
      )
      expect((await run.drain()).status).toBe('completed')
      expect(await run.appended()).toEqual(attempts === 1 ? [2, 3] : [1, 2, 3])
    },
  )

  it('changes nothing once the item is done', async () => {
    const codes: unknown[] = []
    const keys: string[] = []
    const run = await runOf(
      defineIteration({
        name: 'unawaited',
        attributes: z.object({ total: z.number().default(0) }),
        commit: { everyItems: 1 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array(items, { cursor }),
        async eachIteration(item, context) {
          const { effects, attributes, idempotencyKey } = context
          keys.push(idempotencyKey)
          if (item === 1) {
            leave(later(10, codes, () => append(effects, context.run.id, 100)))
            leave(later(10, codes, () => (attributes.total += 100)))
            leave(later(10, codes, () => context.abort()))
            leave(later(10, codes, () => context.expectTotal(100)))
            leave(later(10, codes, () => keys.push(context.idempotencyKey)))
            return
          }
          attributes.total += item
          append(effects, context.run.id, item)
          await scheduler.wait(20)
        },
        onComplete: ({ attributes }) => attributes.total,
      }),
    )
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      result: 5,
      progress: { done: 3, total: 3 },
    })
    expect(codes).toEqual(Array(4).fill('run_released'))
    // A key that is asked for late is the one of its own item.
    expect(keys.filter((key) => key === keys[0])).toHaveLength(2)
    expect(await run.appended()).toEqual([2, 3])
  })

  it('does not handle the item later, by a `next` that nobody awaited', async () => {
    const codes: unknown[] = []
    const run = await runOf(
      defineIteration({
        name: 'late-next',
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array(items, { cursor }),
        async aroundIterate({ cursor }, next) {
          if (cursor === 0) leave(later(5, codes, next))
          else await next()
        },
        async eachIteration(item, { effects, run: { id } }) {
          append(effects, id, item)
          await scheduler.wait(10)
        },
      }),
    )
    await run.drain()
    expect([await run.appended(), codes]).toEqual([[2, 3], ['run_released']])
  })

  it('moves nothing in a step within, whose item was passed over', async () => {
    const codes: unknown[] = []
    const run = await runOf(
      defineJob({
        name: 'inner-left',
        skip: {},
        async perform({ step, effects, run: { id } }) {
          await step('outer', (outer) =>
            outer.iterate(
              ({ cursor }) => walkOf(items, cursor),
              async (item) => {
                const within = outer.step('inner', { start: 0 }, async (inner) => {
                  await scheduler.wait(5)
                  await later(0, codes, () => inner.advance())
                  append(effects, id, item)
                })
                await Promise.all([failIf(item === 1), within])
                await scheduler.wait(5)
              },
            ),
          )
        },
      }),
    )
    const end = await run.drain()
    expect([end.status, end.progress]).toEqual([
      'completed',
      expect.objectContaining({ skipped: 1 }),
    ])
    // Two of the inner step, two of the outer one.
    expect(end.progress.done).toBe(4)
    expect(codes).toEqual(['invalid_step'])
    expect(await run.appended()).toEqual([2, 3])
  })
})

describe('A3 what a step or a hook left running', () => {
  it('adds nothing to a later step', async () => {
    const codes: unknown[] = []
    const run = await runOf(
      defineJob({
        name: 'left-by-a-step',
        async perform({ step, effects, run: { id } }) {
          await step('one', () => leave(later(5, codes, () => append(effects, id, 1))))
          await step('two', async () => {
            await scheduler.wait(15)
            append(effects, id, 2)
          })
        },
      }),
    )
    expect((await run.drain()).status).toBe('completed')
    expect([await run.appended(), codes]).toEqual([[2], ['run_released']])
  })

  it('adds nothing to the items after `onStart`', async () => {
    const codes: unknown[] = []
    const run = await runOf(
      defineIteration({
        name: 'left-by-a-hook',
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2], { cursor }),
        onStart: ({ effects, run: { id } }) => leave(later(5, codes, () => append(effects, id, 9))),
        eachIteration: async (item, { effects, run: { id } }) => {
          await scheduler.wait(10)
          append(effects, id, item)
        },
        onShutdown: ({ effects, run: { id } }) =>
          leave(later(1, codes, () => append(effects, id, 8))),
        onComplete: () => scheduler.wait(10),
      }),
    )
    expect((await run.drain()).status).toBe('completed')
    expect([await run.appended(), codes]).toEqual([
      [1, 2],
      ['run_released', 'run_released'],
    ])
  })

  it('H23 adds nothing, and hears so, while the end is on its way', async () => {
    const codes: unknown[] = []
    let added = 0
    const addUntilRefused = async (effects: Effects, id: string) => {
      for (let turn = 0; turn < 200; turn++) {
        await scheduler.wait(0)
        append(effects, id, 7)
        added += 1
      }
    }
    const run = await runOf(
      defineJob({
        name: 'late-hook',
        perform: ({ step }) => step('x', () => undefined),
        onComplete: ({ effects, run: { id } }) =>
          leave(later(0, codes, () => addUntilRefused(effects, id))),
      }),
    )
    await run.drain()
    await expect.poll(() => codes).toEqual(['run_released'])
    expect([added, await run.appended()]).toEqual([0, []])
  })

  it('enqueues nothing once `continuations` has returned', async () => {
    const codes: unknown[] = []
    const next = defineJob({ name: 'next', perform: ({ step }) => step('x', () => undefined) })
    const run = await runOf(
      defineJob({
        name: 'late-enqueue',
        perform: ({ step }) => step('x', () => undefined),
        continuations({ enqueue }) {
          enqueue(next, {})
          leave(later(0, codes, () => enqueue(next, {})))
        },
      }),
      {},
      [next],
    )
    const end = await run.drain()
    await expect.poll(() => codes).toEqual(['run_released'])
    expect(end.children).toHaveLength(1)
  })
})
