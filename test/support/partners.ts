import { defineIteration, type IterationContext } from '../../src/engine/index.ts'
import { upTo } from './drive.ts'
import { append } from './jobs.ts'

export type Context = Pick<
  IterationContext<unknown, number>,
  'effects' | 'run' | 'idempotencyKey' | 'abort' | 'interrupt'
>

/** Items that wait for each other: each goes on when the test says so, or after some turns. */
export class Partners {
  atWork = 0
  most = 0
  readonly begun: number[] = []
  readonly done: number[] = []

  /** Later items are quicker than earlier ones, within a group of seven. */
  async call(item: number): Promise<void> {
    this.begun.push(item)
    this.most = Math.max(this.most, ++this.atWork)
    try {
      for (let turns = (7 - (item % 7)) * 2; turns > 0; turns--) await scheduler.wait(0)
    } finally {
      this.atWork -= 1
      this.done.push(item)
    }
  }
}

export const partnered = (
  partners: Partners,
  more: object = {},
  each: (item: number, context: Context) => void | Promise<void> = () => undefined,
  items = 20,
) =>
  defineIteration({
    name: 'partnered',
    concurrency: 6,
    ...more,
    buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(items), { cursor }),
    async eachIteration(item, context) {
      await partners.call(item)
      await each(item, context as unknown as Context)
      append(context.effects, context.run.id, item)
    },
  })
