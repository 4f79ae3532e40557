import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { RunHost } from '../../durable-objects/run-host.ts'
import { runObjects } from '../../src/engine/runs/index.ts'
import { prepareRun } from '../../src/engine/runs/start.ts'
import { interceptedDatabase } from '../../src/testing/intercepted-database.ts'
import { appended, createTables, drain, object, start, stub, truth } from '../support/drive.ts'
import { appendSteps } from '../support/jobs.ts'

beforeAll(createTables)

/** Says of each removal from the ledger that it was as large as one may be, so that a purge goes on later. */
const LONG_LEDGER = interceptedDatabase(env.DB, async ({ sql }, work) => {
  const answer = await work()
  if (!sql[0]?.includes('DELETE FROM dogear_ledger')) return answer
  const { meta } = answer as D1Result
  return { ...(answer as D1Result), meta: { ...meta, changes: 5_000 } }
})

const two = { params: { items: 2 } }

/** `doing` meets an object whose purge is not over. */
async function whilePurged(run: string, doing: (host: RunHost) => Promise<void>): Promise<void> {
  await runInDurableObject(stub(run), async (host: RunHost) => {
    Object.assign(host, { env: { ...env, DB: LONG_LEDGER } })
    await host.purge(run)
    await doing(host)
    Object.assign(host, { env })
  })
}

describe('a run whose rows are still being removed', () => {
  it('is neither shown nor taken up again (mutations purge-shown, look-purging)', async () => {
    const run = await start(appendSteps, two)
    await runObjects(env)(run).command('cancel', {})
    await whilePurged(run, async (host) => {
      expect(await host.describe()).toBeNull()
      expect(await host.command('retry', {})).toEqual({ ok: false, code: 'unknown_run' })
      expect(await host.claim(0, 2)).toEqual({ ok: false, code: 'unknown_run' })
      expect(await host.describe()).toBeNull()
    })
    expect(await truth(run)).toMatchObject({ status: 'cancelled' })
  })

  it('leaves its key to nobody until they are gone (mutation purge-key)', async () => {
    const keyed = { ...two, idempotencyKey: 'being-purged' }
    const run = await start(appendSteps, keyed)
    await drain(run)
    const again = await prepareRun(appendSteps, keyed)
    await whilePurged(run, async (host) => {
      await expect(host.create(again)).rejects.toThrow('is being purged')
    })
    expect(await start(appendSteps, keyed)).toBe(run)
    await drain(run)
    expect(await appended(run)).toEqual([1, 1, 2, 2])
  })
})

it('a purge leaves no row of its run in any table of the engine', async () => {
  const run = await start(appendSteps, { ...two, labels: { team: 'a' } })
  await drain(run)
  await env.DB.prepare(
    `INSERT INTO dogear_skips (run_id, lane, seq, position, step, error, attempts, skipped_at)
     VALUES (?1, 0, 1, 0, 'process', '{}', 1, '')`,
  )
    .bind(run)
    .run()
  const tables = [
    'dogear_lanes',
    'dogear_ledger',
    'dogear_step_results',
    'dogear_skips',
    'dogear_run_labels',
  ]
  const rows = async () => {
    const counts = tables.map((table) =>
      env.DB.prepare(`SELECT count(*) AS rows FROM ${table} WHERE run_id = ?`).bind(run),
    )
    const answers = await env.DB.batch<{ rows: number }>(counts)
    return answers.map(({ results }) => results[0]?.rows)
  }
  expect(await rows()).not.toContain(0)
  await object(run).purge(run)
  expect(await rows()).toEqual(tables.map(() => 0))
})
