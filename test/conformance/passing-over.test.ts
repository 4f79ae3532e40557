import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineIteration, defineJob } from '../../src/engine/index.ts'
import { errorAtItem } from '../../src/engine/errors.ts'
import { listSkips, runObjects } from '../../src/engine/runs/index.ts'
import { exploreCrashes } from '../../src/testing/index.ts'
import { bench, createTables, driving, upTo } from '../support/drive.ts'
import { append } from '../support/jobs.ts'
import { deliverAndDie, type Death } from '../support/mortal.ts'
import { redrive, runOf, type RunOf } from '../support/run-of.ts'

beforeAll(async () => {
  await createTables()
  await env.DB.prepare(
    'CREATE TABLE IF NOT EXISTS picky (run_id TEXT, item INTEGER CHECK (item % 7 <> 0))',
  ).run()
})

const ITEMS = 6

class Poison extends Error {
  override readonly name = 'Poison'
}

function poisoned(bad: readonly number[], item: number): void {
  if (bad.includes(item)) throw new Poison(`item ${item} is bad`)
}

/** Six items, of which some fail whenever they are tried. */
const poisonedIteration = (bad: readonly number[], settings: object = {}) =>
  defineIteration({
    name: 'poisoned-iteration',
    retry: { attempts: 2, waitMs: 1 },
    ...settings,
    buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(ITEMS), { cursor }),
    eachIteration(item, { effects, run }) {
      append(effects, run.id, item)
      poisoned(bad, item)
    },
  })

const poisonedStep = (bad: readonly number[], concurrency = 1) =>
  defineJob({
    name: 'poisoned-step',
    retry: { attempts: 2, waitMs: 1 },
    async perform({ step, effects, run, enumerators }) {
      await step('walk', (step) =>
        step.iterate(
          ({ cursor }) => enumerators.array(upTo(ITEMS), { cursor }),
          async (item, { effects: own }) => {
            await Promise.resolve()
            append(concurrency > 1 ? own : effects, run.id, item)
            poisoned(bad, item)
          },
          { concurrency },
        ),
      )
    },
  })

async function passOver(run: RunOf, by = 'ann') {
  const { error } = await run.view()
  return runObjects(env)(run.id).passOver(errorAtItem(error)?.at.place ?? 'nowhere', by)
}

async function skipsOf(run: RunOf) {
  return (await listSkips(env.DB, run.id, { limit: 100 })).skips
}

const without = (...bad: number[]) => upTo(ITEMS).filter((item) => !bad.includes(item))

describe('a retry that passes over the item it failed at', () => {
  it.each([
    ['an iteration', poisonedIteration([3])],
    ['an iteration with several items at once', poisonedIteration([3], { concurrency: 3 })],
    ['a walk of a step', poisonedStep([3])],
    ['a walk of a step with several items at once', poisonedStep([3], 3)],
  ] as const)('records it once as skipped, with who asked: %s', async (_how, job) => {
    const run = await runOf(job)
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { name: 'Poison', at: { place: expect.stringMatching(/\/2$/) } },
    })
    expect(await passOver(run)).toMatchObject({ ok: true, run: { status: 'queued' } })
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      progress: { done: ITEMS - 1, skipped: 1 },
    })
    expect(await run.appended()).toEqual(without(3))
    expect(await skipsOf(run)).toEqual([
      {
        step: expect.any(String),
        cursor: expect.anything(),
        error: expect.objectContaining({ name: 'Poison', message: 'item 3 is bad' }),
        attempts: 2,
        skippedAt: expect.any(String),
        by: 'ann',
      },
    ])
    expect(run.told('iteration.skipped')).toMatchObject([{ by: 'ann', attempts: 2 }])
    expect(await bench.verify(run.id)).toMatchObject({ ok: true })
  })

  it('passes over that item alone: the next bad one fails the run in its turn', async () => {
    const run = await runOf(poisonedIteration([3, 5]))
    await run.drain()
    await passOver(run, 'ann')
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { message: 'item 5 is bad' },
    })
    await passOver(run, 'bob')
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { skipped: 2 } })
    expect((await skipsOf(run)).map(({ by }) => by)).toEqual(['ann', 'bob'])
    expect(await run.appended()).toEqual(without(3, 5))
  })

  it('is not asked of items that a job skips by itself, whose skips name nobody', async () => {
    const run = await runOf(poisonedIteration([3], { skip: {} }))
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { skipped: 1 } })
    const [skip] = await skipsOf(run)
    expect(skip).not.toHaveProperty('by')
  })

  it('comes at once where the run waits for its next attempt', async () => {
    const run = await runOf(poisonedIteration([3], { retry: { attempts: 3, waitMs: 3_600_000 } }))
    await run.slice()
    expect(await run.slice()).toMatchObject({ status: 'queued', retry: { failed: 1, limit: 3 } })
    expect(Number((await driving(run.id)).sendAt)).toBeGreaterThan(bench.clock.now() + 60_000)
    expect(await passOver(run)).toMatchObject({ ok: true })
    const { sendAt, overdueAt } = await driving(run.id)
    expect(sendAt === null ? overdueAt : sendAt).toBeLessThan(bench.clock.now() + 60_000)
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { skipped: 1 } })
    expect(await run.appended()).toEqual(without(3))
  })

  it('needs no word of the skip policy, also where that has no room left', async () => {
    const run = await runOf(poisonedIteration([2, 4], { skip: { maxSkips: 1 } }))
    expect(await run.drain()).toMatchObject({
      status: 'failed',
      error: { code: 'skips_exhausted', at: { cursor: expect.any(String) } },
    })
    await passOver(run)
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { skipped: 2 } })
    expect(await run.appended()).toEqual(without(2, 4))
  })

  it('passes over an item whose effects D1 refuses, once it has been found', async () => {
    const picky = defineIteration({
      name: 'picky-without-skips',
      retry: { attempts: 2, waitMs: 1 },
      buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(9), { cursor }),
      eachIteration: (item, { effects, run }) =>
        effects.run('INSERT INTO picky VALUES (?1, ?2)', run.id, item),
    })
    const run = await runOf(picky)
    const failed = await run.drain()
    expect(failed).toMatchObject({ status: 'failed', error: { at: { place: expect.any(String) } } })
    await passOver(run)
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 8, skipped: 1 },
    })
    const { results } = await env.DB.prepare(
      'SELECT item FROM picky WHERE run_id = ? ORDER BY item',
    )
      .bind(run.id)
      .all<{ item: number }>()
    expect(results.map(({ item }) => item)).toEqual([1, 2, 3, 4, 5, 6, 8, 9])
  })

  it('passes over a batch as a whole, and says how many items it holds', async () => {
    await env.DB.prepare('DELETE FROM numbers').run()
    await env.DB.batch(
      upTo(6).map((id) => env.DB.prepare('INSERT INTO numbers VALUES (?)').bind(id)),
    )
    const batched = defineIteration({
      name: 'poisoned-batches',
      retry: { attempts: 2, waitMs: 1 },
      buildEnumerator: ({ cursor, env: { DB }, enumerators }) =>
        enumerators.batches<{ id: number }>(
          DB,
          { sql: 'SELECT id FROM numbers' },
          {
            cursor,
            batchSize: 2,
          },
        ),
      eachIteration(batch, { effects, run }) {
        for (const { id } of batch) {
          append(effects, run.id, id)
          poisoned([3], id)
        }
      },
    })
    const run = await runOf(batched)
    expect(await run.drain()).toMatchObject({ status: 'failed', error: { at: { items: 2 } } })
    await passOver(run)
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual([1, 2, 5, 6])
  })

  it('tells items of the same cursor apart by the walks around them', async () => {
    const nested = defineJob({
      name: 'poisoned-nested',
      retry: { attempts: 2, waitMs: 1 },
      async perform({ step, effects, run, enumerators }) {
        await step('outer', (outer) =>
          outer.iterate(
            ({ cursor }) => enumerators.array(upTo(3), { cursor }),
            (row) =>
              outer.step('inner', (inner) =>
                inner.iterate(
                  ({ cursor }) => enumerators.array(upTo(3), { cursor }),
                  (column) => {
                    append(effects, run.id, row * 10 + column)
                    poisoned([12, 22], row * 10 + column)
                  },
                ),
              ),
          ),
        )
      },
    })
    const run = await runOf(nested)
    const first = await run.drain()
    expect(first).toMatchObject({ status: 'failed', error: { message: 'item 12 is bad' } })
    await passOver(run)
    const second = await run.drain()
    expect(second).toMatchObject({ status: 'failed', error: { message: 'item 22 is bad' } })
    // One column, two rows.
    expect(second.error?.at?.cursor).toBe(first.error?.at?.cursor)
    expect(second.error?.at?.place).not.toBe(first.error?.at?.place)
    await passOver(run)
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { skipped: 2 } })
    expect(await run.appended()).toEqual([11, 13, 21, 23, 31, 32, 33])
    expect(await bench.verify(run.id)).toMatchObject({ ok: true })
  })

  it('works in a re-drive, which has items of another run', async () => {
    const job = poisonedIteration([2, 4], { skip: {} })
    const run = await runOf(job)
    await run.drain()
    const strict = poisonedIteration([4])
    const { child } = await redrive(strict, run)
    expect(await child.drain()).toMatchObject({ status: 'failed' })
    await passOver(child)
    expect(await child.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 1, skipped: 1 },
    })
    expect(await skipsOf(child)).toMatchObject([{ cursor: expect.anything(), by: 'ann' }])
    expect(await child.appended()).toEqual([2])
  })
})

describe('what cannot be passed over is refused, and nothing changes', () => {
  const refused = async (run: RunOf, place: string) => {
    const before = [await run.view(), await driving(run.id)]
    const answer = await runObjects(env)(run.id).passOver(place, 'ann')
    expect([await run.view(), await driving(run.id)]).toEqual(before)
    return answer
  }

  it('another item than the one it stopped at, as for whoever asks second', async () => {
    const run = await runOf(poisonedIteration([3, 5]))
    const place = (await run.drain()).error?.at?.place ?? ''
    expect(await refused(run, `${place}0`)).toMatchObject({ ok: false, code: 'other_item' })
    await passOver(run, 'ann')
    expect(await refused(run, place)).toMatchObject({ ok: false, code: 'invalid_transition' })
    await run.drain()
    expect(await refused(run, place)).toMatchObject({ ok: false, code: 'other_item' })
  })

  it('a failure of the job around its walk', async () => {
    const run = await runOf(
      defineJob({
        name: 'no-walk',
        retry: { attempts: 1 },
        async perform({ step }) {
          await step('only', () => {
            throw new Error('broken')
          })
        },
      }),
    )
    await run.drain()
    expect(await refused(run, 'only/start')).toMatchObject({
      ok: false,
      code: 'no_item_to_pass_over',
    })
  })

  it('an item of a run that has completed', async () => {
    const run = await runOf(poisonedIteration([]))
    await run.drain()
    expect(await refused(run, 'iteration/3')).toMatchObject({ code: 'invalid_transition' })
  })

  it('an item whose name repeats a sensitive param: that name is not shown', async () => {
    const key = 'a-secret-nobody-is-to-see'
    const secret = defineIteration({
      name: 'sensitive-cursors',
      retry: { attempts: 1 },
      params: z.strictObject({ key: z.string() }),
      sensitive: ['key'],
      async *buildEnumerator({ params }: { params: { key: string } }) {
        yield [1, params.key] as const
      },
      eachIteration() {
        throw new Poison('no')
      },
    } as never)
    const run = await runOf(secret, { params: { key } })
    const { error } = await run.drain()
    expect(error?.at).toEqual({ step: 'iteration', cursor: expect.any(String) })
    expect(JSON.stringify(error)).not.toContain(key)
    expect(await refused(run, `iteration/"${key}"`)).toMatchObject({ code: 'no_item_to_pass_over' })
  })
})

describe('a plain retry', () => {
  it('takes back what was asked before, once the run has failed again', async () => {
    const run = await runOf(poisonedIteration([3, 5]))
    await run.drain()
    await passOver(run)
    await run.drain()
    expect((await driving(run.id)).passOver).toBeNull()
    await runObjects(env)(run.id).command('retry', {})
    expect((await driving(run.id)).passOver).toBeNull()
    expect(await run.drain()).toMatchObject({ status: 'failed', progress: { skipped: 1 } })
  })
})

describe('whatever dies and whenever, the item is passed over once', () => {
  const deaths = (calls: number): Death[] =>
    upTo(calls).flatMap((n) =>
      (['before', 'after'] as const).flatMap((when): Death[] => [
        { d1: nthCall(n), when },
        { object: n % 2 === 0 ? 'release' : 'report', when },
      ]),
    )
  const nthCall = (n: number) => {
    let calls = 0
    return () => ++calls === n
  }

  it.each(deaths(6))('the slice that passes over it dies at %o', async (death) => {
    const run = await runOf(poisonedIteration([3], { retry: { attempts: 9, waitMs: 1 } }), {
      commit: { everyItems: 1 },
    })
    await run.slice()
    await run.slice()
    expect(await passOver(run)).toMatchObject({ ok: true })
    await deliverAndDie(run.id, death, { jobs: run.jobs }).catch(() => undefined)
    const ended = await bench.drive(run.id, { deps: { jobs: run.jobs } })
    expect(ended).toMatchObject({ status: 'completed', progress: { done: 5, skipped: 1 } })
    expect(await run.appended()).toEqual(without(3))
    expect(await skipsOf(run)).toMatchObject([{ by: 'ann' }])
    expect(await bench.verify(run.id)).toMatchObject({ ok: true })
  })

  it('a message that comes twice passes over nothing more', async () => {
    const run = await runOf(poisonedIteration([3]))
    await run.drain()
    await passOver(run)
    const { n } = await driving(run.id)
    await run.slice()
    await bench.redeliver({ run: run.id, lane: 0, n }, { deps: { jobs: run.jobs } })
    expect(await run.view()).toMatchObject({ status: 'completed', progress: { skipped: 1 } })
    expect(await skipsOf(run)).toHaveLength(1)
  })

  it(
    'explored at every call, with the asking itself among them',
    { timeout: 240_000 },
    async () => {
      /** Asks for its own bad item to be passed over, as soon as it has failed there. */
      const asking = defineIteration({
        name: 'asking-to-pass-over',
        retry: { attempts: 20, waitMs: 1 },
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array(upTo(5), { cursor }),
        async eachIteration(item, { effects, run }) {
          append(effects, run.id, item)
          if (item !== 3) return
          const object = runObjects(env)(run.id)
          const place = errorAtItem((await object.describe())?.error)?.at.place
          if (place !== undefined) await object.passOver(place, 'ann')
          poisoned([3], item)
        },
      })
      const { state, schedules } = await exploreCrashes(asking, {
        given: () => env.DB.prepare('DELETE FROM appended').run(),
        then: async ({ id, progress }) => ({
          progress,
          appended: (await env.DB.prepare('SELECT item FROM appended ORDER BY item').all()).results,
          skips: (await listSkips(env.DB, id, { limit: 9 })).skips.map(({ by, cursor }) => [
            by,
            cursor,
          ]),
        }),
      })
      expect(state).toMatchObject({ progress: { done: 4, skipped: 1 }, skips: [['ann', 2]] })
      expect(schedules).toBeGreaterThan(50)
    },
  )
})
