import { z } from 'zod'
import type * as author from '../../src/engine/index.ts'

/** What jobs are written with, of some version. */
type Author = Pick<typeof author, 'defineIteration' | 'defineJob' | 'setStatement'>

const params = z.strictObject({
  items: z.number().int().default(5),
  /** The item at which a run fails, once. */
  failsAt: z.number().int().default(0),
})

/** One job in each style, written with one version. Their effects are plain appends: what is done twice is there twice. */
export function jobsWith({ defineIteration, defineJob, setStatement }: Author) {
  const appendStatement = setStatement<{ run: string; item: number }>(
    `INSERT INTO appended (run_id, item) SELECT value ->> 'run', value ->> 'item' FROM json_each(?1)`,
  )
  const failed = new Set<string>()
  function append(effects: author.Effects, run: string, item: number, failsAt: number): void {
    effects.add(appendStatement, { run, item })
    if (item !== failsAt || failed.has(run)) return
    failed.add(run)
    throw new Error(`item ${item} fails once`)
  }
  const following = defineJob({
    name: 'older-following',
    perform: ({ step, effects, run }) => step('append', () => append(effects, run.id, 1, 0)),
  })
  const steps = defineJob({
    name: 'older-steps',
    params,
    async perform({ step, params: { items, failsAt }, effects, run }) {
      await step('append', { start: 1 }, async (step) => {
        while (step.cursor <= items) {
          append(effects, run.id, step.cursor, failsAt)
          await step.advance()
        }
      })
      return step('finish', () => items)
    },
    continuations: ({ enqueue }) => enqueue(following, {}),
  })
  const iteration = defineIteration({
    name: 'older-iteration',
    params,
    buildEnumerator: ({ params: { items }, cursor, enumerators }) =>
      enumerators.array(
        Array.from({ length: items }, (_, index) => index + 1),
        { cursor },
      ),
    eachIteration: (item, { effects, run, params: { failsAt } }) =>
      append(effects, run.id, item, failsAt),
    onComplete({ effects, run }) {
      append(effects, run.id, 0, -1)
    },
  })
  const hasty = defineJob({
    name: 'older-hasty',
    retry: { attempts: 1 },
    perform: ({ step, effects, run }) => step('append', () => append(effects, run.id, 1, 1)),
  })
  return { steps, iteration, following, hasty }
}
