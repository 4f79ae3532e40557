import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { enumerators, type RecordQuery } from '../../../src/engine/index.ts'
import { itemsOf } from '../../support/walks.ts'
import { itemsInParts, partsOf } from '../../support/parts.ts'
import { plansOf } from '../../support/query-plans.ts'

type Query = RecordQuery<Record<string, unknown>>

const ROWS = 20_000

/** Key columns of tables, and the values of row `i`, from 0 up. */
const SHAPES = {
  'dense integers': ['id INTEGER', 'i'],
  'integers with gaps': ['id INTEGER', 'i * 7 + i / 100 * 50000 + i / 5000 * 900000000'],
  'integers with one far away': ['id INTEGER', 'iif(i = 19999, 1000000000000, i)'],
  '90 % of the rows in 1 % of the range': [
    'id INTEGER',
    `CASE WHEN i < 1000 THEN i * 5000 WHEN i < 19000 THEN 5000000 + (i - 1000) * 6 ELSE 5200000 + (i - 19000) * 4800 END`,
  ],
  'reals that grow apart': ['id REAL', 'i * i * 0.001'],
  UUIDs: [
    'id TEXT',
    `printf('%08x-%04x-4%03x-8%03x-%012x', i * 2654435761 % 4294967296, i * 40503 % 65536, i * 7 % 4096, i * 11 % 4096, i)`,
  ],
  times: ['id TEXT', `strftime('%Y-%m-%dT%H:%M:%fZ', 1760000000 + i * 997, 'unixepoch')`],
  'days, and ids in them': ['day TEXT, id INTEGER', `date('2026-01-01', (i / 60) || ' days'), i`],
  'days that grow': [
    'day TEXT, id INTEGER',
    `date('2026-01-01', CAST(sqrt(i) AS INTEGER) || ' days'), i`,
  ],
  'a few days': ['day TEXT, id INTEGER', `'2026-01-0' || (i / 7000 + 1), i`],
  'one tenant': ['tenant TEXT, id INTEGER', `'acme', i * 3`],
  'integers and texts': ['id', `iif(i % 2, i, printf('k%05d', i))`],
} as const
type Shape = keyof typeof SHAPES

const shapes = Object.keys(SHAPES) as Shape[]
const tableOf = (shape: Shape) => `cut_${shapes.indexOf(shape)}`

function queryOf(shape: Shape, order: 'asc' | 'desc' = 'asc'): Query {
  const by = SHAPES[shape][0].split(', ').map((column) => column.split(' ')[0] ?? '')
  return { sql: `SELECT ${by.join(', ')} FROM ${tableOf(shape)}`, by, order }
}

beforeAll(async () => {
  for (const shape of shapes) {
    const [columns, values] = SHAPES[shape]
    const table = tableOf(shape)
    await env.DB.batch([
      env.DB.prepare(`CREATE TABLE ${table} (${columns}, done INTEGER DEFAULT 0)`),
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS - 1})
         INSERT INTO ${table} SELECT ${values}, i % 3 FROM n`,
      ),
      env.DB.prepare(
        `CREATE UNIQUE INDEX ${table}_by_key ON ${table} (${[queryOf(shape).by].flat().join(', ')})`,
      ),
    ])
  }
}, 60_000)

/** The same rows, by a query with bounds of its own: SQLite is not to search by those. */
function boundedQuery(shape: Shape, order: 'asc' | 'desc'): Query {
  const { sql, by } = queryOf(shape)
  return { sql: `${sql} WHERE id >= ? AND id <= ?`, params: [0, 1e12], ...(by && { by }), order }
}

/** D1 with a count of the rows that it reads and of its statements. */
function counting() {
  const read = { rows: 0, statements: 0 }
  const db = new Proxy(env.DB, {
    get: () => (sql: string) => ({
      bind: (...values: unknown[]) => ({
        async all() {
          const result = await env.DB.prepare(sql)
            .bind(...values)
            .all()
          read.rows += result.meta.rows_read
          read.statements += 1
          return result
        },
        async first() {
          const { results } = await this.all()
          return results[0] ?? null
        },
      }),
    }),
  })
  return { read, db }
}

const cutsOf = (query: Query, count: number, db = env.DB) =>
  partsOf(enumerators.records(db, query, {})).cut(count)

const inParts = (query: Query, count: number) =>
  itemsInParts((at) => enumerators.records(env.DB, query, { ...at, pageSize: 10_000 }), count)

describe.each(shapes)('a cut of %s', (shape) => {
  it.each(['asc', 'desc'] as const)(
    'reads few rows, and makes parts much alike: %s',
    async (order) => {
      const query = queryOf(shape, order)
      const { read, db } = counting()
      await cutsOf(query, 8, db)
      expect(read.rows).toBeLessThan(2_500)
      expect(read.statements).toBeLessThanOrEqual(10)
      const parts = await inParts(query, 8)
      const all = await itemsOf(enumerators.records(env.DB, query, { pageSize: 10_000 }))
      expect(parts.flat()).toEqual(all)
      expect(Math.max(...parts.map((items) => items.length))).toBeLessThan((ROWS / 8) * 1.5)
    },
  )
})

describe.each(['dense integers', 'one tenant'] as const)('a query with bounds: %s', (shape) => {
  it.each(['asc', 'desc'] as const)(
    'is cut, and its parts read, by the bounds of the parts: %s',
    async (order) => {
      const query = boundedQuery(shape, order)
      const cut = counting()
      const cuts = await cutsOf(query, 8, cut.db)
      expect(cuts).toHaveLength(7)
      expect(cut.read.rows).toBeLessThan(2_500)
      const part = counting()
      const walk = enumerators.records(part.db, query, {
        cursor: cuts[2] ?? null,
        pageSize: 1_000,
      })
      const items = await itemsOf(partsOf(walk).until(cuts[3] as never))
      expect(items.length).toBeGreaterThan(2_000)
      // Not the rows beyond its end, of which there are 10,000.
      expect(part.read.rows).toBeLessThan(items.length * 2.5)
    },
  )
})

describe('a cut', () => {
  it('searches by the index, and scans no table', async () => {
    for (const shape of ['dense integers', 'days, and ids in them', 'UUIDs'] as const) {
      for (const order of ['asc', 'desc'] as const) {
        const plans = await plansOf((db) => cutsOf(queryOf(shape, order), 8, db))
        const table = tableOf(shape)
        const [ends, probes] = [
          `SCAN ${table} USING COVERING INDEX ${table}_by_key`,
          `SEARCH ${table} USING`,
        ]
        expect(plans.filter((plan) => plan === ends)).toHaveLength(2)
        expect(plans.filter((plan) => plan.startsWith(probes)).length).toBeGreaterThan(3)
        expect(
          plans
            .filter((plan) => plan.includes(table))
            .every((plan) => plan === ends || plan.startsWith(probes)),
        ).toBe(true)
      }
    }
  })

  it('of what is left begins after the cursor, or with `from`, and ends with its own end', async () => {
    const query = queryOf('days, and ids in them')
    const all = await itemsOf(enumerators.records(env.DB, query, { pageSize: 10_000 }))
    const places = (cuts: readonly unknown[]) =>
      cuts.map((key) => all.findIndex(({ day, id }) => String([day, id]) === String(key)))
    const [after, last] = [all[12_000], all[16_000]].map((row) => [row?.['day'], row?.['id']]) as [
      never,
      never,
    ]
    for (const at of [{ cursor: after }, { from: after }]) {
      const walk = partsOf(enumerators.records(env.DB, query, at)).until(last)
      const [one = 0, two = 0, three = 0] = places(await partsOf(walk).cut(4))
      for (const [place, wanted] of [
        [one, 13_000],
        [two, 14_000],
        [three, 15_000],
      ] as const)
        expect(Math.abs(place - wanted)).toBeLessThan(300)
    }
  })

  it('of rows that the query leaves out in part is as even', async () => {
    const { sql, by } = queryOf('integers with gaps')
    const query: Query = { sql: `${sql} WHERE done = ?`, params: [1], by: by ?? [] }
    const parts = await inParts(query, 8)
    expect(Math.max(...parts.map((items) => items.length))).toBeLessThan((ROWS / 24) * 1.5)
    expect(parts).toHaveLength(8)
  })

  it('into many parts still gives each some rows', async () => {
    const parts = await inParts(queryOf('dense integers'), 64)
    expect(parts.length).toBeGreaterThan(50)
    expect(Math.min(...parts.map((items) => items.length))).toBeGreaterThan(0)
  })

  it('gives few where D1 orders texts by other rules, and none that overlap', async () => {
    await env.DB.batch([
      env.DB.prepare('CREATE TABLE cut_words (word TEXT COLLATE NOCASE UNIQUE)'),
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 1999)
         INSERT INTO cut_words SELECT substr('aBcDeFgHiJkLmNoPqRsTuVwXyZ', i % 26 + 1, 1) || i FROM n`,
      ),
    ])
    for (const order of ['asc', 'desc'] as const) {
      const query: Query = { sql: 'SELECT word FROM cut_words', by: 'word', order }
      const all = await itemsOf(enumerators.records(env.DB, query, {}))
      expect((await inParts(query, 8)).flat()).toEqual(all)
    }
  })

  it('passes over keys that the walk refuses when it comes to them', async () => {
    await env.DB.batch([
      env.DB.prepare('CREATE TABLE cut_bytes (a INTEGER, b)'),
      env.DB.prepare('CREATE INDEX cut_bytes_by_key ON cut_bytes (a, b)'),
      env.DB.prepare(
        `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
         INSERT INTO cut_bytes SELECT i, iif(i = 500, x'00', iif(i BETWEEN 600 AND 700, 9e999, i)) FROM n`,
      ),
    ])
    const query: Query = { sql: 'SELECT a, b FROM cut_bytes', by: ['a', 'b'] }
    expect(await cutsOf(query, 50)).not.toContainEqual([expect.anything(), null])
    await expect(inParts(query, 8)).rejects.toThrow('cursor column b is')
  })
})
