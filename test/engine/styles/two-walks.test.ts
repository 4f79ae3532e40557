import { beforeAll, describe, expect, it } from 'vitest'
import { defineJob, type CommitPolicy } from '../../../src/engine/index.ts'
import { createTables } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

/** One step that walks these lists at once, though it has one cursor. */
const walks = (lists: number[][], commit?: CommitPolicy) =>
  defineJob({
    name: 'walks-at-once',
    ...(commit && { commit }),
    async perform({ step, effects, run, enumerators }) {
      await step('walk', async (step) => {
        await Promise.all(
          lists.map((list) =>
            step.iterate(
              ({ cursor }) => enumerators.array(list, { cursor }),
              (item) => append(effects, run.id, item),
            ),
          ),
        )
      })
    },
  })

describe('two walks of one step at once fail the run, and nothing of either is kept', () => {
  it.each([
    [
      'H24',
      'over the same list, an item per commit',
      [
        [1, 2, 3],
        [1, 2, 3],
      ],
      { everyItems: 1 },
    ],
    [
      'H24b',
      'over two lists, in commits of any size',
      [
        [1, 2, 3],
        [11, 12, 13, 14, 15],
      ],
      undefined,
    ],
  ])('%s %s', async (_id, _what, lists, commit) => {
    const run = await runOf(walks(lists, commit), { interrupt: { afterItems: 3 } })
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: {
        code: 'checkpoint_not_awaited',
        message: expect.stringContaining("Step 'walk'"),
      },
      progress: { done: 0 },
    })
    expect(await run.appended()).toEqual([])
  })

  it('one after the other, the second goes on from the cursor of the first', async () => {
    const job = defineJob({
      name: 'walks-in-turn',
      async perform({ step, effects, run, enumerators }) {
        for (const [name, list] of [
          ['first', [1, 2, 3]],
          ['second', [11, 12]],
        ] as const) {
          await step(name, (step) =>
            step.iterate(
              ({ cursor }) => enumerators.array([...list], { cursor }),
              (item) => append(effects, run.id, item),
            ),
          )
        }
      },
    })
    const run = await runOf(job, { interrupt: { afterItems: 4 } })
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 5 } })
    expect(await run.appended()).toEqual([1, 2, 3, 11, 12])
  })
})
