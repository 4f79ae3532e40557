import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { readCheckpoint } from '../../src/engine/runs/index.ts'
import { regionalReport } from '../../src/shop/jobs/regional-report.ts'
import { cleanShop, resetShop } from '../../src/shop/data/reset.ts'
import { seedShop } from '../../src/shop/data/seed.ts'
import { interceptedDatabase } from '../../src/testing/intercepted-database.ts'
import { deliver, drain, object, start, view } from '../support/drive.ts'
import { failedChecks } from '../support/proof.ts'

const DB = env.DB

async function namesOfFailed(id: string): Promise<string[]> {
  return (await failedChecks(id)).map(({ name }) => name)
}

/** Region, store, products, pieces sold and cents. */
async function summaries(run: string): Promise<unknown[]> {
  return DB.prepare(
    `SELECT region, store, products, sold, revenue_cents FROM regional_summaries
    WHERE run_id = ? ORDER BY region, store, id`,
  )
    .bind(run)
    .raw()
}

beforeEach(() => cleanShop(DB, env.FILES))

describe('a regional report', () => {
  it('stops at region 5, store 12, product 47, and shows where at all three levels', async () => {
    await seedShop(DB, { orders: 0, storesPerRegion: 12, productsPerStore: 48 })
    const id = await start(regionalReport, {
      interrupt: { at: 'region:5/store:12/product:47' },
      hold: true,
    })
    await deliver(id)
    const done = 4 * 12 * 48 + 11 * 48 + 46
    expect(await view(id)).toMatchObject({ status: 'interrupted', held: true, progress: { done } })
    expect(await readCheckpoint(DB, id)).toMatchObject({
      step: 'process_regions',
      cursor: 5,
      completedSteps: ['load_data'],
      nestedSteps: {
        process_stores: {
          cursor: 12,
          completedSteps: ['load_stores'],
          nestedSteps: { process_products: { cursor: 47, completedSteps: ['load_products'] } },
        },
      },
    })
    expect(await summaries(id)).toHaveLength(4 + 4 * 12 + 11)

    await object(id).command('resume', {})
    const read: number[] = []
    const db = interceptedDatabase(DB, async (_call, work) => {
      const answer = await work()
      const { results = [] } = (answer ?? {}) as { results?: { number: number; sold?: number }[] }
      for (const { number, sold } of results) if (sold !== undefined) read.push(number)
      return answer
    })
    const run = await drain(id, { DB: db })
    const total = 8 * 12 * 48
    expect(run).toMatchObject({ status: 'completed', slices: 2, progress: { done: total, total } })
    expect(read.slice(0, 3)).toEqual([47, 48, 1])
    expect(read).toHaveLength(2 + 3 * 12 * 48)
    expect(await summaries(id)).toHaveLength(1 + 8 + 8 * 12)
    expect(await namesOfFailed(id)).toEqual([])
  })

  it('adds up stores, regions and the whole, in many slices as in one', async () => {
    await DB.batch([
      DB.prepare(`INSERT INTO regions (name) VALUES ('North'), ('South')`),
      DB.prepare(`INSERT INTO stores VALUES (1, 1, 'A'), (1, 2, 'B')`),
      // Half a cent each is rounded up by itself.
      DB.prepare(
        `INSERT INTO products VALUES (1, 1, 1, 'a', 1, 5), (1, 1, 2, 'b', 3, 1005), (1, 2, 1, 'c', 2, 1000)`,
      ),
    ])
    const expected = [
      [null, null, 3, 6, 503],
      [1, null, 3, 6, 503],
      [1, 1, 2, 4, 303],
      [1, 2, 1, 2, 200],
      [2, null, 0, 0, 0],
    ]
    const whole = { products: 3, sold: 6, revenueCents: 503 }
    for (const slices of [{}, { wallMs: 0 }]) {
      const run = await drain(await start(regionalReport), slices)
      expect(run).toMatchObject({ status: 'completed', result: whole })
      expect(await summaries(run.id)).toEqual(expected)
      expect(await namesOfFailed(run.id)).toEqual([])
    }
  })

  it('is of nothing when there is nothing', async () => {
    const run = await drain(await start(regionalReport))
    expect(run).toMatchObject({ status: 'completed', progress: { done: 0, total: 0 } })
    expect(await summaries(run.id)).toEqual([[null, null, 0, 0, 0]])
    expect(await namesOfFailed(run.id)).toEqual([])
  })

  it('stays true when regions come later', async () => {
    await seedShop(DB, { orders: 0, storesPerRegion: 2, productsPerStore: 2 })
    const { id } = await drain(await start(regionalReport))
    await DB.batch([
      DB.prepare(`INSERT INTO regions (name) VALUES ('Atlantis')`),
      DB.prepare(`INSERT INTO stores SELECT number, 1, 'A' FROM regions WHERE name = 'Atlantis'`),
    ])
    expect(await namesOfFailed(id)).toEqual([])
  })

  it('is found out when it is wrong', async () => {
    await seedShop(DB, { orders: 0, storesPerRegion: 2, productsPerStore: 2 })
    const { id } = await drain(await start(regionalReport))
    const change = (sql: string) => DB.prepare(sql).bind(id).run()

    await change('UPDATE regional_summaries SET sold = sold + 1 WHERE run_id = ? AND store = 2')
    expect(await namesOfFailed(id)).toEqual(['No summary differs from its products'])
    await change('UPDATE regional_summaries SET sold = sold - 1 WHERE run_id = ? AND store = 2')
    expect(await namesOfFailed(id)).toEqual([])

    await change(
      `INSERT INTO regional_summaries
      SELECT NULL, run_id, region, store, products, sold, revenue_cents, summarized_at
      FROM regional_summaries WHERE run_id = ? AND region = 3 AND store = 1`,
    )
    expect(await namesOfFailed(id)).toEqual([
      'Nothing has two summaries',
      'The revenue, in cents, is what SQL adds up',
    ])
    await change('DELETE FROM regional_summaries WHERE run_id = ? AND region = 3 AND store = 1')
    expect(await namesOfFailed(id)).toContain('A summary for each store')
    await resetShop(DB)
    expect(await summaries(id)).toEqual([])
  })
})
