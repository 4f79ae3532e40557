import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { runObjects } from '../../../src/engine/runs/index.ts'
import { sweep } from '../../../src/engine/runs/sweep.ts'
import { markClosed } from '../../../src/engine/store/d1/ended-run.ts'
import { closedRuns, deleteRun } from '../../../src/engine/store/d1/purge.ts'
import { interceptedDatabase } from '../../../src/testing/intercepted-database.ts'
import { appendSteps } from '../../support/jobs.ts'
import {
  appended,
  bench,
  createTables,
  deliver,
  drain,
  object,
  start,
  truth,
  upTo,
  view,
} from '../../support/drive.ts'
import { plansOf } from '../../support/query-plans.ts'
import { loseStorage } from '../../support/time-travel.ts'

beforeAll(createTables)

const DAY = 86_400_000
const LONG_AGO = '2026-01-01T00:00:00.000Z'

async function cancelledLongAgo(items = 3): Promise<string> {
  const run = await start(appendSteps, { params: { items }, commit: { everyItems: 1 } })
  await runObjects(env)(run).command('cancel', {})
  await env.DB.prepare('UPDATE dogear_runs SET closed_at = ?2 WHERE id = ?1')
    .bind(run, LONG_AGO)
    .run()
  return run
}

describe('a purge looks again', () => {
  it('H13 and leaves a run alone that was retried since the sweep found it', async () => {
    const run = await cancelledLongAgo()
    const purge = async (id: string, before?: string) => {
      if (id === run) {
        await runObjects(env)(run).command('retry', {})
        await drain(run)
      }
      await object(id).purge(id, before)
    }
    const { purged } = await sweep(
      env.DB,
      (id) => ({ poke: (found) => object(id).poke(found), purge }),
      bench.clock.now(),
      30,
    )
    expect(purged).toContain(run)
    expect(await view(run)).toMatchObject({ status: 'completed' })
    expect(await truth(run)).toMatchObject({ status: 'completed' })
  })

  it('H13b and leaves a slice alone that is at work on it', async () => {
    const run = await cancelledLongAgo(40)
    await runObjects(env)(run).command('retry', {})
    const working = deliver(run)
    await scheduler.wait(20)
    await object(run).purge(run)
    await working
    expect(await view(run)).toMatchObject({ status: 'completed' })
    expect(await appended(run)).toEqual(upTo(40))
  })

  it('in D1 too: an object without storage removes nothing of a run that is active', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    await loseStorage(run)
    await object(run).purge(run, new Date().toISOString())
    expect(await truth(run)).toMatchObject({ status: 'active' })
    await object(run).poke(run)
    expect(await drain(run)).toMatchObject({ status: 'completed' })
  })

  it('and a run that has ended in D1 only is shown as ended, then purged', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    await env.DB.prepare(
      `UPDATE dogear_runs SET status = 'failed', finished_at = ?2, closed_at = ?2 WHERE id = ?1`,
    )
      .bind(run, LONG_AGO)
      .run()
    await object(run).purge(run, LONG_AGO)
    expect(await view(run)).toMatchObject({ status: 'failed' })
    await object(run).purge(run, LONG_AGO)
    expect(await object(run).describe()).toBeNull()
  })

  it('spares a run for 15 days, whatever is asked for: a message may still name it', async () => {
    const closedAgo = async (days: number) => {
      const run = await cancelledLongAgo()
      await env.DB.prepare('UPDATE dogear_runs SET closed_at = ?2 WHERE id = ?1')
        .bind(run, new Date(bench.clock.now() - days * DAY).toISOString())
        .run()
      return run
    }
    const [young, old] = [await closedAgo(14), await closedAgo(16)]
    const { purged } = await sweep(env.DB, (id) => object(id), bench.clock.now(), 1)
    expect(purged).toContain(old)
    expect(purged).not.toContain(young)
  })

  it('spares the children of a run that still looks for them', async () => {
    const parent = await cancelledLongAgo()
    const child = await start(appendSteps, { parent })
    await drain(child)
    const closed = () => closedRuns(env.DB, new Date(bench.clock.now() + DAY).toISOString(), 1_000)
    expect(await closed()).toContain(child)
    await env.DB.prepare('UPDATE dogear_runs SET closed_at = NULL WHERE id = ?').bind(parent).run()
    expect(await closed()).not.toContain(child)
  })
})

describe('a purge of much', () => {
  const ROWS = 12_000

  async function longRun(): Promise<string> {
    const run = await start(appendSteps, { params: { items: 1 } })
    await drain(run)
    await env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       INSERT INTO dogear_ledger (run_id, lane, seq, items, fence, code_version, at, held)
       SELECT ?1, 0, i, 1, 1, 'v', '2026-01-01T00:00:00.000Z', 1 FROM n`,
    )
      .bind(run, ROWS + 99)
      .run()
    return run
  }

  it('H30 goes some thousand rows at a time', async () => {
    const run = await longRun()
    const changes: number[] = []
    const db = interceptedDatabase(env.DB, async (_call, work) => {
      const answer = await work()
      for (const { meta } of [answer].flat() as D1Result[]) changes.push(meta.changes)
      return answer
    })
    expect(await deleteRun(db, run)).toBe('removed')
    expect(Math.max(...changes)).toBeLessThanOrEqual(5_000)
    expect(changes.reduce((sum, more) => sum + more)).toBeGreaterThan(ROWS)
  })

  it('goes on where it was cut off', async () => {
    const run = await longRun()
    expect(await deleteRun(env.DB, run, { statements: 2 })).toBe('left')
    const left = 'SELECT count(*) AS rows FROM dogear_ledger WHERE run_id = ?'
    expect(await env.DB.prepare(left).bind(run).first('rows')).toBeLessThan(ROWS)
    expect(await truth(run)).toMatchObject({ status: 'completed' })
    await object(run).purge(run)
    expect(await object(run).describe()).toBeNull()
    expect(await env.DB.prepare(left).bind(run).first('rows')).toBe(0)
  })

  it('does not read what it has passed by', async () => {
    const plans = await plansOf((db) => deleteRun(db, 'a', { closed: LONG_AGO }))
    expect(plans.filter((plan) => plan.startsWith('SCAN'))).toEqual([])
    expect(plans).toContain(
      'SEARCH dogear_ledger USING PRIMARY KEY (run_id=? AND lane=? AND seq=?)',
    )
  })

  it('of a run of a key: the key may be used again once it is over', async () => {
    const keyed = { params: { items: 2 }, idempotencyKey: 'purged' }
    const run = await start(appendSteps, keyed)
    await drain(run)
    await object(run).purge(run)
    expect(await start(appendSteps, { ...keyed, params: { items: 3 } })).toBe(run)
    expect(await drain(run)).toMatchObject({ result: { appended: 3 } })
  })
})

describe('a mark of an old closing', () => {
  it('does not close a run that was reopened and has failed again', async () => {
    const run = await start(appendSteps, { params: { items: 3 } })
    await runObjects(env)(run).command('cancel', {})
    const { fence } = await truth(run)
    await runObjects(env)(run).command('retry', {})
    await env.DB.prepare(`UPDATE dogear_runs SET status = 'failed' WHERE id = ?`).bind(run).run()
    await markClosed(env.DB, run, LONG_AGO, fence)
    expect(await truth(run)).toMatchObject({ status: 'failed', closed_at: null })
    await markClosed(env.DB, run, LONG_AGO, (await truth(run)).fence)
    expect(await truth(run)).toMatchObject({ closed_at: LONG_AGO })
  })
})
