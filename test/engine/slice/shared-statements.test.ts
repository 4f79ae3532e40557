import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration } from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { consume, workerDeps } from '../../../src/engine/slice/consumer.ts'
import { StatementBudget } from '../../../src/engine/store/d1/metered-database.ts'
import { interceptedDatabase } from '../../../src/testing/intercepted-database.ts'
import { createTables, driving, start, view } from '../../support/drive.ts'
import { runOf } from '../../support/run-of.ts'

beforeAll(createTables)

const OVER = 'D1_ERROR: Too many API requests by single Worker invocation.'
const INSERT = 'INSERT INTO appended (run_id, item) VALUES (?1, ?2)'

/** Items that have so many statements each. */
const heavy = (statements: number, items: number, more = {}) =>
  defineIteration({
    name: 'heavy',
    ...more,
    buildEnumerator: ({ cursor, enumerators }) => enumerators.times(items, { cursor }),
    eachIteration(item, { effects, run }) {
      for (let index = 0; index < statements; index++) effects.run(INSERT, run.id, item)
    },
  })

describe('A11 the statements of an invocation, shared by the slices of a delivery', () => {
  /** A delivery of ten runs, as production limits it: how they stand, and what D1 refused. */
  async function deliverTen(statements: number, items: number) {
    let used = 0
    let refused = 0
    const DB = interceptedDatabase(env.DB, async ({ sql }, work) => {
      if (used + sql.length > 1_000) {
        refused += 1
        throw new Error(OVER)
      }
      used += sql.length
      return work()
    })
    const job = heavy(statements, items)
    const runs = await Promise.all(Array.from({ length: 10 }, () => start(job)))
    const messages = await Promise.all(
      runs.map(async (run) => ({ body: { run, lane: 0, n: (await driving(run)).n }, ack() {} })),
    )
    await consume(messages, workerDeps({ ...env, DB }, new Registry([job])))
    return { refused, shown: await Promise.all(runs.map(view)) }
  }

  it('H03 are counted before a commit is sent: D1 refuses none, and nobody waits a minute', async () => {
    const { refused, shown } = await deliverTen(98, 3)
    expect(refused).toBe(0)
    expect(shown.filter(({ progress }) => progress.done > 0).length).toBeGreaterThanOrEqual(8)
    for (const { status, reason, attempts, resumeAt, updatedAt } of shown) {
      expect([status, reason, attempts]).toEqual(['interrupted', 'budget', 0])
      if (resumeAt === undefined) continue
      expect(Date.parse(resumeAt) - Date.parse(updatedAt)).toBeLessThanOrEqual(10_000)
    }
  })

  it('are enough for all, when their items are small', async () => {
    const { refused, shown } = await deliverTen(1, 200)
    expect(refused).toBe(0)
    expect(shown.filter(({ progress }) => progress.done > 0)).toHaveLength(10)
  })

  it('send a commit that no invocation could, and leave the verdict to D1', async () => {
    const run = await runOf(heavy(850, 1))
    const statements = new StatementBudget(1_000)
    statements.used = 200
    expect(await run.slice({ statements, statementShare: 85 })).toMatchObject({
      status: 'interrupted',
      reason: 'budget',
      progress: { done: 0 },
    })
    expect(await run.slice()).toMatchObject({ progress: { done: 1 } })
  })
})
