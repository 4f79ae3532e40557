import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { listRuns, runObjects } from '../../src/engine/runs/index.ts'
import { sweep } from '../../src/engine/runs/sweep.ts'
import { indexRun } from '../../src/engine/store/d1/index-run.ts'
import { FaultyDatabase } from '../../src/testing/faulty-database.ts'
import { appendSteps } from '../support/jobs.ts'
import {
  appended,
  bench,
  createTables,
  deliver,
  drain,
  driving,
  object,
  passTime,
  start,
  stub,
  truth,
  upTo,
  view,
} from '../support/drive.ts'
import { deliverAndDie, isCommit, nth } from '../support/mortal.ts'

beforeAll(createTables)

const everyItem = { commit: { everyItems: 1 } }

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
      await env.DB.prepare('SELECT shown_status FROM dogear_runs WHERE id = ?')
        .bind(run)
        .first('shown_status'),
    ).toBe('completed')
    const other = await start(appendSteps)
    await indexRun(env.DB, other, 10, 'paused', '{}')
    await indexRun(env.DB, other, 9, 'running', '{}')
    expect(
      await env.DB.prepare('SELECT shown_status FROM dogear_runs WHERE id = ?')
        .bind(other)
        .first('shown_status'),
    ).toBe('paused')
  })

  it('P06 has a single writer: of two slices at once, the older one commits nothing more', async () => {
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
      'SELECT fence FROM dogear_ledger WHERE run_id = ? ORDER BY seq',
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
  it('P12 gives the same run for the same key, and refuses the key with other params', async () => {
    const key = { idempotencyKey: 'monday' }
    const run = await start(appendSteps, { params: { items: 2 }, ...key })
    expect(await start(appendSteps, { params: { items: 2 }, ...key })).toBe(run)
    await expect(start(appendSteps, { params: { items: 3 }, ...key })).rejects.toMatchObject({
      code: 'idempotency_conflict',
    })
    await drain(run)
    expect(await start(appendSteps, { params: { items: 2 }, ...key })).toBe(run)
    expect(await appended(run)).toEqual(upTo(2))
  })

  it('S47 changes nothing for a run that is not there', async () => {
    const nobody = 'f'.repeat(32)
    expect(await object(nobody).claim(0, 1)).toEqual({ ok: false, code: 'unknown_run' })
    expect(await object(nobody).command('cancel', {})).toEqual({ ok: false, code: 'unknown_run' })
    await object(nobody).poke(nobody)
    expect(await object(nobody).describe()).toBeNull()
    expect(
      await env.DB.prepare('SELECT count(*) AS n FROM dogear_lanes WHERE run_id = ?')
        .bind(nobody)
        .first('n'),
    ).toBe(0)
  })

  it('fails a run whose rows are gone from D1, and lets it rest', async () => {
    const run = await start(appendSteps)
    await env.DB.batch(
      ['dogear_lanes WHERE run_id', 'dogear_runs WHERE id'].map((rows) =>
        env.DB.prepare(`DELETE FROM ${rows} = ?`).bind(run),
      ),
    )
    await deliver(run)
    expect(await view(run)).toMatchObject({ status: 'failed', error: { code: 'state_lost' } })
    expect(await driving(run)).toMatchObject({ lease: null, overdueAt: null, sendAt: null })
  })

  it('takes over a fence of D1 that is ahead of the object', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    await env.DB.prepare('UPDATE dogear_lanes SET fence = 41 WHERE run_id = ?').bind(run).run()
    expect(await drain(run)).toMatchObject({ status: 'completed' })
    expect((await truth(run)).fence).toBeGreaterThan(41)
  })

  it('finds definition and fence in D1 again when the object lost its storage', async () => {
    const run = await start(appendSteps, {
      params: { items: 4 },
      ...everyItem,
      interrupt: { afterItems: 2 },
      hold: true,
      labels: { test: 'rebuilt' },
    })
    const { createdAt } = await drain(run)
    await runInDurableObject(stub(run), (_instance: RunHost, state) => state.storage.deleteAll())
    await bench.evict(run)
    expect(await object(run).describe()).toBeNull()
    await object(run).poke(run)
    await runObjects(env)(run).command('pause', {})
    const label = { name: 'test', value: 'rebuilt' }
    const { runs } = await listRuns(env.DB, { limit: 5, label })
    expect(runs).toMatchObject([{ id: run, status: 'paused', createdAt }])
    await runObjects(env)(run).command('resume', {})
    expect(await drain(run)).toMatchObject({ status: 'completed', createdAt })
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
    for (const table of ['dogear_lanes', 'dogear_ledger', 'dogear_step_results']) {
      expect(
        await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE run_id = ?`)
          .bind(run)
          .first('n'),
      ).toBe(0)
    }
  })
})
