import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  defineIteration,
  enumerators,
  setStatement,
  type RecordQuery,
} from '../../../src/engine/index.ts'
import { createTables } from '../../support/drive.ts'
import { runOf } from '../../support/run-of.ts'

const exec = (sql: string, ...values: unknown[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .run()
const seen = setStatement<{ run: string; item: string }>(
  `INSERT INTO odd_seen (run_id, item) SELECT value ->> 'run', value ->> 'item' FROM json_each(?1)`,
)
type Query = RecordQuery<Record<string, unknown>>

beforeAll(async () => {
  await createTables()
  await exec('CREATE TABLE odd_seen (run_id TEXT, item TEXT)')
})

/** How rows are walked: one by one, in batches, or in ranges that are never read. */
type How = 'records' | 'batches' | 'batchRanges'

interface Walked {
  how?: How
  items?: number
  pageSize?: number
}

/** Walks a query in a run that is cut after every `items` items; notes the first selected column. */
async function walked(query: Query, { how = 'records', items = 1, pageSize = 500 }: Walked = {}) {
  const run = await runOf(
    defineIteration({
      name: 'odd-keys',
      budget: { items },
      buildEnumerator: ({ cursor, env: { DB } }) =>
        how === 'records'
          ? enumerators.records(DB, query, { cursor, pageSize })
          : (enumerators[how](DB, query, { cursor, batchSize: pageSize }) as never),
      async eachIteration(found: unknown, { effects, run: { id } }) {
        const rows = how === 'batchRanges' ? await rowsOf(found as never) : [found].flat()
        for (const row of rows as Record<string, unknown>[])
          effects.add(seen, { run: id, item: String(Object.values(row)[0]) })
      },
    }),
  )
  for (let slice = 0; slice < 40; slice++) if ((await run.slice()).finishedAt) break
  const { results } = await env.DB.prepare(
    'SELECT item FROM odd_seen WHERE run_id = ? ORDER BY rowid',
  )
    .bind(run.id)
    .all<{ item: string }>()
  const { status, error } = await run.view()
  return {
    status,
    code: error?.code,
    message: error?.message,
    items: results.map(({ item }) => item),
  }
}

async function rowsOf({ keys, params }: { keys: string; params: unknown[] }) {
  const { results } = await env.DB.prepare(keys)
    .bind(...params)
    .all()
  return results
}

/** Either all of them are met, or the walk is refused: never `completed` with some of them missing. */
function expectNoneLost(
  { status, code, items }: Awaited<ReturnType<typeof walked>>,
  all: readonly string[],
) {
  if (status === 'failed') expect(code).toBe('invalid_enumerator')
  else expect([status, [...items].sort()]).toEqual(['completed', [...all].sort()])
}

const WAYS = [
  ['records, cut after each item', { how: 'records' }],
  ['records, whole, a row a page', { how: 'records', items: 100, pageSize: 1 }],
  ['batches of 2', { how: 'batches', pageSize: 2 }],
  ['batches of 3', { how: 'batches', pageSize: 3 }],
  ['ranges of 2', { how: 'batchRanges', pageSize: 2 }],
] as const

describe('F02 keys that differ and are the same to D1 lose no row (twenty#24359)', () => {
  const ADDRESSES = ['Anna@x.de', 'anna@x.de', 'bob@x.de', 'Bob@x.de', 'BOB@x.de', 'carl@x.de']
  const SPACED = ['a', 'a ', 'a  ', 'b', 'b ', 'c']
  const WITH_NUL = ['a\0b', 'a\0c', 'A\0d', 'b\0x', 'c', 'd']
  beforeAll(async () => {
    for (const [table, collation, texts] of [
      ['odd_mails', 'NOCASE', ADDRESSES],
      ['odd_spaced', 'RTRIM', SPACED],
      ['odd_nul', 'NOCASE', WITH_NUL],
    ] as const) {
      await exec(`CREATE TABLE ${table} (key TEXT COLLATE ${collation} NOT NULL)`)
      // The database itself says that the key is unique.
      await exec(`CREATE UNIQUE INDEX ${table}_by_key ON ${table} (key COLLATE BINARY)`)
      for (const text of texts) await exec(`INSERT INTO ${table} VALUES (?)`, text)
    }
  })

  it.each(WAYS)('by case: %s', async (_, how) => {
    expectNoneLost(await walked({ sql: 'SELECT key FROM odd_mails', by: 'key' }, how), ADDRESSES)
  })
  it.each(WAYS)('by spaces at the end: %s', async (_, how) => {
    expectNoneLost(await walked({ sql: 'SELECT key FROM odd_spaced', by: 'key' }, how), SPACED)
  })
  it.each(WAYS)('behind a NUL: %s', async (_, how) => {
    expectNoneLost(await walked({ sql: 'SELECT key FROM odd_nul', by: 'key' }, how), WITH_NUL)
  })
  it.each(WAYS)('downwards: %s', async (_, how) => {
    const query: Query = { sql: 'SELECT key FROM odd_mails', by: 'key', order: 'desc' }
    expectNoneLost(await walked(query, how), ADDRESSES)
  })

  it('the walk says which two, and what to do', async () => {
    const { message } = await walked({ sql: 'SELECT key FROM odd_mails', by: 'key' })
    expect(message).toContain('["Anna@x.de"] and ["anna@x.de"], which are the same to D1')
    expect(message).toContain(`Name a column more in 'by'`)
  })

  it('a second column tells them apart; and where D1 tells them apart, nothing is refused', async () => {
    const byBoth: Query = { sql: 'SELECT key, rowid AS row FROM odd_mails', by: ['key', 'row'] }
    expectNoneLost(await walked(byBoth), ADDRESSES)
    const binary: Query = { sql: 'SELECT key COLLATE BINARY AS key FROM odd_mails', by: 'key' }
    expect(await walked(binary)).toMatchObject({
      status: 'completed',
      items: [...ADDRESSES].sort(),
    })
    await exec('CREATE TABLE odd_cased (a TEXT NOT NULL, b TEXT COLLATE NOCASE NOT NULL)')
    for (const [a, b] of [
      ['X', 'q'],
      ['x', 'q'],
      ['x', 'Q'],
    ])
      await exec('INSERT INTO odd_cased VALUES (?, ?)', a, b)
    // The first column tells case apart, the second does not: what is known of one holds for it alone.
    expect(await walked({ sql: 'SELECT a, b FROM odd_cased', by: ['a', 'b'] })).toMatchObject({
      status: 'failed',
      code: 'invalid_enumerator',
    })
  })
})

describe('F09 a text key that is no UTF-8 makes no endless walk, and loses no row (turso#5824)', () => {
  const LEGACY = {
    // Anna, M<FC>ller in Latin-1, Zoe: as `sqlite3 .dump` writes such rows.
    latin: ['416E6E61', '4DFC6C6C6572', '5A6F65'],
    // Sorts before its own replacement, so that rows between them would be passed over.
    low: ['4D80', '4DC3BC', '5A6F65'],
    // Half a surrogate pair.
    half: ['41', 'EDA0BD', '5A'],
    // Two that read the same.
    two: ['4DFC', '4DFD', '5A'],
  }
  beforeAll(async () => {
    for (const [table, texts] of Object.entries(LEGACY)) {
      await exec(`CREATE TABLE odd_${table} (name TEXT PRIMARY KEY)`)
      for (const hex of texts)
        await exec(`INSERT INTO odd_${table} VALUES (CAST(x'${hex}' AS TEXT))`)
    }
  })

  for (const table of Object.keys(LEGACY)) {
    it.each(WAYS)(`${table}: %s`, async (_, how) => {
      const { status, code, items } = await walked(
        { sql: `SELECT name FROM odd_${table}`, by: 'name' },
        how,
      )
      expect(items.length).toBeLessThanOrEqual(3)
      if (how.how === 'batchRanges' && status === 'completed') expect(items).toHaveLength(3)
      else expect([status, code]).toEqual(['failed', 'invalid_enumerator'])
    })
  }

  it('also where a run of older code has come to such a key', async () => {
    const walk = enumerators.records(
      env.DB,
      { sql: 'SELECT name FROM odd_latin', by: 'name' },
      { cursor: 'M\uFFFDller' },
    )
    const first = walk[Symbol.asyncIterator]().next()
    await expect(first).rejects.toMatchObject({ code: 'invalid_enumerator' })
  })

  it('U+FFFD itself is a text like any other, and hex(...) walks all', async () => {
    await exec(`CREATE TABLE odd_fffd (name TEXT PRIMARY KEY)`)
    for (const text of ['a', 'b\uFFFD', 'b\uFFFDc', 'd'])
      await exec(`INSERT INTO odd_fffd VALUES (?)`, text)
    const whole = await walked({ sql: 'SELECT name FROM odd_fffd', by: 'name' })
    expect(whole).toMatchObject({ status: 'completed', items: ['a', 'b\uFFFD', 'b\uFFFDc', 'd'] })
    const hex: Query = { sql: 'SELECT hex(name) AS code FROM odd_latin', by: 'code' }
    expect(await walked(hex)).toMatchObject({ status: 'completed', items: LEGACY.latin })
  })
})

describe('numbers as keys', () => {
  const large = ['-1e300', '-1e18', '-9007199254740994.0', '0', '1.5', '1e16', '1e18', '1e300']

  it.each(WAYS)('a REAL of any size is walked: %s', async (_, how) => {
    await exec('CREATE TABLE IF NOT EXISTS odd_reals (at REAL PRIMARY KEY)')
    for (const real of large) await exec(`INSERT OR IGNORE INTO odd_reals VALUES (${real})`)
    expect(await walked({ sql: 'SELECT at FROM odd_reals', by: 'at' }, how)).toMatchObject({
      status: 'completed',
      items: large.map((real) => String(Number(real))),
    })
  })

  it.each(['9007199254740993', '-9007199254740993', '9223372036854775807', '-9223372036854775808'])(
    'the INTEGER %s, whose digits D1 loses, is refused',
    async (id) => {
      await exec('CREATE TABLE IF NOT EXISTS odd_ids (id INTEGER PRIMARY KEY)')
      await exec(`DELETE FROM odd_ids`)
      await exec(`INSERT INTO odd_ids VALUES (${id}), (1)`)
      expect(await walked({ sql: 'SELECT id FROM odd_ids' })).toMatchObject({
        code: 'invalid_enumerator',
        message: expect.stringContaining(`id is ${id}, beyond 2^53`),
      })
    },
  )

  it('-0, and columns of no type and of numbers kept as texts, are walked as D1 orders them', async () => {
    await exec('CREATE TABLE odd_any (k)')
    await exec(`INSERT INTO odd_any VALUES (-0.0), (2.5), ('10'), ('2.5'), ('a'), (3)`)
    expect(await walked({ sql: 'SELECT k FROM odd_any', by: 'k' })).toMatchObject({
      status: 'completed',
      items: ['0', '2.5', '3', '10', '2.5', 'a'],
    })
    await exec('CREATE TABLE odd_texts (k TEXT PRIMARY KEY)')
    await exec(`INSERT INTO odd_texts VALUES (10), (9), (1.5), ('09')`)
    expect(await walked({ sql: 'SELECT k FROM odd_texts', by: 'k' })).toMatchObject({
      status: 'completed',
      items: ['09', '1.5', '10', '9'],
    })
  })
})
