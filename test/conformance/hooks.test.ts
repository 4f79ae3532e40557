import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineIteration, type IterationDefinition } from '../../src/engine/index.ts'
import { runObjects } from '../../src/engine/runs/index.ts'
import { createTables, driving } from '../support/drive.ts'
import { append } from '../support/jobs.ts'
import { runOf } from '../support/run-of.ts'

beforeAll(createTables)

const calls: string[] = []
beforeEach(() => {
  calls.length = 0
})

type Definition = IterationDefinition<undefined, number, number>

const four = (settings: Partial<Definition> = {}) =>
  defineIteration<number, number>({
    name: 'four',
    buildEnumerator: ({ cursor, enumerators }) => enumerators.times(4, { cursor }),
    eachIteration: (item, { effects, run }) => append(effects, run.id, item),
    onComplete: () => void calls.push('complete'),
    ...settings,
  })

describe('onShutdown', () => {
  it('J43 runs before the next message is due, and the run goes on only after it', async () => {
    let due: unknown
    const run = await runOf(
      four({
        budget: { items: 1 },
        async onShutdown({ run: { id } }) {
          const { n, sendAt, overdueAt } = await driving(id)
          due = { n, sendAt, overdueAt }
        },
      }),
    )
    const { n } = await driving(run.id)
    await run.slice()
    expect(due).toEqual({ n, sendAt: null, overdueAt: null })
    expect((await driving(run.id)).n).toBe(n + 1)
  })

  it('J13 may ask for another slice: the run that stops anyway still has one message only', async () => {
    const run = await runOf(
      four({
        budget: { items: 1 },
        async onShutdown({ run: { id } }) {
          await runObjects(env)(id).command('interrupt', {})
        },
      }),
    )
    const { n } = await driving(run.id)
    await run.slice()
    expect((await driving(run.id)).n).toBe(n + 1)
    expect(await run.drain()).toMatchObject({ status: 'completed', slices: 4 + 1 })
    expect(await run.appended()).toEqual([0, 1, 2, 3])
  })
})

describe('hooks at the edges', () => {
  it('J29 S14 complete a walk that finds nothing, and tell so', async () => {
    const run = await runOf(
      four({ buildEnumerator: ({ cursor, enumerators }) => enumerators.times(0, { cursor }) }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 0 } })
    expect(run.told('iteration.nothing_found')).toMatchObject([{ timesInterrupted: 0 }])
    expect(calls).toEqual(['complete'])
  })

  it('M59 keep an error of onStart, before any item is handled', async () => {
    const run = await runOf(
      four({
        retry: { attempts: 1 },
        onStart() {
          throw new Error('cannot begin')
        },
      }),
    )
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { message: 'cannot begin' },
      progress: { done: 0 },
    })
    expect(await run.appended()).toEqual([])
  })

  it('S26 see in aroundIterate which item is under way', async () => {
    const cursors: unknown[] = []
    const run = await runOf(
      four({
        async aroundIterate({ cursor, idempotencyKey }, next) {
          cursors.push(cursor, idempotencyKey)
          await next()
        },
      }),
    )
    await run.drain()
    expect(cursors.filter((cursor) => typeof cursor === 'number')).toEqual([0, 1, 2, 3])
    expect(new Set(cursors).size).toBe(8)
  })

  it('J73 tell of each item of a nested walk with the cursors of all its levels', async () => {
    const run = await runOf(
      defineIteration({
        name: 'nested-events',
        buildEnumerator: ({ cursor, enumerators }) =>
          enumerators.nested(
            [
              (outer) => enumerators.array(['a', 'b', 'c'], outer),
              (inner, letter) =>
                enumerators.array(
                  [1, 2, 3, 4].map((n) => letter + n),
                  inner,
                ),
            ],
            { cursor },
          ),
        eachIteration: (_item, { cursor }) => void calls.push(JSON.stringify(cursor)),
      }),
    )
    await run.drain({ itemEvents: true })
    const told = run.told('iteration.item').map(({ cursor }) => JSON.stringify(cursor))
    expect(told).toHaveLength(12)
    expect(told).toEqual(calls)
    expect(new Set(told).size).toBe(12)
  })
})

describe('an iteration over batches', () => {
  beforeAll(async () => {
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) INSERT INTO numbers SELECT i FROM n`,
    ).run()
  })

  const batched = (settings: { budget?: { items: number }; abortAt?: number }) =>
    defineIteration({
      name: 'batched',
      budget: settings.budget ?? {},
      buildEnumerator: ({ cursor, enumerators }) =>
        enumerators.batches<{ id: number }>(
          env.DB,
          { sql: 'SELECT id FROM numbers' },
          { cursor, batchSize: 3 },
        ),
      eachIteration(rows, { effects, run, abort }) {
        for (const { id } of rows) append(effects, run.id, id)
        if (rows.some(({ id }) => id === settings.abortAt)) abort()
      },
      onStart: () => void calls.push('start'),
      onComplete: () => void calls.push('complete'),
    })

  it('J16 stops between them, with the last id of each as the cursor', async () => {
    const run = await runOf(batched({ budget: { items: 1 } }))
    const cursors: unknown[] = []
    for (let batch = 1; batch <= 4; batch++) cursors.push((await run.slice()).cursor)
    expect(cursors).toEqual([3, 6, 9, 10])
    expect(calls).toEqual(['start'])
    expect(await run.drain()).toMatchObject({ status: 'completed', interruptions: 4 })
    expect(calls).toEqual(['start', 'complete'])
    expect(await run.appended()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  it('J34 is completed by an abort, with the batches up to then', async () => {
    const run = await runOf(batched({ abortAt: 5 }))
    expect(await run.drain()).toMatchObject({ status: 'completed', slices: 1 })
    expect(await run.appended()).toEqual([1, 2, 3, 4, 5, 6])
    expect(calls).toEqual(['start', 'complete'])
  })
})

describe('the wall time of a slice', () => {
  const slow = (settings: Partial<Definition> = {}) => {
    let now = Date.now()
    const clock = { now: () => now, wait: (ms: number) => scheduler.wait(ms) }
    const job = four({
      ...settings,
      eachIteration(item, { effects, run }) {
        now += 30_000
        append(effects, run.id, item)
      },
    })
    return { job, clock }
  }

  it('J62 of the Worker is the one of today, also for runs under way', async () => {
    const { job, clock } = slow()
    const run = await runOf(job)
    expect(await run.slice({ clock, wallMs: 60_000 })).toMatchObject({ progress: { done: 2 } })
    expect(await run.slice({ clock, wallMs: 30_000 })).toMatchObject({ progress: { done: 3 } })
  })

  it('J64 of the job counts also when the Worker has none', async () => {
    const { job, clock } = slow({ budget: { wallMs: 30_000 } })
    const run = await runOf(job)
    expect(await run.slice({ clock, wallMs: Infinity })).toMatchObject({ progress: { done: 1 } })
  })

  it('J67 J68 is nothing that a job gets from another one it was made of', async () => {
    const parent = { budget: { wallMs: 30_000 } }
    const { job, clock } = slow({ ...parent, budget: {} })
    const global = await runOf(job)
    expect(await global.slice({ clock, wallMs: 60_000 })).toMatchObject({ progress: { done: 2 } })
    const none = await runOf(job)
    expect(await none.slice({ clock, wallMs: Infinity })).toMatchObject({ status: 'completed' })
  })
})
