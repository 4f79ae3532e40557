import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  defineIteration,
  enumerators,
  type Cursor,
  type RecordQuery,
} from '../../../src/engine/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { append, appendRecords } from '../../support/jobs.ts'
import {
  appended,
  createTables,
  deliver,
  drain,
  driving,
  start,
  upTo,
  view,
} from '../../support/drive.ts'
import { processOrders } from '../../../src/shop/jobs/process-orders.ts'
import { processOrdersIteration } from '../../../src/shop/jobs/process-orders-iteration.ts'
import { seedShop } from '../../../src/shop/data/seed.ts'
import { takeSnapshot } from '../../../src/shop/data/snapshot.ts'
import { FaultyDatabase } from '../../../src/testing/faulty-database.ts'
import { isCommit, nth } from '../../support/mortal.ts'

interface Event {
  day: string
  id: number
}

beforeAll(async () => {
  await createTables()
  await env.DB.batch([
    env.DB.prepare('CREATE TABLE events (id INTEGER, day TEXT)'),
    env.DB.prepare('CREATE UNIQUE INDEX events_by_day ON events (day, id)'),
    // Inserted out of order, with many ties on the first column.
    env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 29)
       INSERT INTO events SELECT (i * 7) % 30, '2026-01-0' || ((i * 7) % 30 / 10 + 1) FROM n`,
    ),
    env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) INSERT INTO numbers SELECT i FROM n`,
    ),
  ])
})

const events: RecordQuery<Event> = { sql: 'SELECT day, id FROM events', by: ['day', 'id'] }

async function walk<Row>(
  query: RecordQuery<Row>,
  options: { cursor?: Cursor; from?: Cursor; pageSize?: number } = {},
): Promise<[Row, Cursor][]> {
  const pairs: [Row, Cursor][] = []
  for await (const [row, cursor] of enumerators.records(env.DB, query, options))
    pairs.push([row, cursor])
  return pairs
}

describe('enumerators.records', () => {
  it('J76 S07 S28 S29 walks in key order, whatever the order of the rows, and knows how many there are', async () => {
    const all = await walk(events, { pageSize: 7 })
    expect(all.map(([{ id }]) => id)).toEqual(upTo(30).map((id) => id - 1))
    expect(await enumerators.records(env.DB, events, {}).size?.()).toBe(30)
    const none = { ...events, sql: 'SELECT day, id FROM events WHERE id > 99' }
    expect(await walk(none)).toEqual([])
    expect(await enumerators.records(env.DB, none, {}).size?.()).toBe(0)
  })

  it('J85 J86 resumes exactly after any cursor, with ties told apart, at every page size', async () => {
    const all = await walk(events)
    for (const pageSize of [1, 3, 10, 30, 31]) {
      for (const [position, [, cursor]] of all.entries()) {
        expect(await walk(events, { cursor, pageSize })).toEqual(all.slice(position + 1))
      }
    }
  })

  it('begins with the row of `from`, which is the cursor of a step', async () => {
    const numbers: RecordQuery<{ id: number }> = {
      sql: 'SELECT id FROM numbers WHERE id <= ?',
      params: [5],
    }
    expect((await walk(numbers, { from: 3 })).map(([{ id }]) => id)).toEqual([3, 4, 5])
    expect(await enumerators.records(env.DB, numbers, { from: 3 }).size?.()).toBe(3)
    expect((await walk(numbers, { cursor: 3 })).map(([{ id }]) => id)).toEqual([4, 5])
  })

  it('takes a cursor with fewer values than columns as a prefix, so that a column can be added', async () => {
    const rest = await walk(events, { cursor: '2026-01-02' })
    expect(rest.map(([{ id }]) => id)).toEqual(
      upTo(30)
        .map((id) => id - 1)
        .slice(10),
    )
  })

  it('J190 refuses null, and what is not selected, in a cursor column', async () => {
    const withNull: RecordQuery<Event> = {
      sql: 'SELECT NULL AS day, id FROM events',
      by: ['day', 'id'],
    }
    await expect(walk(withNull)).rejects.toThrow('cursor column day is null')
    const missing: RecordQuery<Event> = { sql: 'SELECT id AS number FROM events' }
    await expect(walk(missing)).rejects.toThrow()
    // In double quotes D1 would take the name for a text, and count all rows.
    await expect(
      enumerators.records(env.DB, { ...events, by: 'dya' }, { from: 'x' }).size?.(),
    ).rejects.toThrow('no such column: dya')
  })

  it('J83 refuses two rows with one key before the first is done, within a page and across its end', async () => {
    const byDay: RecordQuery<Event> = { sql: 'SELECT day FROM events', by: 'day' }
    for (const pageSize of [1, 2, 10, 500]) {
      const seen: string[] = []
      const untilError = async () => {
        for await (const [{ day }] of enumerators.records(env.DB, byDay, { pageSize }))
          seen.push(day)
      }
      await expect(untilError()).rejects.toThrow(
        `two rows have day = "2026-01-01"; expected a key of their own`,
      )
      expect(seen).toEqual([])
    }
    const days: RecordQuery<Event> = { sql: 'SELECT DISTINCT day FROM events', by: 'day' }
    expect((await walk(days, { pageSize: 1 })).map(([, cursor]) => cursor)).toEqual([
      '2026-01-01',
      '2026-01-02',
      '2026-01-03',
    ])
  })

  it('J88 J89 J92 keeps dates as the texts that D1 stores, one value per column', async () => {
    const [first] = await walk(events)
    expect(first?.[1]).toEqual(['2026-01-01', 0])
    const [next] = await walk(events, { cursor: ['2026-01-01', 9] })
    expect(next).toEqual([{ day: '2026-01-02', id: 10 }, ['2026-01-02', 10]])
  })

  it('J91 has a size whatever the query selects beside the key', async () => {
    const computed: RecordQuery<{ id: number }> = {
      sql: `SELECT id, upper('x') AS "a b", day AS day FROM events WHERE day > ?2 AND id < ?1 AND day > ?2`,
      params: [15, '2026-01-01'],
    }
    expect(await enumerators.records(env.DB, computed, {}).size?.()).toBe(5)
    expect((await walk(computed, { cursor: 12 })).map(([{ id }]) => id)).toEqual([13, 14])
  })

  it.each([
    ['SELECT id FROM events WHERE id > ?', [], 'found 0 params; expected 1'],
    ["SELECT id FROM events WHERE day <> '?'", [1], 'found 1 params; expected 0'],
    ['SELECT id FROM events WHERE id > ?2', [1], 'found 1 params; expected 2'],
  ])('refuses a number of params that the query does not take: %s', (sql, params, message) => {
    expect(() => enumerators.records(env.DB, { sql, params }, {})).toThrow(message)
  })

  it('J82 charges each page that it reads to the run', async () => {
    const job = defineIteration({
      name: 'count-pages',
      buildEnumerator: (context) =>
        context.enumerators.records<{ id: number }>(
          context.env.DB,
          { sql: 'SELECT id FROM numbers WHERE id <= 40' },
          { cursor: context.cursor, pageSize: context.params.pageSize },
        ),
      params: z.strictObject({ pageSize: z.number() }),
      eachIteration: () => undefined,
    })
    const statements = async (pageSize: number): Promise<number> => {
      const run = await start(job, { params: { pageSize }, commit: { everyItems: 40 } })
      return (await drain(run, { jobs: new Registry([job]) })).cost.d1Statements
    }
    expect((await statements(4)) - (await statements(40))).toBe(9)
  })

  it('refuses an integer beyond 2^53, where D1 loses digits', async () => {
    const large: RecordQuery<{ id: number }> = { sql: 'SELECT 9007199254740993 AS id' }
    await expect(walk(large)).rejects.toThrow('CAST(id AS TEXT)')
  })

  it('J20 J116 refuses ORDER BY and LIMIT of its own, but not inside', async () => {
    const query = (sql: string) => () => enumerators.records(env.DB, { sql }, {})
    expect(query('SELECT id FROM numbers ORDER BY id DESC')).toThrow('found ORDER BY')
    expect(query('SELECT id FROM numbers limit 5')).toThrow('found LIMIT')
    expect(query(`SELECT id, 'no limit, no order by' AS text FROM numbers -- limit`)).not.toThrow()
    expect(
      query('SELECT id, (SELECT max(id) FROM numbers ORDER BY id LIMIT 1) AS x FROM numbers'),
    ).not.toThrow()
  })

  it('refuses a cursor of another shape', async () => {
    for (const cursor of [true, 1n, { id: 1 }, ['a', 1, 2], []] as Cursor[]) {
      expect(() => enumerators.records(env.DB, events, { cursor })).toThrow(
        expect.objectContaining({
          code: 'invalid_cursor',
          message: expect.stringContaining('does not fit the columns day, id'),
        }),
      )
    }
  })

  it('reads the next page while this one is worked on, and not one page more', async () => {
    let reads = 0
    const db = new FaultyDatabase(env.DB, () => {
      reads += 1
      return undefined
    })
    const numbers: RecordQuery<{ id: number }> = { sql: 'SELECT id FROM numbers' }
    const seen: number[] = []
    for await (const [{ id }] of enumerators.records(db.binding, numbers, { pageSize: 10 })) {
      seen.push(reads)
      if (id === 25) break
    }
    expect([seen[0], seen[9], seen[10], seen[24]]).toEqual([2, 2, 3, 4])
  })
})

describe('I07 cost per item is flat', () => {
  it('reads as many rows for the last page as for the first, and keeps nothing that grows', async () => {
    const hundred = { ...appendRecords, budget: { items: 100 } }
    const run = await start(hundred, { commit: { everyItems: 100 } })
    const rowsRead: number[] = []
    const sizes: number[] = []
    while ((await view(run)).status !== 'completed') {
      const before = (await view(run)).cost.d1RowsRead
      await deliver(run, { jobs: new Registry([hundred]) })
      const after = await view(run)
      rowsRead.push(after.cost.d1RowsRead - before)
      sizes.push(JSON.stringify(await driving(run)).length)
    }
    const { results: ledger } = await env.DB.prepare(
      'SELECT items FROM dogear_ledger WHERE run_id = ?',
    )
      .bind(run)
      .all()
    expect(ledger.length).toBeGreaterThan(20)
    // Pages are read ahead, so single slices differ; a part of the run does not.
    const sum = (slices: number[]): number => slices.reduce((total, rows) => total + rows, 0)
    const [first, last] = [sum(rowsRead.slice(1, 8)), sum(rowsRead.slice(8, 15))]
    expect(Math.abs(last - first) / first).toBeLessThan(0.15)
    expect(Math.max(...sizes.slice(2)) - Math.min(...sizes.slice(2))).toBeLessThan(60)
    expect(await appended(run)).toEqual(upTo(2000))
  })

  it('never scans: each page is a search by the index', async () => {
    const plans: string[] = []
    const explained = new Proxy(env.DB, {
      get: (db, property) =>
        property === 'prepare'
          ? (sql: string) => ({
              bind: (...values: unknown[]) => ({
                async all() {
                  const { results } = await db
                    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
                    .bind(...values)
                    .all<{ detail: string }>()
                  plans.push(results.map(({ detail }) => detail).join('; '))
                  return db
                    .prepare(sql)
                    .bind(...values)
                    .all()
                },
              }),
            })
          : Reflect.get(db, property),
    })
    for await (const _pair of enumerators.records(explained, events, {
      cursor: ['2026-01-01', 3],
      pageSize: 10,
    }));
    expect(plans.length).toBeGreaterThan(2)
    for (const plan of plans)
      expect(plan).toMatch(/^SEARCH events USING COVERING INDEX events_by_day/)
  })
})

describe('I16 a page read ahead is as of before the last commit', () => {
  const settle = defineIteration({
    name: 'settle-numbers',
    commit: { everyItems: 1 },
    buildEnumerator: (context) =>
      context.enumerators.records<{ id: number }>(
        context.env.DB,
        { sql: 'SELECT id FROM numbers WHERE id <= 20' },
        { cursor: context.cursor, pageSize: 5 },
      ),
    eachIteration: (row, { effects, run }) => append(effects, run.id, row.id),
  })

  it('is dropped by a raise: after an unknown outcome the walk begins again from what D1 says', async () => {
    const run = await start(settle)
    const fails = nth(8, isCommit)
    const reads: string[] = []
    const db = new FaultyDatabase(env.DB, (call) => {
      if (call.sql.some((sql) => sql.startsWith('SELECT * FROM (SELECT id FROM numbers')))
        reads.push(call.sql[0] ?? '')
      return fails(call) ? 'lost_answer' : undefined
    })
    await deliver(run, { DB: db.binding, jobs: new Registry([settle]) })
    expect(await view(run)).toMatchObject({ status: 'completed', slices: 1 })
    expect(await appended(run)).toEqual(upTo(20))
    // Five pages of an undisturbed walk (the last one short), and those read again.
    expect(reads.length).toBeGreaterThan(5)
  })

  it('so an effect repeats its condition: of two runs over the same rows each row is handled once', async () => {
    await seedShop(env.DB, { orders: 60, customers: 5 })
    const runs = [
      await start(processOrders, { commit: { everyItems: 3 } }),
      await start(processOrdersIteration, { commit: { everyItems: 4 } }),
    ]
    await Promise.all(runs.map((run) => drain(run)))
    expect(await takeSnapshot(env.DB)).toMatchObject({
      orders: { pending: 0, processed: 60 },
      logRows: 60,
      duplicates: 0,
    })
  })
})
