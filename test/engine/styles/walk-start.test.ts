import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineJob, type Enumerators, type Job, type Step } from '../../../src/engine/index.ts'
import { createTables } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(async () => {
  await createTables()
  await env.DB.prepare('INSERT OR IGNORE INTO numbers VALUES (1), (2), (3), (4)').run()
})

const numbers = { sql: 'SELECT id FROM numbers WHERE id < 5' }

/** Walks rows by hand, two to a slice; `at` says where the walk begins, `move` how the step goes on. */
function walking(
  at: (step: Step) => object,
  move: (step: Step, id: number, cursor: unknown) => Promise<void>,
): Job {
  return defineJob({
    name: 'by-hand',
    budget: { items: 2 },
    retry: { attempts: 1 },
    perform: ({ step, effects, env: { DB }, run: { id: run }, enumerators }) =>
      step('walk', async (step) => {
        const walk = enumerators.records<{ id: number }>(DB, numbers, at(step))
        for await (const [{ id }, cursor] of walk) {
          append(effects, run, id)
          await move(step, id, cursor)
        }
      }),
  })
}

const advance = (step: Step, id: number) => step.advance({ from: id })

describe('a walk by hand in a step', () => {
  it('that begins with its cursor, and advances, meets each row', async () => {
    const run = await runOf(walking((step) => ({ from: step.cursor }), advance))
    expect(await run.drain()).toMatchObject({ status: 'completed', slices: 3 })
    expect(await run.appended()).toEqual([1, 2, 3, 4])
  })

  it('that begins after its cursor, and sets that of the row, meets each row', async () => {
    const set = (step: Step, _id: number, cursor: unknown) => step.set(cursor as number)
    const run = await runOf(walking((step) => ({ cursor: step.cursor }), set))
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual([1, 2, 3, 4])
  })

  it('that begins after its cursor, and advances, fails before a row is passed over', async () => {
    const wrong = walking((step) => ({ cursor: step.cursor }), advance)
    const run = await runOf(wrong)
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_step', message: expect.stringContaining('{ from: step.cursor }') },
    })
    expect(await run.appended()).toEqual([1, 2])
  })
})

describe('a step that counts what it walks', () => {
  it('from a place of its own advances by itself', async () => {
    const job = defineJob({
      name: 'counted',
      perform: ({ step, effects, env: { DB }, run: { id: run }, enumerators }) =>
        step('walk', { start: 0 }, async (walk) => {
          for await (const [{ id }] of enumerators.records<{ id: number }>(DB, numbers, {
            cursor: 2,
          })) {
            append(effects, run, id)
            await walk.advance()
          }
        }),
    })
    const run = await runOf(job)
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual([3, 4])
  })
})

describe('a step that advances beside a walk of another one', () => {
  const walks =
    (at: (step: Step) => object, meet: (step: Step, cursor: unknown) => Promise<void>) =>
    async (step: Step, db: D1Database, enumerators: Enumerators) => {
      for await (const [, cursor] of enumerators.records(db, numbers, at(step)))
        await meet(step, cursor)
    }
  const bySet = walks(
    (step) => ({ cursor: step.cursor }),
    (step, cursor) => step.set(cursor as number),
  )

  it('advances, where a step within it has walked after the same cursor', async () => {
    const job = defineJob({
      name: 'within',
      perform: ({ step, env: { DB }, enumerators }) =>
        step('stores', { start: 0 }, async (stores) => {
          while (stores.cursor < 2) {
            await stores.step('products', { start: 0 }, (products) =>
              bySet(products as Step, DB, enumerators),
            )
            await stores.advance()
          }
        }),
    })
    expect(await (await runOf(job)).drain()).toMatchObject({ status: 'completed' })
  })

  it('advances, where the step before it has walked after the same cursor, or met nothing', async () => {
    const none = { sql: 'SELECT id FROM numbers WHERE id > 9000' }
    const job = defineJob({
      name: 'before',
      async perform({ step, env: { DB }, enumerators }) {
        await step('rows', { start: 0 }, async (rows) => {
          for await (const _ of enumerators.records(DB, none, { cursor: rows.cursor })) return
        })
        await step('count', { start: 0 }, (count) => count.advance())
        await step('walk', { start: 0 }, async (walk) => {
          await walk.iterate(
            ({ cursor }) => enumerators.records(DB, none, { cursor }),
            () => undefined,
          )
          await walk.advance()
        })
      },
    })
    expect(await (await runOf(job)).drain()).toMatchObject({ status: 'completed' })
  })
})
