import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  defineIteration,
  defineJob,
  NonRetryableError,
  Throttled,
} from '../../../src/engine/index.ts'
import { exploreCrashes, FaultyDatabase } from '../../../src/testing/index.ts'
import { appended, createTables, object, truth, upTo } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { type Context, partnered, Partners } from '../../support/partners.ts'
import { redrive, runOf } from '../../support/run-of.ts'

beforeAll(createTables)

const stepped = (
  partners: Partners,
  each: (item: number, context: Pick<Context, 'interrupt'>) => void | Promise<void> = () =>
    undefined,
  how: 'own' | 'of perform' = 'own',
) =>
  defineJob({
    name: 'partnered-steps',
    async perform({ step, run, effects, enumerators }) {
      await step('call', (step) =>
        step.iterate(
          ({ cursor }) => enumerators.array(upTo(20), { cursor }),
          async (item, position) => {
            await partners.call(item)
            await each(item, position)
            append(how === 'own' ? position.effects : effects, run.id, item)
          },
          { concurrency: 6 },
        ),
      )
    },
  })

describe.each([
  ['an iteration', (partners: Partners) => partnered(partners)],
  ['a walk of a step', (partners: Partners) => stepped(partners)],
  [
    'a walk of a step that uses what perform was given',
    (partners: Partners) => stepped(partners, undefined, 'of perform'),
  ],
])('%s with concurrency: 6', (_what, jobOf) => {
  it('works on six items at once, never more, and does each once', async () => {
    const partners = new Partners()
    const run = await runOf(jobOf(partners))
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 20, total: 20 },
    })
    expect(partners.most).toBe(6)
    expect(partners.done).not.toEqual(upTo(20))
    expect(partners.begun).toEqual(upTo(20))
    expect(await run.appended()).toEqual(upTo(20))
  })

  it('commits whole items in the order of the walk', async () => {
    const run = await runOf(jobOf(new Partners()), { commit: { everyItems: 1 } })
    await run.drain()
    const { results } = await env.DB.prepare(
      `SELECT from_cursor, to_cursor, items FROM dogear_ledger WHERE run_id = ? AND items > 0 ORDER BY seq`,
    )
      .bind(run.id)
      .all<{ to_cursor: string; items: number }>()
    expect(results.map(({ items }) => items)).toEqual(upTo(20).map(() => 1))
    const { results: rows } = await env.DB.prepare(
      'SELECT item FROM appended WHERE run_id = ? ORDER BY rowid',
    )
      .bind(run.id)
      .all<{ item: number }>()
    expect(rows.map(({ item }) => item)).toEqual(upTo(20))
  })

  it('stops exactly where it is to, and begins nothing beyond that', async () => {
    const partners = new Partners()
    const run = await runOf(jobOf(partners), { interrupt: { afterItems: 8 }, hold: true })
    expect(await run.slice()).toMatchObject({ status: 'interrupted', progress: { done: 8 } })
    expect(partners.begun).toEqual(upTo(8))
    expect(await run.appended()).toEqual(upTo(8))
    await object(run.id).command('resume', {})
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 20 } })
    expect(partners.begun).toEqual(upTo(20))
  })

  it('lets what is at work finish when its slice is used up', async () => {
    const partners = new Partners()
    const run = await runOf(jobOf(partners))
    let asked = 0
    const clock = {
      now: () => (partners.done.length >= 3 ? 10_000 + asked++ : 0),
      wait: (ms: number) => scheduler.wait(ms),
    }
    const view = await run.slice({ clock, wallMs: 5_000 })
    expect(view).toMatchObject({ status: 'interrupted', reason: 'budget' })
    // All that was begun counts: nothing is done twice.
    expect(view.progress.done).toBe(partners.begun.length)
    expect(partners.atWork).toBe(0)
    await run.drain()
    expect(partners.begun).toEqual(upTo(20))
    expect(await run.appended()).toEqual(upTo(20))
  })
})

describe('with concurrency, an item', () => {
  it('that fails keeps those before it, and waits for the others before the slice ends', async () => {
    const partners = new Partners()
    let broken = true
    const job = partnered(partners, { retry: { attempts: 2 } }, (item) => {
      if (item === 9 && broken) throw new Error('partner is away')
    })
    const run = await runOf(job)
    const view = await run.slice()
    expect(view).toMatchObject({ error: { message: 'partner is away' }, progress: { done: 8 } })
    expect(partners.atWork).toBe(0)
    expect(await run.appended()).toEqual(upTo(8))
    broken = false
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 20 } })
    expect(await run.appended()).toEqual(upTo(20))
  })

  it('is skipped, with its attempts, at its place; its effects are gone', async () => {
    const partners = new Partners()
    const keys = new Map<number, Set<string>>()
    const job = partnered(
      partners,
      { skip: { maxSkips: 5, attempts: 3 } },
      (item, { effects, run, idempotencyKey }) => {
        keys.set(item, (keys.get(item) ?? new Set()).add(idempotencyKey))
        if (item % 7 !== 3) return
        append(effects, run.id, 1_000 + item)
        throw new Error(`no ${item}`)
      },
    )
    const run = await runOf(job)
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 17, skipped: 3 },
    })
    expect(partners.most).toBeLessThanOrEqual(6)
    expect(partners.begun.filter((item) => item === 10)).toHaveLength(3)
    expect(await run.appended()).toEqual(upTo(20).filter((item) => item % 7 !== 3))
    expect(run.told('iteration.skipped').map(({ cursor, attempts }) => [cursor, attempts])).toEqual(
      [
        [2, 3],
        [9, 3],
        [16, 3],
      ],
    )
    // The same key in every attempt, and another one for each item.
    expect([...keys.values()].every((own) => own.size === 1)).toBe(true)
    expect(new Set([...keys.values()].flatMap((own) => [...own])).size).toBe(20)

    const fixed = partnered(partners, { skip: { maxSkips: 5, attempts: 3 } })
    const { child } = await redrive(fixed, run)
    expect(await child.drain()).toMatchObject({ status: 'completed', progress: { done: 3 } })
    expect(await child.appended()).toEqual([3, 10, 17])
  })

  it('that fails beyond what the job tolerates fails the run at its place', async () => {
    const job = partnered(new Partners(), { skip: { maxSkips: 1 } }, (item) => {
      if (item === 4 || item === 6) throw new NonRetryableError(`no ${item}`)
    })
    const run = await runOf(job)
    expect(await run.drain()).toMatchObject({ status: 'failed' })
    expect(await run.appended()).toEqual([1, 2, 3, 5])
  })

  it('that aborts ends the run at its place, whatever was faster', async () => {
    const job = partnered(new Partners(), {}, (item, { abort }) => {
      if (item === 10) abort()
    })
    const run = await runOf(job)
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 9 } })
    expect(await run.appended()).toEqual(upTo(9))
  })

  it('that asks for an interruption has it at its place', async () => {
    let asked = false
    const job = partnered(new Partners(), {}, (item, { interrupt }) => {
      if (item === 10 && !asked) {
        asked = true
        interrupt()
      }
    })
    const run = await runOf(job)
    expect(await run.slice()).toMatchObject({ status: 'interrupted', progress: { done: 10 } })
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual(upTo(20))
  })

  it('that comes after a throttled place waits for it, and those before it are done', async () => {
    let open = false
    const partners = new Partners()
    const job = defineIteration({
      name: 'partnered-throttled',
      concurrency: 6,
      buildEnumerator: ({ cursor }) =>
        (async function* () {
          for (let item = Number(cursor ?? 0) + 1; item <= 12; item++) {
            if (item === 8 && !open) yield new Throttled(1_000)
            yield [item, item] as const
          }
        })(),
      async eachIteration(item, { effects, run }) {
        await partners.call(item)
        append(effects, run.id, item)
      },
    })
    const run = await runOf(job)
    expect(await run.slice()).toMatchObject({ reason: 'throttle', progress: { done: 7 } })
    expect(partners.begun).toEqual(upTo(7))
    open = true
    await run.drain()
    expect(await run.appended()).toEqual(upTo(12))
  })

  it('is done, and kept, where the walk fails after it', async () => {
    let broken = true
    const partners = new Partners()
    const job = defineIteration({
      name: 'partnered-broken-walk',
      concurrency: 6,
      buildEnumerator: ({ cursor }) =>
        (async function* () {
          for (let item = Number(cursor ?? 0) + 1; item <= 12; item++) {
            if (item === 8 && broken) throw new Error('no page')
            yield [item, item] as const
          }
        })(),
      async eachIteration(item, { effects, run }) {
        await partners.call(item)
        append(effects, run.id, item)
      },
    })
    const run = await runOf(job)
    expect(await run.slice()).toMatchObject({
      error: { message: 'no page' },
      progress: { done: 7 },
    })
    expect(await run.appended()).toEqual(upTo(7))
    broken = false
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 12 } })
    expect(partners.begun).toEqual(upTo(12))
  })

  it('stops at its limit exactly', async () => {
    const partners = new Partners()
    const run = await runOf(partnered(partners, { limit: 9 }))
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 9 } })
    expect(partners.begun).toEqual(upTo(9))
  })

  it('is stopped before, at a place that the run is to stop at', async () => {
    const partners = new Partners()
    const run = await runOf(partnered(partners), { interrupt: { at: 'item:12' }, hold: true })
    const view = await run.slice()
    expect(view).toMatchObject({ status: 'interrupted' })
    expect(await run.appended()).toEqual(upTo(view.progress.done))
    expect(partners.begun).toEqual(upTo(view.progress.done))
  })
})

describe('with concurrency, a commit', () => {
  it.each(['lost_answer', 'never_lands'] as const)(
    'whose answer is %s throws away what was done after it, and all is done once',
    async (fault) => {
      let commits = 0
      const db = new FaultyDatabase(env.DB, ({ kind, sql }) => {
        const isCommit = kind === 'batch' && sql.some((text) => text.includes('INTO appended'))
        return isCommit && ++commits % 2 === 0 && commits < 8 ? fault : undefined
      })
      const run = await runOf(partnered(new Partners(), { commit: { everyItems: 3 } }))
      expect(await run.drain({ DB: db.binding })).toMatchObject({
        status: 'completed',
        progress: { done: 20 },
      })
      expect(commits).toBeGreaterThanOrEqual(7)
      expect(await run.appended()).toEqual(upTo(20))
      expect(await truth(run.id)).toMatchObject({ status: 'completed' })
    },
  )

  it('that D1 refuses is halved until the item at fault is alone, and that one is skipped', async () => {
    await env.DB.exec('CREATE TABLE IF NOT EXISTS picky_items (item INTEGER CHECK (item <> 13))')
    const job = partnered(new Partners(), { skip: { maxSkips: 1 } }, (item, { effects }) => {
      effects.run('INSERT INTO picky_items (item) VALUES (?1)', item)
    })
    const run = await runOf(job)
    expect(await run.drain()).toMatchObject({
      status: 'completed',
      progress: { done: 19, skipped: 1 },
    })
    expect(await run.appended()).toEqual(upTo(20).filter((item) => item !== 13))
  })
})

it('after a crash all is done once in D1, and no more than twice as many items are handled again', async () => {
  const partners = new Partners()
  const run = await runOf(partnered(partners))
  let sent = 0
  const db = new FaultyDatabase(env.DB, ({ kind }) =>
    kind === 'batch' && ++sent > 1 ? 'never_lands' : undefined,
  )
  await run.slice({ DB: db.binding })
  expect(sent).toBeGreaterThan(1)
  await run.drain()
  expect(await run.appended()).toEqual(upTo(20))
})

it('whatever dies and whenever, each item is done once', { timeout: 120_000 }, async () => {
  const { state, schedules, unmet } = await exploreCrashes(
    partnered(
      new Partners(),
      { skip: { maxSkips: 2 } },
      (item) => {
        if (item === 5) throw new NonRetryableError('never')
      },
      8,
    ),
    {
      given: async () => void (await env.DB.exec('DELETE FROM appended')),
      then: async ({ id, progress }) => ({ progress, items: await appended(id) }),
      commit: { everyItems: 3 },
    },
  )
  expect(state).toMatchObject({
    progress: { done: 7, skipped: 1 },
    items: upTo(8).filter((item) => item !== 5),
  })
  expect(schedules).toBeGreaterThan(40)
  expect(unmet).toEqual([])
})
