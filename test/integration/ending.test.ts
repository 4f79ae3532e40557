import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { JobRun } from '../../durable-objects/job-run.ts'
import { runObjects } from '../../src/engine/consumer.ts'
import { sweep } from '../../src/engine/index.ts'
import { indexRun } from '../../src/engine/run-store.ts'
import { FaultyDatabase } from '../../src/testing/faulty-database.ts'
import { appendIteration, appendSteps, appendThenFollow } from '../support/jobs.ts'
import {
  appended,
  createTables,
  deliver,
  drain,
  driving,
  object,
  passTime,
  start,
  truth,
  upTo,
  view,
} from '../support/drive.ts'
import { deliverAndDie, isClose, isCommit, isEnd, nth } from '../support/mortal.ts'

beforeAll(createTables)

const everyItem = { commit: { everyItems: 1 } }

describe('I11 the end of a run is a commit', () => {
  it.each(['lost_answer', 'never_lands'] as const)(
    'whose effects happen once when its answer is lost (%s)',
    async (fault) => {
      const run = await start(appendIteration, { params: { items: 3 } })
      const first = nth(1, isEnd)
      const db = new FaultyDatabase(env.DB, (call) => (first(call) ? fault : undefined))
      await deliver(run, { DB: db.binding })
      expect(await appended(run)).toEqual([0, ...upTo(3)])
      expect(await view(run)).toMatchObject({ status: 'completed', slices: 1 })
    },
  )

  it('and is the same whichever moment the slice dies at', async () => {
    for (const death of [
      { d1: nth(1, isEnd), when: 'before' },
      { d1: nth(1, isEnd), when: 'after' },
      { d1: nth(1, isClose), when: 'before' },
      { d1: nth(1, isClose), when: 'after' },
      { object: 'release', when: 'before' },
      { object: 'release', when: 'after' },
    ] as const) {
      const run = await start(appendIteration, { params: { items: 3 } })
      await deliverAndDie(run, death)
      await passTime(run)
      expect(await drain(run)).toMatchObject({ status: 'completed' })
      expect(await appended(run)).toEqual([0, ...upTo(3)])
      expect(await truth(run)).toMatchObject({ status: 'completed', closed_at: expect.any(String) })
    }
  })

  it('that stands: a cancel after it finds the run completed', async () => {
    const run = await start(appendIteration, { params: { items: 3 } })
    await deliverAndDie(run, { d1: nth(1, isEnd), when: 'after' })
    const answer = await runObjects(env)(run).command('cancel', {})
    expect(answer).toMatchObject({ ok: true, run: { status: 'queued' } })
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual([0, ...upTo(3)])
  })
})

describe('I12 end, children, release, in this order', () => {
  const childIds = async (run: string): Promise<string[]> => (await view(run)).children

  it('starts each child once, with ids that follow from the parent', async () => {
    const run = await start(appendThenFollow)
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    const [now, later] = (await childIds(run)) as [string, string]
    expect(await view(now)).toMatchObject({
      job: 'append-steps',
      params: { items: 2 },
      parent: run,
    })
    expect(await driving(later)).toMatchObject({ sendAt: expect.any(Number), overdueAt: null })
    expect((await driving(later)).sendAt).toBeGreaterThan(Date.now() + 290_000)
    expect(await drain(now)).toMatchObject({ status: 'completed' })
  })

  it.each([
    ['after the end commit', { d1: nth(1, isEnd), when: 'after' }],
    ['after the first child', { object: 'create', when: 'after' }],
    ['before the run is marked closed', { d1: nth(1, isClose), when: 'before' }],
    ['before the release', { object: 'release', when: 'before' }],
  ] as const)('loses and doubles no child when the slice dies %s', async (_when, death) => {
    const run = await start(appendThenFollow)
    await deliverAndDie(run, death)
    await passTime(run)
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    const { results } = await env.DB.prepare('SELECT id FROM runs WHERE parent = ? ORDER BY id')
      .bind(run)
      .all<{ id: string }>()
    expect(results.map(({ id }) => id)).toEqual([...(await childIds(run))].sort())
    expect(results).toHaveLength(2)
    expect(await truth(run)).toMatchObject({ closed_at: expect.any(String) })
  })

  it('starts no child of a cancelled or failed run', async () => {
    const run = await start(appendThenFollow)
    await runObjects(env)(run).command('cancel', {})
    expect(await drain(run)).toMatchObject({ status: 'cancelled', children: [] })
    expect(
      await env.DB.prepare('SELECT count(*) AS n FROM runs WHERE parent = ?').bind(run).first('n'),
    ).toBe(0)
  })
})

describe('I13 stopped means that D1 said so', () => {
  it.each(['cancel', 'pause'] as const)(
    '%s while a commit is under way: nothing commits after it is shown',
    async (command) => {
      const run = await start(appendSteps, { params: { items: 300 }, ...everyItem })
      const fifth = nth(5, isCommit)
      const db: FaultyDatabase = new FaultyDatabase(env.DB, async (call) => {
        if (fifth(call)) {
          await runObjects(env)(run).command(command, {})
          return 'late'
        }
        return undefined
      })
      const slice = deliver(run, { DB: db.binding })
      await slice
      const shown = await view(run)
      expect(shown.status).toBe(command === 'cancel' ? 'cancelled' : 'paused')
      const before = await appended(run)
      expect((await db.land()).every(({ status }) => status === 'rejected')).toBe(true)
      await deliver(run)
      await passTime(run)
      expect(await appended(run)).toEqual(before)
      expect(before.length).toBeLessThan(300)
    },
  )

  it('shows cancelled only after D1 has answered, and asks again until it does', async () => {
    const run = await start(appendSteps, { params: { items: 5 } })
    await env.DB.prepare('ALTER TABLE runs RENAME TO runs_away').run()
    const answer = await runObjects(env)(run).command('cancel', {})
    expect(answer).toMatchObject({
      ok: true,
      pending: true,
      run: { status: 'queued', reason: 'cancel' },
    })
    await deliver(run)
    expect(await appended(run)).toEqual([])
    await env.DB.prepare('ALTER TABLE runs_away RENAME TO runs').run()
    await passTime(run, 1_001)
    expect(await view(run)).toMatchObject({ status: 'cancelled' })
    expect(await truth(run)).toMatchObject({ status: 'cancelled', closed_at: expect.any(String) })
  })

  it('pauses a run whose slice has vanished only after raising D1', async () => {
    const run = await start(appendSteps, { params: { items: 5 }, ...everyItem })
    await deliverAndDie(run, { d1: nth(3, isCommit), when: 'before' })
    await runObjects(env)(run).command('pause', {})
    expect(await view(run)).toMatchObject({ status: 'running', reason: 'pause' })
    const { fence } = await truth(run)
    await passTime(run)
    expect(await view(run)).toMatchObject({ status: 'paused' })
    expect((await truth(run)).fence).toBeGreaterThan(fence)
    await runObjects(env)(run).command('resume', {})
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual(upTo(5))
  })

  it('reopens a failed or cancelled run from its checkpoint', async () => {
    const run = await start(appendSteps, {
      params: { items: 6 },
      ...everyItem,
      interrupt: { afterItems: 3 },
      hold: true,
    })
    await drain(run)
    await runObjects(env)(run).command('cancel', {})
    expect(await view(run)).toMatchObject({ status: 'cancelled', progress: { done: 3 } })
    const answer = await runObjects(env)(run).command('retry', {})
    expect(answer).toMatchObject({ ok: true, run: { status: 'queued' } })
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual(upTo(6))
  })

  it.each([
    ['completed', ['interrupt', 'pause', 'resume', 'cancel', 'retry']],
    ['queued', ['resume', 'retry']],
    ['paused', ['interrupt', 'pause', 'retry']],
  ] as const)('refuses what a %s run cannot do, and changes nothing', async (status, commands) => {
    const run = await start(appendSteps, { params: { items: 1 } })
    if (status === 'completed') await drain(run)
    if (status === 'paused') await runObjects(env)(run).command('pause', {})
    const before = await driving(run)
    for (const command of commands) {
      expect(await runObjects(env)(run).command(command, {})).toMatchObject({
        ok: false,
        code: 'invalid_transition',
        run: { status },
      })
    }
    expect(await driving(run)).toEqual(before)
  })
})

describe('I14 only the holder speaks', () => {
  it('ignores report and release of an older fence, and reports that are no news', async () => {
    const run = await start(appendSteps, { params: { items: 6 }, ...everyItem })
    await deliverAndDie(run, { d1: nth(3, isCommit), when: 'after' })
    await passTime(run)
    const second = await object(run).claim(0, 1)
    expect(second).toMatchObject({ ok: true, fence: 2 })
    const stale = { ...(await driving(run)).seen, fence: 1, seq: 99, done: 99 }
    expect(await object(run).report(stale)).toEqual({ ok: false, code: 'stale' })
    expect(await object(run).release(stale, 1, { kind: 'state_lost' })).toEqual({
      ok: false,
      code: 'stale',
    })
    await object(run).report({ ...stale, fence: 2, seq: 50, done: 3 })
    await object(run).report({ ...stale, fence: 2, seq: 49, done: 1 })
    expect((await view(run)).progress.done).toBe(3)
  })

  it('leaves the index row of an ended run alone, and never takes an older one', async () => {
    const run = await start(appendSteps, { params: { items: 1 } })
    await drain(run)
    await indexRun(env.DB, run, 1_000, 'running', '{}')
    expect(
      await env.DB.prepare('SELECT shown_status FROM runs WHERE id = ?')
        .bind(run)
        .first('shown_status'),
    ).toBe('completed')
    const other = await start(appendSteps)
    await indexRun(env.DB, other, 10, 'paused', '{}')
    await indexRun(env.DB, other, 9, 'running', '{}')
    expect(
      await env.DB.prepare('SELECT shown_status FROM runs WHERE id = ?')
        .bind(other)
        .first('shown_status'),
    ).toBe('paused')
  })

  it('has a single writer: of two slices at once, the older one commits nothing more', async () => {
    const run = await start(appendSteps, { params: { items: 10 }, ...everyItem })
    const fourth = nth(4, isCommit)
    let younger: Promise<void> | undefined
    const fences: number[] = []
    const db = new FaultyDatabase(env.DB, async (call) => {
      if (fourth(call)) {
        // The older slice is held up here until its lease has run out and another one is at work.
        await passTime(run)
        younger = deliver(run)
        await scheduler.wait(20)
      }
      return undefined
    })
    await deliver(run, { DB: db.binding })
    await younger
    await drain(run)
    const { results } = await env.DB.prepare(
      'SELECT fence FROM ledger WHERE run_id = ? ORDER BY seq',
    )
      .bind(run)
      .all<{ fence: number }>()
    fences.push(...results.map(({ fence }) => fence))
    expect(fences).toEqual([...fences].sort((a, b) => a - b))
    expect(new Set(fences).size).toBeGreaterThan(1)
    expect(await appended(run)).toEqual(upTo(10))
  })
})

describe('I15 rows are created once', () => {
  it('gives the same run for the same key, and refuses the key with other params', async () => {
    const key = { idempotencyKey: 'monday' }
    const run = await start(appendSteps, { params: { items: 2 }, ...key })
    expect(await start(appendSteps, { params: { items: 2 }, ...key })).toBe(run)
    await expect(start(appendSteps, { params: { items: 3 }, ...key })).rejects.toThrow(
      'idempotency_conflict',
    )
    await drain(run)
    expect(await start(appendSteps, { params: { items: 2 }, ...key })).toBe(run)
    expect(await appended(run)).toEqual(upTo(2))
  })

  it('changes nothing for a run that is not there', async () => {
    const nobody = 'f'.repeat(32)
    expect(await object(nobody).claim(0, 1)).toEqual({ ok: false, code: 'unknown_run' })
    expect(await object(nobody).command('cancel', {})).toEqual({ ok: false, code: 'unknown_run' })
    await object(nobody).poke(nobody)
    expect(await object(nobody).describe()).toBeNull()
    expect(
      await env.DB.prepare('SELECT count(*) AS n FROM lanes WHERE run_id = ?')
        .bind(nobody)
        .first('n'),
    ).toBe(0)
  })

  it('fails a run whose rows are gone from D1, and lets it rest', async () => {
    const run = await start(appendSteps)
    await env.DB.batch(
      ['lanes WHERE run_id', 'runs WHERE id'].map((rows) =>
        env.DB.prepare(`DELETE FROM ${rows} = ?`).bind(run),
      ),
    )
    await deliver(run)
    expect(await view(run)).toMatchObject({ status: 'failed', error: { code: 'state_lost' } })
    expect(await driving(run)).toMatchObject({ leaseUntil: null, overdueAt: null, sendAt: null })
  })

  it('takes over a fence of D1 that is ahead of the object', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    await env.DB.prepare('UPDATE lanes SET fence = 41 WHERE run_id = ?').bind(run).run()
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect((await truth(run)).fence).toBeGreaterThan(41)
  })

  it('finds definition and fence in D1 again when the object lost its storage', async () => {
    const run = await start(appendSteps, {
      params: { items: 4 },
      ...everyItem,
      interrupt: { afterItems: 2 },
      hold: true,
    })
    await drain(run)
    await runInDurableObject(object(run), (_instance: JobRun, state) => state.storage.deleteAll())
    await evictDurableObject(object(run))
    expect(await object(run).describe()).toBeNull()
    await object(run).poke(run)
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual(upTo(4))
  })

  it('purges a run from D1 and object together, 15 days after it was closed at the earliest', async () => {
    const run = await start(appendSteps, { params: { items: 1 } })
    await drain(run)
    const day = 86_400_000
    const early = await sweep(env.DB, (id) => object(id), Date.now() + 14 * day, 1)
    expect(early.purged).toEqual([])
    const late = await sweep(env.DB, (id) => object(id), Date.now() + 16 * day, 1)
    expect(late.purged).toContain(run)
    expect(await object(run).describe()).toBeNull()
    for (const table of ['lanes', 'ledger', 'step_results']) {
      expect(
        await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE run_id = ?`)
          .bind(run)
          .first('n'),
      ).toBe(0)
    }
  })
})
