import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, defineJob, type Job } from '../../../src/engine/index.ts'
import { StatementBudget } from '../../../src/engine/store/d1/metered-database.ts'
import { interceptedDatabase } from '../../../src/testing/intercepted-database.ts'
import { createTables } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf, type RunOf } from '../../support/run-of.ts'

beforeAll(createTables)

const OVER = 'D1_ERROR: Too many API requests by single Worker invocation.'

/** D1 as one invocation has it: so many statements, a batch of N counts N. */
function limited(max = 1_000): D1Database {
  let used = 0
  return interceptedDatabase(env.DB, async ({ sql }, work) => {
    if (used + sql.length > max) throw new Error(OVER)
    used += sql.length
    return work()
  })
}

/** Slices as long as the run is at work, each in an invocation of its own. */
async function slices(run: RunOf, most: number, overrides: () => object = () => ({})) {
  for (let slice = 0; slice < most && !(await run.view()).finishedAt; slice++)
    await run.slice({ DB: limited(), statements: new StatementBudget(1_000), ...overrides() })
  return run.view()
}

const reading = (reads: number): Job =>
  defineJob({
    name: 'many-reads',
    retry: { attempts: 3, waitMs: 1 },
    async perform({ step, env: { DB } }) {
      await step('look', async () => {
        for (let index = 0; index < reads; index++) await DB.prepare('SELECT 1').first()
      })
    },
  })

describe('statements of an invocation that are used up before anything is committed', () => {
  it('H02 fail the run after its attempts, and the error says what was used and what to do', async () => {
    const run = await runOf(reading(1_050))
    const end = await slices(run, 12)
    expect(end).toMatchObject({
      status: 'failed',
      error: {
        code: 'too_many_statements',
        message: expect.stringMatching(/used 1,?0\d\d of 1,?000/),
      },
    })
    expect(end.slices).toBe(4)
    expect(run.told('run.errored').at(0)).toMatchObject({ error: { code: 'too_many_statements' } })
  })

  it('H01 F08 fail a run whose item adds more effects than an invocation has statements', async () => {
    const run = await runOf(
      defineIteration({
        name: 'heavy-item',
        retry: { attempts: 3, waitMs: 1 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2], { cursor }),
        eachIteration(_item, { effects, run: { id } }) {
          for (let index = 0; index < 1_100; index++)
            effects.run('INSERT INTO appended (run_id, item) VALUES (?1, ?2)', id, index)
        },
      }),
    )
    expect(await slices(run, 12)).toMatchObject({ status: 'failed' })
    expect(await run.appended()).toEqual([])
  })

  it('F08 fail a run whose own calls meet the limit, wherever the error comes from', async () => {
    const run = await runOf(
      defineIteration({
        name: 'own-calls',
        retry: { attempts: 3, waitMs: 1 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(3, { cursor }),
        eachIteration(item, { effects, run: { id } }) {
          if (item === 1) throw new Error('Too many API requests by single Worker invocation.')
          append(effects, id, item)
        },
      }),
    )
    expect(await slices(run, 30)).toMatchObject({ status: 'failed', progress: { done: 1 } })
  })

  it('cost nothing when the slice had got somewhere before', async () => {
    const run = await runOf(
      defineIteration({
        name: 'reads-per-item',
        retry: { attempts: 1 },
        commit: { everyItems: 1 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(6, { cursor }),
        async eachIteration(item, { env: { DB }, effects, run: { id } }) {
          for (let index = 0; index < 450; index++) await DB.prepare('SELECT 1').first()
          append(effects, id, item)
        },
      }),
    )
    expect(await slices(run, 20)).toMatchObject({ status: 'completed', progress: { done: 6 } })
    expect(await run.appended()).toEqual([0, 1, 2, 3, 4, 5])
  })

  it('cost nothing when others of the delivery had used them, and the run comes back alone', async () => {
    const run = await runOf(reading(300))
    const shared = new StatementBudget(1_000)
    shared.used = 800
    const view = await run.slice({ DB: limited(200), statements: shared, statementShare: 85 })
    expect(view).toMatchObject({ status: 'interrupted', reason: 'throttle', attempts: 0 })
    expect(await slices(run, 3)).toMatchObject({ status: 'completed' })
  })
})

describe('the day’s statements that are used up', () => {
  it('are waited for however long it takes, and the run says so', async () => {
    const run = await runOf(reading(1))
    const spent = () =>
      interceptedDatabase(env.DB, async ({ sql }, work) => {
        if (sql.some((text) => text === 'SELECT 1'))
          throw new Error("D1_ERROR: Your account has exceeded D1's free tier daily read limit")
        return work()
      })
    expect(await slices(run, 20, () => ({ DB: spent() }))).toMatchObject({
      status: 'interrupted',
      reason: 'throttle',
      attempts: 0,
      attention: expect.stringContaining("exceeded D1's free tier"),
    })
    const end = await slices(run, 1)
    expect(end).toMatchObject({ status: 'completed' })
    expect(end).not.toHaveProperty('attention')
  })
})
