import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { listSkips, runObjects } from '../../src/engine/runs/index.ts'
import { resilient } from '../../src/shop/jobs/resilient.ts'
import { cleanShop, resetShop } from '../../src/shop/data/reset.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { driving, start, upTo } from '../support/drive.ts'
import { failedChecks } from '../support/proof.ts'
import { runOf } from '../support/run-of.ts'

const CUSTOMERS = 10

interface ScoreRow {
  id: number
  customer: number
  score: number
}

async function scores(): Promise<ScoreRow[]> {
  const { results } = await env.DB.prepare(
    'SELECT id, customer_id AS customer, score FROM credit_checks ORDER BY id',
  ).all<ScoreRow>()
  return results
}

async function verdict(id: string): Promise<unknown[]> {
  return (await failedChecks(id)).map(({ name }) => name)
}

beforeEach(async () => {
  await cleanShop(env.DB, env.FILES)
  await seedShop(env.DB, { orders: 0, customers: CUSTOMERS })
})

describe('a resilient run', () => {
  it('scores each customer once in many slices', async () => {
    const run = await runOf(resilient, { params: { upTo: 6 } })
    expect(await run.drain({ wallMs: 0 })).toMatchObject({
      status: 'completed',
      progress: { done: 6, total: 6, skipped: 0 },
      result: { scored: 6, passedOver: 0 },
    })
    expect((await scores()).map(({ customer }) => customer)).toEqual(upTo(6))
    expect(await verdict(run.id)).toEqual([])
  })

  it('passes over what fails recoverably, and lists it', async () => {
    const run = await runOf(resilient, { params: { recoverable: [3, 7] } })
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 8, total: 10, skipped: 2 },
      result: { scored: 8, passedOver: 2 },
    })
    const { skips } = await listSkips(env.DB, run.id, { limit: 10 })
    expect(skips).toMatchObject([
      {
        cursor: 3,
        error: {
          name: 'RecoverableError',
          message: 'The credit bureau does not know customer 3',
        },
      },
      { cursor: 7, error: { name: 'RecoverableError' } },
    ])
    expect((await scores()).map(({ customer }) => customer)).toEqual([1, 2, 4, 5, 6, 8, 9, 10])
    expect(await verdict(run.id)).toEqual([])
  })

  it('keeps what it has done, and tries again after five seconds, when the bureau breaks down', async () => {
    const run = await runOf(resilient, { params: { recoverable: [2], fatal: [5], healAfter: 2 } })
    const before = Date.now()
    expect(await run.slice()).toMatchObject({
      status: 'queued',
      progress: { done: 3, skipped: 1 },
    })
    expect(run.told('run.errored')).toMatchObject([{ error: { name: 'UnrecoverableError' } }])
    const waitMs = Number((await driving(run.id)).sendAt) - before
    expect(waitMs).toBeGreaterThanOrEqual(5_000)
    expect(waitMs).toBeLessThan(15_000)
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      slices: 3,
      progress: { done: 9, skipped: 1 },
    })
    expect(await verdict(run.id)).toEqual([])
  })

  it('fails after three attempts without progress, and a retry goes on from its checkpoint', async () => {
    const run = await runOf(resilient, { params: { fatal: [5], healAfter: 4 } })
    // The first slice fails after progress: that is the first of the three.
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      slices: 3,
      step: 'process_with_error_handling',
      cursor: 4,
      progress: { done: 4, total: 10 },
      error: { name: 'UnrecoverableError', message: expect.stringContaining('customer 5') },
    })
    const before = await scores()
    expect(before.map(({ customer }) => customer)).toEqual([1, 2, 3, 4])
    expect(await verdict(run.id)).toContain('Run completed')

    expect(await runObjects(env)(run.id).command('retry', {})).toMatchObject({ ok: true })
    const completed = await run.drain()
    expect(completed).toMatchObject({ status: 'completed', progress: { done: 10, total: 10 } })
    expect(completed).not.toHaveProperty('error')
    const after = await scores()
    expect(after.slice(0, 4)).toEqual(before)
    expect(after.map(({ customer }) => customer)).toEqual(upTo(10))
    expect(await verdict(run.id)).toEqual([])
  })

  it('fails again and again while the bureau does not heal', async () => {
    const run = await runOf(resilient, { params: { fatal: [1] } })
    expect(await run.drain()).toMatchObject({ status: 'failed', progress: { done: 0 } })
    await runObjects(env)(run.id).command('retry', {})
    expect(await run.drain()).toMatchObject({ status: 'failed', progress: { done: 0 } })
    expect(await scores()).toEqual([])
  })

  it.each([
    [{ fatal: ['5'] }, 'fatal.0'],
    [{ recoverable: [0] }, 'recoverable.0'],
    [{ healAfter: 0 }, 'healAfter'],
    [{ poison: [1] }, 'poison'],
  ])('is refused %j', async (params, named) => {
    await expect(start(resilient, { params })).rejects.toMatchObject({
      code: 'invalid_params',
      message: expect.stringContaining(named),
    })
  })

  it('leaves nothing behind after a reset', async () => {
    await (await runOf(resilient, { params: { fatal: [2], healAfter: 1 } })).drain()
    await resetShop(env.DB)
    expect(await scores()).toEqual([])
    const left = await env.DB.prepare('SELECT count(*) AS n FROM credit_breakdowns').first('n')
    expect(left).toBe(0)
  })
})

describe('the verification of a resilient run', () => {
  it.each([
    [
      'a customer scored twice',
      'INSERT INTO credit_checks (run_id, customer_id, score, checked_at) SELECT run_id, customer_id, score, checked_at FROM credit_checks LIMIT 1',
      ['No customer scored twice', 'Each customer scored exactly once'],
    ],
    [
      'a customer that was left out',
      'DELETE FROM credit_checks WHERE customer_id = 4',
      [
        "All customers in the run's range scored or passed over",
        'Each customer scored exactly once',
      ],
    ],
    [
      'a customer scored that was passed over',
      'UPDATE credit_checks SET customer_id = 3 WHERE customer_id = 10',
      [
        "All customers in the run's range scored or passed over",
        'No customer scored that was passed over',
      ],
    ],
  ])('finds %s', async (_, sql, names) => {
    const run = await runOf(resilient, { params: { recoverable: [3] } })
    await run.drain()
    expect(await verdict(run.id)).toEqual([])
    await env.DB.prepare(sql).run()
    expect(await verdict(run.id)).toEqual(names)
  })
})
