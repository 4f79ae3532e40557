import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineIteration, defineJob, type Cursor } from '../../../src/engine/index.ts'
import { createTables } from '../../support/drive.ts'
import { failingBatch } from '../../support/failing-batch.ts'
import { append } from '../../support/jobs.ts'
import { addPicky, createPicky, pickyItems } from '../../support/picky.ts'
import { redrive, runOf } from '../../support/run-of.ts'
import { walkOf } from '../../support/walks.ts'

beforeAll(async () => {
  await createTables()
  await createPicky()
})

/** The numbers after a cursor, each its own. */
async function* byNumber(numbers: number[], cursor: Cursor | null) {
  for (const number of numbers) if (number > Number(cursor)) yield [number, number] as const
}

describe('I01 items that are hard to handle', () => {
  it('an added step keeps the cursor of the step in progress', async () => {
    const job = (added: boolean) =>
      defineJob({
        name: 'added',
        ...(added && { steps: { added: ['check'] } }),
        async perform({ step, effects, run: { id } }) {
          if (added) await step('check', { isolated: true }, () => undefined)
          await step('process', { start: 1 }, async (step) => {
            while (step.cursor <= 4) {
              append(effects, id, step.cursor)
              await step.advance()
            }
          })
        },
      })
    const run = await runOf(job(false), { interrupt: { afterItems: 2 } })
    await run.slice()
    run.deploy(job(true))
    await run.drain()
    expect(await run.appended()).toEqual([1, 2, 3, 4])
  })

  it('a step within a step never gets the result of the item before', async () => {
    const seen: unknown[] = []
    const run = await runOf(
      defineJob({
        name: 'stale',
        async perform({ step }) {
          await step('outer', { start: 1 }, async (outer) => {
            while (outer.cursor <= 2) {
              const answer = await outer.step('ask', () => (outer.cursor === 1 ? 'pay' : undefined))
              await outer.step('act', () => {
                seen.push([outer.cursor, answer])
              })
              await outer.advance()
            }
          })
        },
      }),
    )
    await run.drain({ wallMs: 0 })
    expect(seen).toEqual([
      [1, 'pay'],
      [2, undefined],
    ])
  })

  it('attributes that onStart has set survive a skipped first item', async () => {
    let last: unknown
    const run = await runOf(
      defineIteration({
        name: 'attr',
        attributes: z.object({ batch: z.string().default('none') }),
        skip: {},
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2], { cursor }),
        onStart({ attributes }) {
          attributes.batch = 'B1'
        },
        eachIteration(item) {
          if (item === 1) throw new Error('bad')
        },
        onComplete({ attributes }) {
          last = attributes.batch
        },
      }),
    )
    await run.drain()
    expect(last).toBe('B1')
  })

  it('effects of a step before its walk survive a skipped first item', async () => {
    const run = await runOf(
      defineJob({
        name: 'pre',
        skip: {},
        async perform({ step, effects, run: { id } }) {
          await step('x', async (step) => {
            if (!step.resumed) append(effects, id, 100)
            await step.iterate(
              ({ cursor }) => walkOf([1, 2], cursor),
              (item) => {
                if (item === 1) throw new Error('bad')
                append(effects, id, item)
              },
            )
          })
        },
      }),
    )
    await run.drain()
    expect(await run.appended()).toEqual([2, 100])
  })

  it('the poison of one step skips no good item of another', async () => {
    const run = await runOf(
      defineJob({
        name: 'poison',
        skip: {},
        async perform({ step, effects, run: { id } }) {
          await step('a', (step) =>
            step.iterate(
              ({ cursor }) => walkOf([7], cursor),
              (item) => addPicky(effects, id, item),
            ),
          )
          await step('b', (step) =>
            step.iterate(
              ({ cursor }) => walkOf([1, 2], cursor),
              (item) => addPicky(effects, id, item),
            ),
          )
        },
      }),
    )
    await run.drain()
    expect(await pickyItems(run.id)).toEqual([1, 2])
  })

  it('the effects of an aborting item are written once, with the end', async () => {
    const run = await runOf(
      defineIteration({
        name: 'abort',
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2, 3], { cursor }),
        eachIteration(item, { effects, run: { id }, abort }) {
          append(effects, id, item)
          if (item === 2) abort()
        },
      }),
    )
    // The batches: the start, the last commit, the end.
    const DB = failingBatch(3)
    const end = await run.drain({ DB })
    expect(end.status).toBe('completed')
    expect(await run.appended()).toEqual([1, 2])
  })

  it('a re-drive finds items by bigint cursors', async () => {
    let bad = true
    const job = defineIteration({
      name: 'big',
      skip: {},
      retry: { attempts: 1 },
      buildEnumerator: ({ cursor }) => ({
        async *[Symbol.asyncIterator]() {
          for (let item = ((cursor as bigint | null) ?? 0n) + 1n; item <= 3n; item++)
            yield [Number(item), item] as const
        },
      }),
      eachIteration(item, { effects, run: { id } }) {
        if (bad && item === 2) throw new Error('bad')
        append(effects, id, item)
      },
    })
    const run = await runOf(job)
    await run.drain()
    bad = false
    const { child } = await redrive(job, run)
    const end = await child.drain()
    expect([end.status, end.error?.message]).toEqual(['completed', undefined])
  })

  it('a re-drive finds a skipped item of a nested walk though the outer item before it has left', async () => {
    let bad = true
    let groups = [1, 2, 3]
    const job = defineIteration({
      name: 'nested-redriven',
      skip: {},
      buildEnumerator: ({ cursor, enumerators }) =>
        enumerators.nested(
          [
            (at) => byNumber(groups, at.cursor),
            (at, group) => byNumber([group * 10 + 1, group * 10 + 2], at.cursor),
          ],
          { cursor },
        ),
      eachIteration(number, { effects, run: { id } }) {
        if (number === 21 && bad) throw new Error('not yet')
        append(effects, id, number)
      },
    })
    const run = await runOf(job)
    expect(await run.drain()).toMatchObject({ progress: { skipped: 1 } })
    bad = false
    groups = [2, 3]
    const { child } = await redrive(job, run)
    expect(await child.drain()).toMatchObject({ status: 'completed', progress: { skipped: 0 } })
    expect(await child.appended()).toEqual([21])
  })

  it('the idempotency key of an outer step is the same in every attempt', async () => {
    const keys: string[] = []
    const run = await runOf(
      defineJob({
        name: 'keys',
        async perform({ step }) {
          await step('outer', { start: 1 }, async (outer) => {
            while (outer.cursor <= 1) {
              keys.push(outer.idempotencyKey)
              await outer.step('inner', { start: 0 }, async (inner) => {
                while (inner.cursor < 2) await inner.advance()
              })
              await outer.advance()
            }
          })
        },
      }),
    )
    await run.drain({ wallMs: 0 })
    expect(new Set(keys).size).toBe(1)
  })

  it('a D1 that is out of reach makes nobody skip an item', async () => {
    let lost = true
    const run = await runOf(
      defineIteration({
        name: 'reach',
        skip: {},
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2, 3], { cursor }),
        eachIteration(item, { effects, run: { id } }) {
          if (lost && item === 2) {
            lost = false
            throw new Error('D1_ERROR: Network connection lost.')
          }
          append(effects, id, item)
        },
      }),
    )
    await run.drain()
    expect(await run.appended()).toEqual([1, 2, 3])
  })

  it('the last item is not blamed for effects at the end of its step', async () => {
    const run = await runOf(
      defineJob({
        name: 'blame',
        skip: {},
        retry: { attempts: 2 },
        async perform({ step, effects, run: { id } }) {
          await step('x', async (step) => {
            await step.iterate(
              ({ cursor }) => walkOf([1, 2, 3, 4], cursor),
              (item) => append(effects, id, item),
            )
            addPicky(effects, id, 7)
          })
        },
      }),
    )
    const end = await run.drain()
    expect([end.status, end.progress.skipped, await run.appended()]).toEqual([
      'failed',
      0,
      [1, 2, 3, 4],
    ])
  })

  it('B05 steps within a step belong to their item, also when the walk has changed', async () => {
    let items = [7, 8]
    const charged: number[] = []
    const run = await runOf(
      defineJob({
        name: 'changed',
        async perform({ step, effects, run: { id } }) {
          await step('x', (step) =>
            step.iterate(
              ({ cursor }) => ({
                async *[Symbol.asyncIterator]() {
                  for (const item of items)
                    if (cursor === null || item > (cursor as number)) yield [item, item] as const
                },
              }),
              async (item) => {
                const paid = await step.step('charge', () => {
                  charged.push(item)
                  return item
                })
                await step.step('log', () => append(effects, id, item * 100 + paid))
              },
            ),
          )
        },
      }),
    )
    await run.slice({ wallMs: 0 })
    items = [8]
    await run.drain({ wallMs: 0 })
    expect([charged, await run.appended()]).toEqual([[7, 8], [808]])
  })
})
