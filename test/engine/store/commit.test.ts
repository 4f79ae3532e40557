import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineJob, setStatement } from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { KillSwitch } from '../../../src/engine/slice/kill-switch.ts'
import type { Change } from '../../../src/engine/store/change.ts'
import { raiseRun } from '../../../src/engine/store/d1/by-fence.ts'
import { HeldLane } from '../../../src/engine/store/d1/held-lane.ts'
import { D1Usage, StatementBudget } from '../../../src/engine/store/d1/metered-database.ts'
import { FaultyDatabase } from '../../../src/testing/faulty-database.ts'
import {
  appended,
  createTables,
  deliver,
  drain,
  passTime,
  start,
  truth,
  upTo,
  view,
} from '../../support/drive.ts'
import { appendIteration, appendSteps } from '../../support/jobs.ts'
import { isCommit, isRaise, nth, once } from '../../support/mortal.ts'
import { Bookmark } from '../../support/time-travel.ts'

beforeAll(createTables)

const everyItem = { commit: { everyItems: 1 } }

function lane(run: string, fence: number): HeldLane {
  const usage = new D1Usage(new StatementBudget(1_000), new KillSwitch())
  return new HeldLane(env.DB, usage, { run, lane: 0, fence, codeVersion: '' }, Date.now, 5_000)
}

function appending(run: string, item: number): Change {
  return {
    effects: [
      {
        sql: 'INSERT INTO appended (run_id, item) VALUES (?1, ?2)',
        params: [run, item],
      },
    ],
    checkpoint: {
      completed: [],
      current: {
        step: 'append',
        cursor: String(item),
      },
    },
    step: 'append',
    fromCursor: null,
    toCursor: String(item),
    items: 1,
  }
}

async function ledgerRows(run: string): Promise<number> {
  return (
    (await env.DB.prepare('SELECT count(*) AS rows FROM dogear_ledger WHERE run_id = ?')
      .bind(run)
      .first<number>('rows')) ?? 0
  )
}

describe('I01 effects and checkpoint commit together', () => {
  it('rolls everything back when the guard finds another seq', async () => {
    const run = await start(appendSteps)
    const first = lane(run, 1)
    await first.raise()
    const second = lane(run, 2)
    await second.raise()
    expect(await first.commit(appending(run, 1))).toMatchObject({ kind: 'guard' })
    expect(await second.commit(appending(run, 2))).toEqual({ kind: 'committed' })
    expect(await appended(run)).toEqual([2])
    expect(await ledgerRows(run)).toBe(1)
  })

  it('rolls back a commit that arrives a second time', async () => {
    const run = await start(appendSteps)
    const held = lane(run, 1)
    await held.raise()
    const before = held.state
    expect(await held.commit(appending(run, 1))).toEqual({ kind: 'committed' })
    held.state = before
    expect(await held.commit(appending(run, 1))).toMatchObject({ kind: 'guard' })
    expect(await appended(run)).toEqual([1])
  })

  it('rolls back a commit of an older raise whose seq has come again, as after a restore of D1', async () => {
    const run = await start(appendSteps)
    const held = lane(run, 1)
    await held.raise()
    const bookmark = await Bookmark.of(run)
    await held.commit(appending(run, 1))
    await bookmark.restore()
    // What it sends next is still on its way when it has raised again.
    const again = lane(run, 1)
    await again.raise()
    expect(again.state.seq).toBe(held.state.seq)
    expect(await held.commit(appending(run, 2))).toMatchObject({ kind: 'guard' })
    expect(await again.commit(appending(run, 1))).toEqual({ kind: 'committed' })
    expect(await appended(run)).toEqual([1])
  })

  it('raises when the object has raised since, though D1 was put back and a seq comes again (mutation object-token)', async () => {
    const run = await start(appendSteps)
    const held = lane(run, 1)
    await held.raise()
    const bookmark = await Bookmark.of(run)
    await held.commit(appending(run, 1))
    await bookmark.restore()
    // As when a run is paused: what the slice sends next is still on its way.
    await raiseRun(env.DB, { run, fence: 2, at: new Date().toISOString() })
    expect((await truth(run)).seq).toBe(held.state.seq)
    expect(await held.commit(appending(run, 2))).toMatchObject({ kind: 'guard' })
    expect(await appended(run)).toEqual([])
  })

  it.each(['completed', 'cancelled'] as const)(
    'raises when the run is %s, also for another end: the first one stands',
    async (status) => {
      const run = await start(appendSteps)
      const held = lane(run, 1)
      await held.raise()
      await env.DB.prepare('UPDATE dogear_runs SET status = ?2 WHERE id = ?1')
        .bind(run, status)
        .run()
      const end = { status: 'failed', children: '["another"]' } as const
      for (const change of [appending(run, 1), { ...appending(run, 1), end }]) {
        expect(await held.commit(change)).toMatchObject({ kind: 'guard' })
      }
      expect(await truth(run)).toMatchObject({ status })
      expect(await appended(run)).toEqual([])
    },
  )

  it('raises when a run is to complete while another of its lanes has work left', async () => {
    const run = await start(appendSteps)
    await env.DB.prepare(`INSERT INTO dogear_lanes (run_id, lane, touched_at) VALUES (?, 1, '')`)
      .bind(run)
      .run()
    const held = lane(run, 1)
    await held.raise()
    const end = { status: 'completed', children: '[]' } as const
    expect(await held.commit({ ...appending(run, 1), end })).toMatchObject({ kind: 'guard' })
    await env.DB.prepare('UPDATE dogear_lanes SET finished = 1 WHERE run_id = ? AND lane = 1')
      .bind(run)
      .run()
    expect(await held.commit({ ...appending(run, 1), end })).toEqual({ kind: 'committed' })
  })

  it('raises also when the row is missing', async () => {
    const run = await start(appendSteps)
    const held = lane(run, 1)
    await held.raise()
    await env.DB.batch(
      ['dogear_lanes WHERE run_id', 'dogear_runs WHERE id'].map((rows) =>
        env.DB.prepare(`DELETE FROM ${rows} = ?`).bind(run),
      ),
    )
    expect(await held.commit(appending(run, 1))).toMatchObject({ kind: 'guard' })
    expect(await appended(run)).toEqual([])
  })

  it('leaves no checkpoint and no ledger row behind when an effect fails', async () => {
    const run = await start(appendSteps)
    const held = lane(run, 1)
    await held.raise()
    const before = await truth(run)
    const broken = {
      ...appending(run, 1),
      effects: [
        ...appending(run, 1).effects,
        { sql: 'INSERT INTO nowhere VALUES (1)', params: [] },
      ],
    }
    expect(await held.commit(broken)).toMatchObject({ kind: 'refused' })
    expect(await truth(run)).toEqual(before)
    expect(await appended(run)).toEqual([])
    expect(await ledgerRows(run)).toBe(0)
  })

  it('splits rows beyond 2 MB into more statements of the same batch', async () => {
    const statements: number[] = []
    const db = new FaultyDatabase(env.DB, ({ sql }) => {
      statements.push(sql.filter((text) => text.includes('INTO appended')).length)
      return undefined
    })
    const wide = defineJob({
      name: 'wide-rows',
      perform: ({ step, effects, run }) =>
        step('append', () => {
          const insert = setStatement<{ run: string; item: number; filling: string }>(
            `INSERT INTO appended (run_id, item) SELECT value ->> 'run', value ->> 'item' FROM json_each(?1)`,
          )
          for (const item of upTo(9))
            effects.add(insert, { run: run.id, item, filling: 'é'.repeat(250_000) })
        }),
    })
    const run = await start(wide)
    await deliver(run, { DB: db.binding, jobs: new Registry([wide]) })
    expect(Math.max(...statements)).toBe(3)
    expect(await appended(run)).toEqual(upTo(9))
  })
})

describe('I02 raise before read', () => {
  const faults = ['lost_answer', 'never_lands'] as const

  describe.each(faults)('after a commit whose answer is lost (%s)', (fault) => {
    it.each([
      { style: 'in steps', job: appendSteps, expected: upTo(10) },
      { style: 'as an iteration', job: appendIteration, expected: [0, ...upTo(10)] },
    ])('raises, and does every item once $style', async ({ job, expected }) => {
      for (const commit of [1, 2, 5, 11, 12]) {
        const calls: string[] = []
        const fails = nth(commit, isCommit)
        const db = new FaultyDatabase(env.DB, (call) => {
          const faulty = fails(call)
          calls.push(
            faulty ? 'unknown' : isRaise(call) ? 'raise' : isCommit(call) ? 'commit' : 'other',
          )
          return faulty ? fault : undefined
        })
        const run = await start(job, { params: { items: 10 }, ...everyItem })
        await deliver(run, { DB: db.binding })
        expect(await appended(run), `commit ${commit}`).toEqual(expected)
        expect(calls[calls.indexOf('unknown') + 1]).toBe('raise')
        expect(await view(run)).toMatchObject({ status: 'completed', slices: 1 })
      }
    })
  })

  it('kills a commit that lands late, after a takeover', async () => {
    const run = await start(appendSteps, { params: { items: 4 }, ...everyItem })
    const third = nth(3, isCommit)
    let cutOff = false
    const db = new FaultyDatabase(env.DB, (call) => {
      if (cutOff) return 'never_lands'
      cutOff = third(call)
      return cutOff ? 'late' : undefined
    })
    await deliver(run, { DB: db.binding })
    await passTime(run)
    await deliver(run)
    const [landed] = await db.land()
    expect(String((landed as PromiseRejectedResult).reason)).toContain('commit_guard')
    expect(await appended(run)).toEqual(upTo(4))
  })

  it('kills a late commit of its own slice, that lands after the slice has raised again', async () => {
    const fails = nth(3, isCommit)
    const landed: PromiseSettledResult<unknown>[] = []
    const db: FaultyDatabase = new FaultyDatabase(env.DB, async (call) => {
      if (fails(call)) return 'late'
      // Just before the first commit after the second raise, the late one arrives.
      if (isCommit(call)) landed.push(...(await db.land()))
      return undefined
    })
    const run = await start(appendSteps, { params: { items: 5 }, ...everyItem })
    await deliver(run, { DB: db.binding })
    expect(landed).toMatchObject([{ status: 'rejected' }])
    expect(String((landed[0] as PromiseRejectedResult).reason)).toContain('commit_guard')
    expect(await appended(run)).toEqual(upTo(5))
  })

  it('takes a late commit that lands before the raise as done', async () => {
    const fails = nth(3, isCommit)
    const db: FaultyDatabase = new FaultyDatabase(env.DB, async (call) => {
      if (fails(call)) return 'late'
      if (isRaise(call)) await db.land()
      return undefined
    })
    const run = await start(appendSteps, { params: { items: 5 }, ...everyItem })
    await deliver(run, { DB: db.binding })
    expect(await appended(run)).toEqual(upTo(5))
    expect(await view(run)).toMatchObject({ status: 'completed', slices: 1 })
  })

  it('ends the slice only when a raise returns no row', async () => {
    const run = await start(appendSteps, { params: { items: 5 }, ...everyItem })
    let takenOver = false
    const third = nth(3, isCommit)
    const db = new FaultyDatabase(env.DB, async (call) => {
      if (third(call)) {
        takenOver = true
        await lane(run, 50).raise()
      }
      return undefined
    })
    await deliver(run, { DB: db.binding })
    expect(takenOver).toBe(true)
    expect(await truth(run)).toMatchObject({ fence: 50 })
    // The object takes the newer fence over, and the run goes on.
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect(await truth(run)).toMatchObject({ fence: 51 })
    expect(await appended(run)).toEqual(upTo(5))
  })

  it('stands back without costing an attempt when D1 gives no answer to a raise', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    const db = new FaultyDatabase(env.DB, once(isRaise, 'never_lands'))
    await deliver(run, { DB: db.binding })
    expect(await view(run)).toMatchObject({
      status: 'interrupted',
      reason: 'throttle',
      attempts: 0,
    })
    expect(await drain(run)).toMatchObject({ status: 'completed' })
  })
})
