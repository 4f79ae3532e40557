import { env } from 'cloudflare:workers'
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { defineIteration, defineJob, setStatement } from '../../../src/engine/index.ts'
import { verifyLedger } from '../../../src/engine/runs/index.ts'
import { createTables } from '../../support/drive.ts'
import { runOf } from '../../support/run-of.ts'

const exec = (sql: string, ...values: unknown[]) =>
  env.DB.prepare(sql)
    .bind(...values)
    .run()
const ids = async () =>
  (await env.DB.prepare('SELECT id FROM guarded ORDER BY id').all<{ id: number }>()).results.map(
    ({ id }) => id,
  )

beforeAll(async () => {
  await createTables()
  await exec('CREATE TABLE owners (id INTEGER PRIMARY KEY)')
  await exec('CREATE TABLE guarded (id INTEGER PRIMARY KEY)')
  await exec(
    'CREATE TABLE deferred (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED)',
  )
  await exec('CREATE TABLE odd (k TEXT, v)')
})

beforeEach(async () => {
  await exec('DELETE FROM guarded')
  await exec('DROP TRIGGER IF EXISTS picky')
})

const withTrigger = (raise: string) =>
  exec(`CREATE TRIGGER picky BEFORE INSERT ON guarded WHEN new.id = 7 BEGIN SELECT ${raise}; END`)

const insertEach = (sql: string, more = {}) =>
  defineIteration({
    name: 'insert-each',
    retry: { attempts: 3 },
    ...more,
    buildEnumerator: ({ cursor, enumerators }) => enumerators.array([5, 6, 7, 8], { cursor }),
    eachIteration: (id, { effects }) => effects.run(sql, id),
  })
const INSERT = 'INSERT INTO guarded VALUES (?)'

describe('F17 a constraint is a constraint, whatever it says', () => {
  it.each([
    ['truck 7 is overloaded', true],
    ['truck 7 is overloaded', false],
    ['Too many API requests by single Worker invocation', true],
    ['CHECK constraint failed: commit_guard', true],
    ['Network connection lost.', false],
  ])('%s (skip: %s)', async (text, skip) => {
    await withTrigger(`RAISE(ABORT, '${text}')`)
    const run = await runOf(insertEach(INSERT, skip ? { skip: {} } : {}))
    const end = await run.drain()
    expect([end.status, end.progress.skipped]).toEqual(skip ? ['completed', 1] : ['failed', 0])
    if (skip) expect(await ids()).toEqual([5, 6, 8])
  })

  it.each([
    ['RAISE(ABORT)', `RAISE(ABORT, 'no')`, 1],
    ['RAISE(FAIL)', `RAISE(FAIL, 'no')`, 1],
    ['RAISE(IGNORE)', 'RAISE(IGNORE)', 0],
    ['RAISE(ROLLBACK)', `RAISE(ROLLBACK, 'no')`, 1],
  ])('%s: the item at fault alone is skipped', async (_, raise, skipped) => {
    await withTrigger(raise)
    const run = await runOf(insertEach(INSERT, { skip: {} }))
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { skipped } })
    expect(await ids()).toEqual([5, 6, 8])
    expect((await verifyLedger(env.DB, run.id)).filter(({ ok }) => !ok)).toEqual([])
  })

  it('OR ROLLBACK: the item at fault alone is skipped', async () => {
    await exec('INSERT INTO guarded VALUES (7)')
    const run = await runOf(insertEach('INSERT OR ROLLBACK INTO guarded VALUES (?)', { skip: {} }))
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { skipped: 1 } })
    expect(await ids()).toEqual([5, 6, 7, 8])
  })

  it('a deferred foreign key: the item at fault alone is skipped', async () => {
    await exec('INSERT INTO owners VALUES (5), (6), (8)')
    const run = await runOf(
      insertEach('INSERT INTO deferred (id, owner) VALUES (?1, ?1)', { skip: {} }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { skipped: 1 } })
  })

  it('RAISE(ROLLBACK) without `skip` fails the run', async () => {
    await withTrigger(`RAISE(ROLLBACK, 'no')`)
    const run = await runOf(insertEach(INSERT, { retry: { attempts: 2 } }))
    expect((await run.drain()).status).toBe('failed')
  })

  it.each([
    'partner: D1 DB is overloaded',
    'Too many API requests by single Worker invocation.',
    'storage operation exceeded timeout which caused object to be reset',
  ])('what somebody else says is an error like any other: %s', async (text) => {
    const run = await runOf(
      defineIteration({
        name: 'partner',
        skip: {},
        buildEnumerator: ({ cursor, enumerators }) => enumerators.array([1, 2, 3], { cursor }),
        eachIteration(item) {
          if (item === 2) throw new Error(text)
        },
      }),
    )
    expect(await run.slice()).toMatchObject({ status: 'completed', progress: { skipped: 1 } })
  })
})

describe('F16 a row of values that JSON cannot hold is refused, not changed', () => {
  const put = setStatement<{ k: string; v: unknown }>(
    `INSERT INTO odd (k, v) SELECT value ->> 'k', value ->> 'v' FROM json_each(?1)`,
  )
  const stored = async (k: string, v: unknown) => {
    const run = await runOf(
      defineJob({
        name: 'odd',
        retry: { attempts: 1 },
        perform: ({ step, effects }) => step('put', () => effects.add(put, { k, v })),
      }),
    )
    const end = await run.drain()
    const row = await env.DB.prepare('SELECT v, hex(v) AS hex FROM odd WHERE k = ?')
      .bind(k)
      .first<{ v: unknown; hex: string }>()
    return { code: end.error?.code, ...(row as { v?: unknown; hex?: string } | null) }
  }

  it.each([
    ['ArrayBuffer', new Uint8Array([1, 2, 3]).buffer],
    ['Map', new Map([['a', 1]])],
    ['symbol', Symbol('a')],
    ['half an emoji', 'Bob 🐢'.slice(0, 5)],
  ])('%s', async (k, v) => {
    expect(await stored(k, v)).toEqual({ code: 'invalid_effect' })
  })

  it('what JSON holds comes through: NUL, -0, true, undefined, Date, large numbers', async () => {
    expect((await stored('nul', 'a\0b')).hex).toBe('610062')
    expect((await stored('-0', -0)).v).toBe(0)
    expect((await stored('1e21', 1e21)).v).toBe(1e21)
    expect((await stored('true', true)).v).toBe(1)
    expect((await stored('undefined', undefined)).v).toBe(null)
    expect((await stored('date', new Date(0))).v).toBe('1970-01-01T00:00:00.000Z')
  })
})
