import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, type IterationContext } from '../../../src/engine/index.ts'
import { HeldLane } from '../../../src/engine/store/d1/held-lane.ts'
import { D1Usage, StatementBudget } from '../../../src/engine/store/d1/metered-database.ts'
import { KillSwitch } from '../../../src/engine/slice/kill-switch.ts'
import { FaultyDatabase } from '../../../src/testing/index.ts'
import { interceptedDatabase } from '../../../src/testing/intercepted-database.ts'
import { appended, createTables, start, truth, upTo } from '../../support/drive.ts'
import { append, appendSteps } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

type Context = IterationContext<unknown, number>

const overlapping = (
  each: (item: number, context: Context) => void | Promise<void>,
  {
    everyItems = 2,
    items = 8,
    ...more
  }: Record<string, unknown> & { everyItems?: number; items?: number } = {},
) =>
  defineIteration({
    name: 'overlapping',
    ...more,
    commit: { everyItems },
    buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(items), { cursor }),
    async eachIteration(item, context) {
      await each(item, context as unknown as Context)
      append(context.effects, context.run.id, item)
    },
  })

const isCommit = ({ kind, sql }: { kind: string; sql: readonly string[] }) =>
  kind === 'batch' && sql.some((text) => text.includes('INTO appended'))

/** D1 in which this commit of items, counted from 1, never lands, and is answered late. */
function losing(commit: number): D1Database {
  let commits = 0
  return new FaultyDatabase(env.DB, (call) =>
    isCommit(call) && ++commits === commit ? 'never_lands' : undefined,
  ).binding
}

describe('while a commit is under way', () => {
  it('the next items are worked on, and no other commit is sent', async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    let held = true
    let underWay = 0
    let most = 0
    // The first commit is not answered before the fourth item has begun, with which the next one is due.
    const DB = interceptedDatabase(env.DB, async (call, work) => {
      if (!isCommit(call)) return work()
      most = Math.max(most, ++underWay)
      const answer = await work()
      if (held) {
        held = false
        await begun
        for (let turns = 0; turns < 10; turns++) await scheduler.wait(0)
      }
      underWay -= 1
      return answer
    })
    const run = await runOf(overlapping((item) => (item === 4 ? resolve() : undefined)))
    expect(await run.drain({ DB })).toMatchObject({ status: 'completed', progress: { done: 8 } })
    expect(await run.appended()).toEqual(upTo(8))
    expect(most).toBe(1)
  })

  it('none is, where each item is to be durable before the next begins', async () => {
    const durable: number[] = []
    const job = overlapping(
      async (item, { run }) => {
        durable.push((await appended(run.id)).length - (item - 1))
      },
      { everyItems: 1 },
    )
    const run = await runOf(job)
    await run.drain()
    expect(durable).toEqual(upTo(8).map(() => 0))
  })

  it('the object hears of what D1 has answered, and of no more', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    const { promise: open, resolve } = Promise.withResolvers<void>()
    let fail = false
    const DB = interceptedDatabase(env.DB, async ({ kind }, work) => {
      if (kind === 'batch') await open
      if (kind === 'batch' && fail) throw new Error('D1_ERROR: Network connection lost.')
      return work()
    })
    const usage = new D1Usage(new StatementBudget(1_000), new KillSwitch())
    const lane = new HeldLane(
      DB,
      usage,
      { run, lane: 0, fence: 1, codeVersion: '' },
      Date.now,
      5_000,
    )
    await lane.raise()
    const change = {
      effects: [],
      checkpoint: { completed: [] },
      items: 2,
      step: null,
      fromCursor: null,
      toCursor: null,
    }
    const first = lane.commit(change)
    expect([lane.state.done, lane.report(false).done]).toEqual([2, 0])
    resolve()
    expect(await first).toEqual({ kind: 'committed' })
    expect([lane.state.done, lane.report(false).done]).toEqual([2, 2])
    fail = true
    expect(await lane.commit(change)).toMatchObject({ kind: 'unknown' })
    expect([lane.state.done, lane.report(false).done]).toEqual([2, 2])
  })
})

describe('a commit that fails takes with it what was done meanwhile', () => {
  it.each([1, 2, 3, 4])('when it is commit %i', async (commit) => {
    const run = await runOf(overlapping(() => undefined))
    const view = await run.drain({ DB: losing(commit) })
    expect(view).toMatchObject({ status: 'completed', progress: { done: 8 } })
    expect(await run.appended()).toEqual(upTo(8))
  })

  it('also where the job aborts meanwhile: the run does not end without its items', async () => {
    const job = overlapping((item, { abort }) => {
      if (item === 5) abort()
    })
    const run = await runOf(job)
    const view = await run.drain({ DB: losing(2) })
    expect(view).toMatchObject({ status: 'completed', progress: { done: 4 } })
    expect(await run.appended()).toEqual([1, 2, 3, 4])
    expect(await truth(run.id)).toMatchObject({ status: 'completed' })
  })

  it('also where an item fails meanwhile: those before it are kept', async () => {
    const job = overlapping(
      (item) => {
        if (item === 5) throw new Error('no')
      },
      { retry: { attempts: 1 } },
    )
    const run = await runOf(job)
    const view = await run.drain({ DB: losing(2) })
    expect(view).toMatchObject({
      status: 'failed',
      error: { message: 'no' },
      progress: { done: 4 },
    })
    expect(await run.appended()).toEqual([1, 2, 3, 4])
  })
})
