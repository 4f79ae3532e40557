import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { enumerators, type Cursor, type RecordQuery, type Walk } from '../../../src/engine/index.ts'
import { buildPart, partsOf } from '../../support/parts.ts'
import { plansOf } from '../../support/query-plans.ts'
import { itemsOf, itemsOneByOne, type Build } from '../../support/walks.ts'

interface Visit {
  day: string
  id: number
}

const exec = (sql: string, ...values: unknown[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .run()

const visits = (order: 'asc' | 'desc' = 'asc'): RecordQuery<Visit> => ({
  sql: 'SELECT day, id FROM end_visits',
  by: ['day', 'id'],
  order,
})

beforeAll(async () => {
  await env.DB.batch([
    env.DB.prepare('CREATE TABLE end_visits (id INTEGER, day TEXT)'),
    env.DB.prepare('CREATE INDEX end_visits_by_day ON end_visits (day, id)'),
    env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 29)
       INSERT INTO end_visits SELECT i, '2026-01-0' || (i / 8 + 1) FROM n`,
    ),
  ])
})

describe('The end of a part of rows', () => {
  it('is not passed for rows that come in later: those meet the part that their key falls into', async () => {
    await exec('CREATE TABLE part_late (id INTEGER PRIMARY KEY)')
    await exec('INSERT INTO part_late VALUES (10), (20), (30), (40)')
    const late = { sql: 'SELECT id FROM part_late' }
    for (const build of [
      (at: { cursor: Cursor | null }) => enumerators.records(env.DB, late, { ...at, pageSize: 1 }),
      (at: { cursor: Cursor | null }) =>
        enumerators.batchRanges(env.DB, late, { ...at, batchSize: 1 }),
    ] as readonly Build<unknown, number>[]) {
      await exec('DELETE FROM part_late WHERE id % 10 <> 0')
      const first = await itemsOneByOne(
        buildPart(build, { after: null, last: 20 }),
        async (items) => {
          if (items.length === 1) await exec('INSERT INTO part_late VALUES (15), (21), (25)')
        },
      )
      const second = await itemsOf(buildPart(build, { after: 20, last: null })({ cursor: null }))
      expect([first.length, second.length]).toEqual([3, 4])
    }
  })

  it('holds without its own row, and in the conditions of ranges', async () => {
    await exec('CREATE TABLE part_gone (id INTEGER PRIMARY KEY, met INTEGER DEFAULT 0)')
    await exec('INSERT INTO part_gone (id) VALUES (10), (30), (40)')
    const gone = { sql: 'SELECT id FROM part_gone' }
    for (const part of [
      { after: null, last: 20 },
      { after: 20, last: null },
    ]) {
      const walk = buildPart(
        (at) => enumerators.batchRanges(env.DB, gone, { ...at, batchSize: 9 }),
        part,
      )
      for (const { where, params } of await itemsOf(walk({ cursor: null })))
        await exec(`UPDATE part_gone SET met = met + 1 WHERE ${where}`, ...params)
    }
    expect((await exec('SELECT met FROM part_gone')).results).toEqual(
      [1, 1, 1].map((met) => ({ met })),
    )
  })

  it.each(['asc', 'desc'] as const)(
    'of fewer columns leaves all that begins with it to the next part: %s',
    async (order) => {
      const all = await itemsOf(enumerators.records(env.DB, visits(order), {}))
      const walk = (cursor: Cursor | null) => enumerators.records(env.DB, visits(order), { cursor })
      const first = await itemsOf(partsOf(walk(null)).until('2026-01-02'))
      expect([...first, ...(await itemsOf(walk('2026-01-02')))]).toEqual(all)
      expect(first).toHaveLength(order === 'asc' ? 8 : 14)
    },
  )

  it.each([null, true, ['a', 1, 2], []])('is refused where it is no key: %j', (last) => {
    const walk = enumerators.records(env.DB, visits(), {})
    expect(() => partsOf(walk).until(last as never)).toThrow('does not fit the columns day, id')
  })

  it.each(['asc', 'desc'] as const)('hides no null: %s', async (order) => {
    await exec('CREATE TABLE IF NOT EXISTS part_nulls (a INTEGER, b INTEGER)')
    for (const nulls of ['NULL, 1', '1, NULL', '2, NULL', '3, NULL']) {
      await exec('DELETE FROM part_nulls')
      await exec(`INSERT INTO part_nulls VALUES (1, 1), (2, 2), (3, 3), (${nulls})`)
      const query = { sql: 'SELECT a, b FROM part_nulls', by: ['a', 'b'], order }
      const inParts = async () => {
        for (const part of [
          { after: null, last: [2, 2] },
          { after: [2, 2], last: null },
        ])
          await itemsOf(
            buildPart((at) => enumerators.records(env.DB, query, at), part)({ cursor: null }),
          )
      }
      await expect(inParts()).rejects.toThrow('is null; expected a number or a string')
    }
  })

  it('is searched by the index, with the start of the part', async () => {
    for (const order of ['asc', 'desc'] as const) {
      const [after, last] = order === 'asc' ? ['01', '03'] : ['03', '01']
      const part = { after: [`2026-01-${after}`, 3], last: [`2026-01-${last}`, 20] }
      for (const build of [enumerators.records, enumerators.batches, enumerators.batchRanges]) {
        const plans = await plansOf((db) => {
          const walk = buildPart(
            (at) => build(db, visits(order), at) as Walk<unknown, readonly (string | number)[]>,
            part,
          )
          return itemsOf(walk({ cursor: null }))
        })
        expect(plans).toContain(
          'SEARCH end_visits USING COVERING INDEX end_visits_by_day ((day,id)>(?,?) AND (day,id)<(?,?))',
        )
        expect(plans.filter((plan) => plan.startsWith('SCAN end_visits'))).toEqual([])
      }
    }
  })
})
