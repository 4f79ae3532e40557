import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  defineIteration,
  defineJob,
  discardOn,
  restartOn,
  retryOn,
  type ErrorRule,
  type Job,
  type SkipPolicy,
} from '../../src/engine/index.ts'
import { listSkips, redriveRun, runObjects, verifyLedger } from '../../src/engine/runs/index.ts'
import { createTables, driving, truth, upTo, view } from '../support/drive.ts'
import { append } from '../support/jobs.ts'
import { deliverAndDie, isClose } from '../support/mortal.ts'
import { RunOf, runOf } from '../support/run-of.ts'
import { Registry } from '../../src/engine/job/registry.ts'

beforeAll(async () => {
  await createTables()
  await env.DB.prepare(
    'CREATE TABLE IF NOT EXISTS picky (run_id TEXT, item INTEGER CHECK (item % 7 <> 0))',
  ).run()
})

class Flaky extends Error {
  override readonly name = 'Flaky'
}
class Gone extends Error {
  override readonly name = 'Gone'
}

/** Appends 1, 2, 3 and throws what it is given after that, as long as there is something. */
const throwing = (errors: (Error | undefined)[], rules: ErrorRule[], retry = {}) =>
  defineJob({
    name: 'throwing',
    errors: rules,
    retry: { attempts: 1, ...retry },
    async perform({ step, effects, run }) {
      await step('count', { start: 1 }, async (step) => {
        while (step.cursor <= 3) {
          append(effects, run.id, step.cursor)
          await step.advance()
        }
      })
      await step('fail', () => {
        const error = errors.shift()
        if (error) throw error
      })
    },
  })

describe('rules for errors', () => {
  it('M52 B07 retry a kind of error after a wait of its own, as often as they say', async () => {
    const run = await runOf(
      throwing(
        [new Flaky(), new Flaky(), new Flaky(), undefined],
        [retryOn(Flaky, { wait: '20s', attempts: 4, jitter: 0 })],
      ),
    )
    const before = Date.now()
    await run.slice()
    const { sendAt } = await driving(run.id)
    expect(Number(sendAt) - before).toBeGreaterThanOrEqual(20_000)
    expect(Number(sendAt) - before).toBeLessThan(30_000)
    expect(await run.drain()).toMatchObject({ status: 'completed', slices: 4 })
    expect(await run.appended()).toEqual([1, 2, 3])
  })

  it('B07 fail the run when attempts in a row without progress are used up', async () => {
    const run = await runOf(
      throwing(
        Array.from({ length: 9 }, () => new Flaky('again')),
        [retryOn(Flaky, { attempts: 3, wait: 1 })],
      ),
    )
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { name: 'Flaky', message: 'again' },
      slices: 3,
    })
  })

  it('R65 B07 discard a run: it ends as cancelled, keeps the error and what it has done', async () => {
    const run = await runOf(throwing([new Gone('the shop closed')], [discardOn([Gone])]))
    expect(await run.drain()).toMatchObject({
      status: 'cancelled',
      error: { name: 'Gone', message: 'the shop closed' },
      attention: expect.stringContaining('Discarded'),
      slices: 1,
    })
    expect(await run.appended()).toEqual([1, 2, 3])
  })

  it('discard a run that a person then cancels before it was closed: it is closed all the same', async () => {
    const run = await runOf(throwing([new Gone('the shop closed')], [discardOn([Gone])]))
    await deliverAndDie(run.id, { d1: isClose, when: 'before' }, { jobs: run.jobs })
    expect(await runObjects(env)(run.id).command('cancel', {})).toMatchObject({ ok: true })
    expect(await run.view()).toMatchObject({ status: 'cancelled' })
    expect((await truth(run.id)).closed_at).not.toBeNull()
  })

  it('R38 see errors of the engine, too: a cursor that fits no more can discard the run', async () => {
    const run = await runOf(
      defineIteration({
        name: 'misfit',
        errors: [discardOn((error) => 'code' in error && error.code === 'invalid_cursor')],
        buildEnumerator: ({ enumerators }) => enumerators.array([1], { cursor: 'nonsense' }),
        eachIteration: () => undefined,
      }),
    )
    expect(await run.drain()).toMatchObject({
      status: 'cancelled',
      error: { code: 'invalid_cursor' },
    })
  })

  it('W11 B07 start a run over: all is handled again, and the ledger still proves it', async () => {
    const run = await runOf(throwing([new Gone(), undefined], [restartOn(Gone, { wait: 1 })]))
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 3 } })
    expect(await run.appended()).toEqual([1, 1, 2, 2, 3, 3])
    for (const check of await verifyLedger(env.DB, run.id))
      expect(check).toMatchObject({ ok: true })
  })

  it('start a run over only so often', async () => {
    const run = await runOf(
      throwing(
        Array.from({ length: 5 }, () => new Gone()),
        [restartOn(Gone, { attempts: 2, wait: 1 })],
      ),
    )
    expect(await run.drain()).toMatchObject({ status: 'failed', slices: 2 })
  })

  it('B07 have a cap on errors in all, progress or not', async () => {
    const run = await runOf(
      defineIteration({
        name: 'stumbling',
        retry: { totalErrors: 3 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.times(20, { cursor }),
        eachIteration(number, { effects, run: { id, attempt, resumptions } }) {
          if (number > 0 && number % 5 === 0 && resumptions * 5 < number) throw new Error('stumble')
          append(effects, id, number + attempt * 0)
        },
      }),
    )
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { code: 'errors_exhausted', cause: { message: 'stumble' } },
    })
  })

  it.each([
    () => retryOn(Flaky, { attempts: 0 }),
    () => retryOn(Flaky, { wait: 'soon' }),
    () => retryOn(Flaky, { jitter: 2 }),
    () => discardOn([]),
    () => restartOn('Flaky' as never),
  ])('are refused when they are malformed (%s)', (make) => {
    expect(make).toThrow(/malformed|Duration/)
  })

  it('wait polynomially, or as a function says', () => {
    expect([1, 2].map((n) => retryOn(Flaky, { wait: 'polynomially' }).waitMs(n, () => 0))).toEqual([
      3_000, 18_000,
    ])
    const rule = retryOn(Flaky, { wait: (attempt) => `${attempt}m`, jitter: 0.5 })
    expect(rule.waitMs(2, () => 1)).toBe(180_000)
  })
})

const BAD = new Set([4, 9, 14])

/** Walks 1 to 20, of which some fail. */
const tolerant = (skip: SkipPolicy | undefined, settings: object = {}) => {
  const attempts = new Map<number, number>()
  return defineIteration({
    name: 'tolerant',
    ...(skip && { skip }),
    ...settings,
    buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(20), { cursor }),
    eachIteration(item, { effects, run }) {
      append(effects, run.id, item)
      attempts.set(item, (attempts.get(item) ?? 0) + 1)
      if (BAD.has(item)) throw new Error(`item ${item} is poison`)
    },
  })
}
const GOOD = upTo(20).filter((item) => !BAD.has(item))

describe('skipped items', () => {
  it('M61 are passed over, listed with their error, and leave nothing behind', async () => {
    const run = await runOf(tolerant({ maxSkips: 3, attempts: 2 }))
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      slices: 1,
      progress: { done: 17, skipped: 3, total: 20 },
    })
    expect(await run.appended()).toEqual(GOOD)
    const { skips } = await listSkips(env.DB, run.id, { limit: 10 })
    expect(skips.map(({ cursor, attempts, error }) => [cursor, attempts, error.message])).toEqual([
      [3, 2, 'item 4 is poison'],
      [8, 2, 'item 9 is poison'],
      [13, 2, 'item 14 is poison'],
    ])
    expect(run.told('iteration.skipped')).toHaveLength(3)
  })

  it('are not those that another attempt does: what the failed one has added is gone', async () => {
    const tried = new Set<number>()
    const job = defineIteration({
      name: 'second-time-lucky',
      skip: { attempts: 2 },
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(6), { cursor }),
      eachIteration(item, { effects, run }) {
        append(effects, run.id, item)
        if (tried.has(item)) return
        tried.add(item)
        throw new Error('once')
      },
    })
    const run = await runOf(job)
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { skipped: 0 } })
    expect(await run.appended()).toEqual(upTo(6))
  })

  it.each([1, 5, 10])(
    'P03 fail the run beyond the limit, exactly there, whatever the commit interval (%i)',
    async (everyItems) => {
      const run = await runOf(tolerant({ maxSkips: 2 }, { commit: { everyItems } }))
      expect(await run.drain()).toMatchObject({
        status: 'failed',
        cursor: 12,
        error: { code: 'skips_exhausted', cause: { message: 'item 14 is poison' } },
        progress: { done: 11, skipped: 2 },
      })
      run.deploy(tolerant({ maxSkips: 3 }))
      await runObjects(env)(run.id).command('retry', {})
      expect(await run.drain()).toMatchObject({ status: 'completed', progress: { skipped: 3 } })
      expect(await run.appended()).toEqual(GOOD)
    },
  )

  it('are limited by their rate as well, once there are enough items to tell', async () => {
    const run = await runOf(tolerant({ maxSkipRate: 0.1 }))
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    const many = defineIteration({
      name: 'many-poisons',
      skip: { maxSkipRate: 0.5 },
      buildEnumerator: ({ cursor, enumerators }) => enumerators.times(100, { cursor }),
      eachIteration(number) {
        if (number >= 5) throw new Error('poison')
      },
    })
    const failing = await runOf(many)
    expect(await failing.drain()).toMatchObject({
      status: 'failed',
      error: { code: 'skips_exhausted' },
      progress: { done: 5, skipped: 14 },
    })
  })

  it('are only those of errors that may be skipped', async () => {
    const run = await runOf(tolerant({ on: Flaky }, { retry: { attempts: 1 } }))
    await run.slice()
    expect(await run.drain()).toMatchObject({ status: 'failed', cursor: 2 })
  })

  it('P05 are found by halving when it is D1 that refuses them, and nothing is written twice', async () => {
    const run = await runOf(
      defineIteration({
        name: 'refused-by-d1',
        skip: { maxSkips: 4 },
        commit: { everyItems: 16 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(30), { cursor }),
        eachIteration(item, { effects, run: { id } }) {
          append(effects, id, item)
          effects.run('INSERT INTO picky VALUES (?, ?)', id, item)
        },
      }),
    )
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      slices: 1,
      progress: { done: 26, skipped: 4 },
    })
    expect(await run.appended()).toEqual(upTo(30).filter((item) => item % 7 !== 0))
    const { skips } = await listSkips(env.DB, run.id, { limit: 2 })
    expect(skips).toMatchObject([
      { cursor: 6, error: { message: expect.stringContaining('CHECK constraint') } },
      { cursor: 13 },
    ])
    for (const check of await verifyLedger(env.DB, run.id))
      expect(check).toMatchObject({ ok: true })
  })

  it('in a step’s own walk are skipped as well', async () => {
    const run = await runOf(
      defineJob({
        name: 'tolerant-step',
        skip: { maxSkips: 1 },
        async perform({ step, effects, enumerators, run: { id } }) {
          await step('walk', (step) =>
            step.iterate(
              ({ cursor }) => enumerators.times(4, { cursor }),
              (number) => {
                if (number === 2) throw new Error('two')
                append(effects, id, number)
              },
            ),
          )
        },
      }),
    )
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 3, skipped: 1 },
    })
    expect(await listSkips(env.DB, run.id, { limit: 1 })).toMatchObject({
      skips: [{ step: 'walk', cursor: 2 }],
    })
  })
})

describe('a re-drive', () => {
  /** Starts it and gives a handle on the child. */
  async function redrive(job: Job, run: RunOf): Promise<RunOf> {
    const created = await redriveRun(runObjects(env), env.DB, job, await view(run.id))
    if (!created.ok) throw new Error(created.code)
    return new RunOf(created.run.id, new Registry([job]))
  }

  it('handles just the skipped items, as a child of the run, and again those that failed again', async () => {
    const job = tolerant({ maxSkips: 3 })
    const run = await runOf(job)
    await run.drain()
    BAD.delete(4)
    BAD.delete(9)
    try {
      const child = await redrive(job, run)
      expect(await child.drain({ wallMs: 0 })).toMatchObject({
        status: 'completed',
        parent: run.id,
        redriveOf: run.id,
        progress: { done: 2, total: 3, skipped: 1 },
      })
      expect(await child.appended()).toEqual([4, 9])
      expect((await redrive(job, run)).id).toBe(child.id)
      BAD.delete(14)
      const grandchild = await redrive(job, child)
      await grandchild.drain()
      expect(await grandchild.appended()).toEqual([14])
    } finally {
      for (const item of [4, 9, 14]) BAD.add(item)
    }
  })

  it('tells when an item is gone', async () => {
    let items = upTo(5)
    const job = defineIteration({
      name: 'vanishing',
      skip: {},
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array(items, { cursor }),
      eachIteration(item) {
        if (item === 5) throw new Error('five')
      },
    })
    const run = await runOf(job)
    await run.drain()
    items = upTo(4)
    const child = await redrive(job, run)
    expect(await child.drain()).toMatchObject({ progress: { skipped: 1 } })
    expect(await listSkips(env.DB, child.id, { limit: 5 })).toMatchObject({
      skips: [{ error: { code: 'item_gone' } }],
    })
  })

  it('is refused while the run is under way, without skips, and for jobs in steps', async () => {
    const job = tolerant({}, { budget: { items: 5 } })
    const run = await runOf(job)
    await run.slice()
    await expect(redrive(job, run)).rejects.toMatchObject({ code: 'invalid_transition' })
    const steps = throwing([], [])
    const other = await runOf(steps)
    await other.drain()
    await expect(redrive(steps, other)).rejects.toMatchObject({ code: 'invalid_options' })
  })
})
