import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, defineJob } from '../../../src/engine/index.ts'
import { createTables } from '../../support/drive.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

it('hooks see the cursor of the last item done (cursor_position of job-iteration)', async () => {
  const seen: unknown[] = []
  const run = await runOf(
    defineIteration({
      name: 'hooked-cursor',
      budget: { items: 2 },
      buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
      eachIteration: () => undefined,
      onStart: ({ cursor }) => void seen.push(['start', cursor]),
      onResume: ({ cursor }) => void seen.push(['resume', cursor]),
      onShutdown: ({ cursor }) => void seen.push(['shutdown', cursor]),
      onComplete: ({ cursor }) => void seen.push(['complete', cursor]),
    }),
  )
  await run.drain()
  expect(seen).toEqual([
    ['start', null],
    ['shutdown', 1],
    ['resume', 1],
    ['shutdown', 2],
    ['complete', 2],
  ])
})

it('aroundIterate gets the item', async () => {
  const seen: [string, number][] = []
  const run = await runOf(
    defineIteration({
      name: 'around-the-item',
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array(['a', 'b'], { cursor }),
      eachIteration: () => undefined,
      async aroundIterate({ cursor }, next, item) {
        await next()
        seen.push([item, cursor])
      },
    }),
  )
  await run.drain()
  expect(seen).toEqual([
    ['a', 0],
    ['b', 1],
  ])
})

describe('a walk of a step gives the run its total, as that of an iteration does', () => {
  const walking = (more: { counts?: boolean; expected?: number; inner?: boolean } = {}) =>
    defineJob({
      name: 'step-total',
      budget: { items: 2 },
      async perform({ step, enumerators, expectTotal }) {
        if (more.expected !== undefined) expectTotal(more.expected)
        await step('walk', { counts: more.counts ?? true }, async (step) => {
          const walk = (on: typeof step) =>
            on.iterate(
              ({ cursor }) => enumerators.array(['a', 'b', 'c'], { cursor }),
              () => undefined,
            )
          await (more.inner ? step.step('inner', walk) : walk(step))
        })
      },
    })

  it.each([
    ['what it has', {}, 3],
    ['not over what the job expects', { expected: 7 }, 7],
    ['not of items that do not count', { counts: false }, null],
    ['not of a walk within a step’s item', { inner: true }, null],
  ])('%s', async (_, more, total) => {
    const run = await runOf(walking(more))
    expect((await run.drain()).progress.total).toBe(total)
  })
})
