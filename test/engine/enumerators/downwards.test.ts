import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  defineIteration,
  enumerators,
  type Cursor,
  type RecordQuery,
} from '../../../src/engine/index.ts'
import { verifyLedger } from '../../../src/engine/runs/index.ts'
import { createTables, upTo } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'
import { itemsOf, pairsOf } from '../../support/walks.ts'

interface Visit {
  day: string
  id: number
}

const visits: RecordQuery<Visit> = {
  sql: 'SELECT day, id FROM visits_down',
  by: ['day', 'id'],
  order: 'desc',
}
const down = upTo(30).toReversed()

beforeAll(async () => {
  await createTables()
  await env.DB.batch([
    env.DB.prepare('CREATE TABLE visits_down (id INTEGER, day TEXT)'),
    env.DB.prepare('CREATE INDEX visits_down_by_day ON visits_down (day, id)'),
    // Many ties on the first column.
    env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)
       INSERT INTO visits_down SELECT i, '2026-01-0' || (i / 10 + 1) FROM n`,
    ),
  ])
})

describe(`order: 'desc' walks from the highest key down`, () => {
  it('one row after the other, from any cursor, at any page size', async () => {
    const all = await pairsOf(enumerators.records(env.DB, visits, {}))
    expect(all.map(([{ id }]) => id)).toEqual(down)
    for (const pageSize of [1, 7, 30]) {
      for (const [index, [, cursor]] of all.entries()) {
        const rest = enumerators.records(env.DB, visits, { cursor, pageSize })
        expect(await pairsOf(rest)).toEqual(all.slice(index + 1))
      }
    }
  })

  it('in batches, and in ranges whose conditions leave no row out', async () => {
    const batched = await itemsOf(enumerators.batches(env.DB, visits, { batchSize: 7 }))
    expect(batched.map((rows) => rows.length)).toEqual([7, 7, 7, 7, 2])
    expect(batched.flat().map(({ id }) => id)).toEqual(down)
    const ranges = await itemsOf(enumerators.batchRanges(env.DB, visits, { batchSize: 7 }))
    const found: number[][] = []
    for (const { where, params, count } of ranges) {
      const { results } = await env.DB.prepare(`SELECT id FROM visits_down WHERE ${where}`)
        .bind(...params)
        .all<{ id: number }>()
      expect(results).toHaveLength(count)
      found.push(results.map(({ id }) => id).toSorted((one, other) => other - one))
    }
    expect(found.flat()).toEqual(down)
  })

  it('with `from` it begins with that row, and the size is of what is below it', async () => {
    const from = ['2026-01-02', 15] as Cursor
    const walk = enumerators.records(env.DB, visits, { from })
    expect((await itemsOf(walk)).map(({ id }) => id)).toEqual(upTo(15).toReversed())
    expect(await walk.size?.()).toBe(15)
    const day = enumerators.records(env.DB, visits, { cursor: '2026-01-01' })
    expect((await itemsOf(day)).map(({ id }) => id)).toEqual(upTo(9).toReversed())
  })

  it('searches by the index, as upwards', async () => {
    const { results } = await env.DB.prepare(
      'EXPLAIN QUERY PLAN SELECT * FROM (SELECT day, id FROM visits_down) WHERE (`day`, `id`) < (?, ?) ORDER BY `day` DESC, `id` DESC LIMIT 8',
    )
      .bind('2026-01-02', 15)
      .all<{ detail: string }>()
    expect(results.map(({ detail }) => detail).join()).toMatch(/^SEARCH .*INDEX visits_down_by_day/)
  })

  it('refuses null in a key column, though no comparison meets it', async () => {
    await env.DB.prepare('CREATE TABLE sparse (a INTEGER, b TEXT)').run()
    await env.DB.prepare(`INSERT INTO sparse VALUES (1, 'x'), (2, NULL), (2, 'y'), (3, 'z')`).run()
    const query: RecordQuery<unknown> = {
      sql: 'SELECT a, b FROM sparse',
      by: ['a', 'b'],
      order: 'desc',
    }
    for (const walk of [
      enumerators.records(env.DB, query, { pageSize: 1 }),
      enumerators.batchRanges(env.DB, query, { batchSize: 2 }),
    ]) {
      await expect(itemsOf<unknown, Cursor>(walk)).rejects.toThrow('cursor column b is null')
    }
  })

  it('a run that is cut after each item does each once, and its ledger has no gap', async () => {
    const run = await runOf(
      defineIteration({
        name: 'downwards',
        budget: { items: 4 },
        buildEnumerator: ({ cursor }) =>
          enumerators.records(env.DB, visits, { cursor, pageSize: 3 }),
        eachIteration: ({ id }, { effects, run: { id: self } }) => append(effects, self, id),
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { total: 30 } })
    expect(await run.appended()).toEqual(upTo(30))
    expect((await verifyLedger(env.DB, run.id)).filter(({ ok }) => !ok)).toEqual([])
  })

  it('any other order is refused', () => {
    const query = { ...visits, order: 'down' as never }
    expect(() => enumerators.records(env.DB, query, {})).toThrow(`order is "down"; expected 'asc'`)
  })
})

describe('the end of a query', () => {
  it.each([';', ' ; ', ';;', ';\n-- done; really', '; /* all; */', ' -- no end;'])(
    'may be %j',
    async (end) => {
      const sql = `SELECT id, ';' AS text FROM visits_down WHERE id <= ?${end}`
      const walk = enumerators.records<Visit>(env.DB, { sql, params: [3] }, {})
      expect((await itemsOf(walk)).map(({ id }) => id)).toEqual([1, 2, 3])
      expect(await walk.size?.()).toBe(3)
    },
  )

  it.each(['; SELECT 2', `; 'text'`, '; DELETE FROM visits_down;'])('may not be %j', (end) => {
    const sql = `SELECT id FROM visits_down${end}`
    expect(() => enumerators.records(env.DB, { sql }, {})).toThrow('more than one statement')
  })
})
