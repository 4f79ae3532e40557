import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  enumerators,
  type BatchOptions,
  type BatchRange,
  type RecordQuery,
} from '../../../src/engine/index.ts'
import { FaultyDatabase } from '../../../src/testing/faulty-database.ts'
import { itemsOf, itemsOneByOne, pairsOf } from '../../support/walks.ts'
import { upTo } from '../../support/drive.ts'

interface Visit {
  day: string
  id: number
}

beforeAll(async () => {
  await env.DB.batch([
    env.DB.prepare('CREATE TABLE visits (id INTEGER, day TEXT, seen INTEGER DEFAULT 0)'),
    env.DB.prepare('CREATE UNIQUE INDEX visits_by_day ON visits (day, id)'),
    env.DB.prepare('CREATE UNIQUE INDEX visits_by_id ON visits (id)'),
    env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 9)
       INSERT INTO visits (id, day) SELECT (i * 7) % 10 + 1, '2026-01-0' || (((i * 7) % 10 + 1) / 4 + 1) FROM n`,
    ),
  ])
})

const byId: RecordQuery<{ id: number }> = { sql: 'SELECT id FROM visits' }
const byDay: RecordQuery<Visit> = { sql: 'SELECT day, id FROM visits', by: ['day', 'id'] }
const none: RecordQuery<Visit> = { sql: 'SELECT id FROM visits WHERE id > 99' }

function batches<Row>(query: RecordQuery<Row>, options: BatchOptions = {}) {
  return enumerators.batches(env.DB, query, options)
}

function ranges<Row>(query: RecordQuery<Row>, options: BatchOptions = {}) {
  return enumerators.batchRanges(env.DB, query, options)
}

async function idsIn(range: BatchRange): Promise<number[]> {
  const { results } = await env.DB.prepare(
    `SELECT id FROM visits WHERE ${range.where} ORDER BY day, id`,
  )
    .bind(...range.params)
    .all<{ id: number }>()
  return results.map(({ id }) => id)
}

/** The database with a count of what it was asked. */
function counting() {
  const asked: string[] = []
  const { binding } = new FaultyDatabase(env.DB, ({ sql }) => {
    asked.push(...sql)
    return undefined
  })
  return { asked, binding }
}

describe('enumerators.batches', () => {
  it('J77 J80 S08 S31 gives arrays of rows with the last key of each, of any size', async () => {
    const sizes = async (batchSize: number) =>
      (await pairsOf(batches(byId, { batchSize }))).map(([rows, cursor]) => [
        rows.map(({ id }) => id),
        cursor,
      ])
    expect(await sizes(3)).toEqual([
      [[1, 2, 3], 3],
      [[4, 5, 6], 6],
      [[7, 8, 9], 9],
      [[10], 10],
    ])
    expect(await sizes(5)).toEqual([
      [[1, 2, 3, 4, 5], 5],
      [[6, 7, 8, 9, 10], 10],
    ])
    expect(await sizes(11)).toEqual([[upTo(10), 10]])
  })

  it('J76 S32 gives nothing for no rows, of size 0', async () => {
    expect(await pairsOf(batches(none))).toEqual([])
    expect(await batches(none).size?.()).toBe(0)
  })

  it('has the number of batches as its size, also after a resume', async () => {
    for (const [batchSize, size] of [
      [2, 5],
      [3, 4],
      [10, 1],
    ] as const) {
      expect(await batches(byId, { batchSize }).size?.()).toBe(size)
      expect(await batches(byId, { batchSize, cursor: 6 }).size?.()).toBe(size)
    }
  })

  it('J85 J86 resumes after any cursor, also with another batch size', async () => {
    const pairs = await pairsOf(batches(byDay, { batchSize: 3 }))
    const all = pairs.flatMap(([rows]) => rows)
    let done = 0
    for (const [rows, cursor] of pairs) {
      done += rows.length
      for (const batchSize of [1, 2, 4, 99]) {
        const rest = await itemsOf(batches(byDay, { cursor, batchSize }))
        expect(rest.flat()).toEqual(all.slice(done))
      }
    }
  })

  it('stopped after every batch, gives the same batches once each', async () => {
    const whole = await itemsOf(batches(byDay, { batchSize: 4 }))
    expect(await itemsOneByOne((at) => batches(byDay, { ...at, batchSize: 4 }))).toEqual(whole)
  })

  it('J118 J190 refuses null in a key column, and equal keys where a batch ends', async () => {
    const withNull: RecordQuery<Visit> = {
      sql: 'SELECT nullif(day, ?) AS day, id FROM visits',
      params: ['2026-01-02'],
      by: ['day', 'id'],
    }
    await expect(pairsOf(batches(withNull))).rejects.toThrow(
      'enumerators.batches: cursor column day is null',
    )
    const days: RecordQuery<Visit> = { sql: 'SELECT day FROM visits', by: 'day' }
    await expect(pairsOf(batches(days, { batchSize: 2 }))).rejects.toThrow('two rows have day')
    // Days have 3, 4 and 3 visits here.
    expect((await itemsOf(batches(days, { batchSize: 10 })))[0]).toHaveLength(10)
  })

  it.each([0, 1.5, -1, Number.NaN])('refuses the batch size %s', (batchSize) => {
    const message = `got batchSize ${batchSize}; expected a whole number from 1 up`
    expect(() => batches(byId, { batchSize })).toThrow(message)
    expect(() => ranges(byId, { batchSize })).toThrow(message)
  })
})

describe('enumerators.batchRanges', () => {
  it('J97 J106 J107 S34 gives the ends of each batch, with the last key as its cursor', async () => {
    const pairs = await pairsOf(ranges(byDay, { batchSize: 4 }))
    expect(pairs.map(([{ from, to, count }, cursor]) => ({ from, to, count, cursor }))).toEqual([
      { from: ['2026-01-01', 1], to: ['2026-01-02', 4], count: 4, cursor: ['2026-01-02', 4] },
      { from: ['2026-01-02', 5], to: ['2026-01-03', 8], count: 4, cursor: ['2026-01-03', 8] },
      { from: ['2026-01-03', 9], to: ['2026-01-03', 10], count: 2, cursor: ['2026-01-03', 10] },
    ])
    const single = await pairsOf(ranges(byId, { batchSize: 6 }))
    expect(single.map(([, cursor]) => cursor)).toEqual([6, 10])
  })

  it.each([1, 2, 3, 5, 10, 11])(
    'J17 J100 J119 J122 its conditions find each row of the query once: in batches of %s',
    async (batchSize) => {
      const odd: RecordQuery<Visit> = {
        sql: `SELECT day, id FROM visits WHERE id % ?2 = 1 AND day <> ?1 -- '?'`,
        params: ['never', 2],
        by: ['day', 'id'],
      }
      for (const [query, expected] of [
        [byDay, upTo(10)],
        [odd, [1, 3, 5, 7, 9]],
      ] as const) {
        const found: number[] = []
        for await (const [range] of ranges(query, { batchSize })) {
          const ids = await idsIn(range)
          expect(ids).toHaveLength(range.count)
          found.push(...ids)
        }
        expect(found).toEqual(expected)
      }
    },
  )

  it('S35 loads no rows: what it reads has the key columns of three rows at most', async () => {
    let rows = 0
    const watched = new Proxy(env.DB, {
      get: (db, property) =>
        property === 'prepare'
          ? (sql: string) => ({
              bind: (...values: unknown[]) => ({
                async all() {
                  const result = await db
                    .prepare(sql)
                    .bind(...values)
                    .all()
                  rows = Math.max(rows, result.results.length)
                  return result
                },
              }),
            })
          : Reflect.get(db, property),
    })
    await pairsOf(enumerators.batchRanges(watched, byId, { batchSize: 4 }))
    expect(rows).toBe(3)
  })

  it('J98 gives the same ranges when it is walked twice', async () => {
    const walk = ranges(byDay, { batchSize: 3 })
    const first = await pairsOf(walk)
    expect(await pairsOf(walk)).toEqual(first)
    expect(first).toHaveLength(4)
  })

  it('J101 J103 J104 has the number of ranges as its size, whatever is selected', async () => {
    const more: RecordQuery<Visit> = { sql: 'SELECT *, 1 AS one FROM visits', by: ['day', 'id'] }
    for (const query of [byId, byDay, more]) {
      expect(await enumerators.batchRanges(env.DB, query, { batchSize: 2 }).size?.()).toBe(5)
      expect(await enumerators.batchRanges(env.DB, query, { batchSize: 3 }).size?.()).toBe(4)
    }
    expect(await ranges(none).size?.()).toBe(0)
    expect(await pairsOf(ranges(none))).toEqual([])
  })

  it('J110 J112 J113 S37 starts after a cursor, or with a key', async () => {
    const after = await itemsOf(ranges(byDay, { cursor: ['2026-01-02', 6], batchSize: 3 }))
    expect((await Promise.all(after.map(idsIn))).flat()).toEqual([7, 8, 9, 10])
    const from = await itemsOf(ranges(byDay, { from: ['2026-01-02', 6], batchSize: 3 }))
    expect((await Promise.all(from.map(idsIn))).flat()).toEqual([6, 7, 8, 9, 10])
    // A key of fewer columns is a prefix, and its rows come again.
    const prefix = await itemsOf(ranges(byDay, { cursor: '2026-01-02', batchSize: 99 }))
    expect((await Promise.all(prefix.map(idsIn))).flat()).toEqual([4, 5, 6, 7, 8, 9, 10])
  })

  it('J115 needs one query for each range', async () => {
    const { asked, binding } = counting()
    await pairsOf(enumerators.batchRanges(binding, byId, { batchSize: 2 }))
    expect(asked).toHaveLength(5)
  })

  it('searches by the index, to read a range and to use it', async () => {
    const { asked, binding } = counting()
    const options = { cursor: ['2026-01-01', 2], batchSize: 3 }
    const [range] = await itemsOf(enumerators.batchRanges(binding, byDay, options))
    const plan = async (sql: string, params: readonly unknown[]) => {
      const { results } = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .bind(...params)
        .all<{ detail: string }>()
      return results.map(({ detail }) => detail).join('; ')
    }
    expect(await plan(asked[0] ?? '', ['2026-01-01', 2])).toContain(
      'SEARCH visits USING COVERING INDEX visits_by_day ((day,id)>(?,?))',
    )
    const update = `UPDATE visits SET seen = 1 WHERE ${range?.where}`
    expect(await plan(update, range?.params ?? [])).not.toContain('SCAN visits')
  })

  it('J116 refuses ORDER BY and LIMIT, when it is built', () => {
    expect(() => ranges({ sql: 'SELECT id FROM visits ORDER BY id' })).toThrow(
      'enumerators.batchRanges: found ORDER BY',
    )
  })

  it('never parts rows with equal keys', async () => {
    const days: RecordQuery<Visit> = { sql: 'SELECT day FROM visits', by: 'day' }
    for (const batchSize of [1, 2, 4]) {
      const found = await Promise.all(
        (await itemsOf(ranges(days, { batchSize }))).map((range) => idsIn(range)),
      )
      expect(found.flat()).toEqual(upTo(10))
    }
    const [first] = await itemsOf(ranges(days, { batchSize: 2 }))
    expect(await idsIn(first as BatchRange)).toEqual([1, 2, 3])
  })

  it('J190 refuses null in any row of the range', async () => {
    for (const position of [1, 4, 5, 7, 10]) {
      const withNull: RecordQuery<Visit> = {
        sql: `SELECT day, nullif(id, ?) AS id FROM visits`,
        params: [position],
        by: ['day', 'id'],
      }
      await expect(pairsOf(ranges(withNull, { batchSize: 5 }))).rejects.toThrow(
        'cursor column id is null; expected a number or a string in every row',
      )
    }
  })

  it('takes a name that needs quotes, and offers the keys for a table that has others', async () => {
    const odd: RecordQuery<object> = {
      sql: 'SELECT id AS "visit, `number`" FROM visits WHERE id > ?',
      params: [4],
      by: 'visit, `number`',
    }
    const [range] = await itemsOf(ranges(odd, { batchSize: 3 }))
    expect(range).toMatchObject({ from: 5, to: 7, count: 3 })
    const { results } = await env.DB.prepare(
      `SELECT id FROM visits WHERE id % ? = 1 AND id IN (${range?.keys}) ORDER BY id`,
    )
      .bind(2, ...(range?.params ?? []))
      .all()
    expect(results).toEqual([{ id: 5 }, { id: 7 }])
  })

  it('holds what is inserted before its end, also before its first row, and nothing twice', async () => {
    const gaps: RecordQuery<{ id: number }> = { sql: 'SELECT id FROM gaps' }
    await env.DB.batch([
      env.DB.prepare('CREATE TABLE gaps (id INTEGER PRIMARY KEY, times INTEGER DEFAULT 0)'),
      env.DB.prepare('INSERT INTO gaps (id) VALUES (10), (20), (30), (40), (50)'),
    ])
    const insertions = [15, 25, 45]
    for await (const [range] of enumerators.batchRanges(env.DB, gaps, { batchSize: 2 })) {
      // 15 lies in the first range, 25 before the second one's first row, 45 before the third one's.
      const id = insertions.shift() ?? 0
      await env.DB.prepare('INSERT INTO gaps (id) VALUES (?)').bind(id).run()
      await env.DB.prepare(`UPDATE gaps SET times = times + ? WHERE ${range.where}`)
        .bind(1, ...range.params)
        .run()
    }
    const { results } = await env.DB.prepare('SELECT id, times FROM gaps ORDER BY id').all()
    expect(results).toEqual([10, 15, 20, 25, 30, 40, 45, 50].map((id) => ({ id, times: 1 })))
  })
})
