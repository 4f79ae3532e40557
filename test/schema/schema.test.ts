import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { Schema, type SchemaOptions } from '../../src/schema/schema.ts'
import { schemaStatus } from '../../src/schema/status.ts'
import { type SchemaVersion, VERSIONS } from '../../src/schema/versions.ts'
import { batched, emptied, madeIn } from '../support/schema-of.ts'

const db = env.DB
const HEAD = VERSIONS.length
/** These versions, the first one included. */
const upTo = (head: number) => Array.from({ length: head }, (_, index) => index + 1)

/** Versions to come. */
const later = (...statements: string[][]): SchemaVersion[] => [
  ...VERSIONS,
  ...statements.map((sqls, index) => ({
    version: HEAD + 1 + index,
    breaking: false,
    statements: sqls,
  })),
]
const breaking = (version: SchemaVersion): SchemaVersion => ({ ...version, breaking: true })

/** Another isolate: what one has seen, the other does not know. */
const isolate = (options: SchemaOptions = {}) => new Schema(options)
const versionsIn = async () =>
  (await db.prepare('SELECT version FROM dogear_schema ORDER BY version').all()).results.map(
    ({ version }) => version,
  )

/** A database that counts how often it is asked. */
function counted() {
  const asked = { times: 0 }
  const counting = new Proxy(db, {
    get(target, key) {
      if (key === 'prepare' || key === 'batch') asked.times += 1
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  return { asked, db: counting }
}

beforeEach(() => emptied(db))

describe('A Worker that makes its tables itself', () => {
  it('makes all versions in an empty database', async () => {
    expect(await schemaStatus(db)).toMatchObject({
      state: 'outdated',
      found: 0,
      pending: upTo(HEAD),
    })
    await isolate().ready(db)
    expect(await versionsIn()).toEqual(upTo(HEAD))
    expect(await schemaStatus(db)).toMatchObject({ state: 'ready', found: HEAD, pending: [] })
  })

  it('has them in a test whose set-up asks for them', async () => {
    await import('../samples/set-up.ts')
    expect(await versionsIn()).toEqual(upTo(HEAD))
  })

  it("leaves a host's own `runs` and `customers` as they are, byte for byte", async () => {
    await batched(
      db,
      'CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)',
      'CREATE TABLE runs (id TEXT PRIMARY KEY, status TEXT)',
      'CREATE INDEX runs_by_status ON runs (status)',
      'CREATE TABLE ledger (id INTEGER PRIMARY KEY, amount INTEGER)',
      `CREATE TRIGGER runs_gone AFTER DELETE ON runs BEGIN DELETE FROM ledger; END`,
      `INSERT INTO customers VALUES (1, 'Ada')`,
      `INSERT INTO runs VALUES ('marathon', 'active')`,
      'INSERT INTO ledger VALUES (1, 12)',
    )
    const theirs = async () => ({
      made: (await madeIn(db)).filter(({ name }) => !name.startsWith('dogear_')),
      rows: (
        await db.batch(
          ['customers', 'runs', 'ledger'].map((table) => db.prepare(`SELECT * FROM ${table}`)),
        )
      ).map(({ results }) => results),
    })
    const before = await theirs()
    await isolate().ready(db)
    expect(await theirs()).toEqual(before)
    expect(await versionsIn()).toEqual(upTo(HEAD))
  })

  it('asks once, and again after half a minute', async () => {
    let now = 0
    const schema = isolate({ now: () => now })
    const { asked, db: counting } = counted()
    await schema.ready(counting)
    const first = asked.times
    await schema.ready(counting)
    now = 29_999
    await schema.ready(counting)
    expect(asked.times).toBe(first)
    now = 30_000
    await schema.ready(counting)
    expect(asked.times).toBe(first + 1)
    await schema.ready(counting)
    expect(asked.times).toBe(first + 1)
  })

  it('asks once where nothing is to be done', async () => {
    await isolate().ready(db)
    const { asked, db: counting } = counted()
    await isolate().ready(counting)
    expect(asked.times).toBe(1)
  })

  it('asks at once when a table or a column is missing, and makes it', async () => {
    const schema = isolate()
    await schema.ready(db)
    await emptied(db)
    await schema.ready(db, new Error('D1_ERROR: UNIQUE constraint failed: a.b: SQLITE_CONSTRAINT'))
    expect(await madeIn(db)).toEqual([])
    const failed = await db
      .prepare('SELECT * FROM dogear_runs')
      .all()
      .catch((error: unknown) => error)
    await schema.ready(db, failed)
    expect(await versionsIn()).toEqual(upTo(HEAD))
  })

  it('goes by what it has seen while D1 is out of reach', async () => {
    let now = 0
    const schema = isolate({ now: () => now })
    let out = false
    const flaky = new Proxy(db, {
      get(target, key) {
        if (out && key === 'prepare') throw new Error('D1_ERROR: Network connection lost.')
        const value: unknown = Reflect.get(target, key)
        return typeof value === 'function' ? value.bind(target) : value
      },
    })
    out = true
    await expect(schema.ready(flaky)).rejects.toThrow('Network connection lost')
    out = false
    await schema.ready(flaky)
    out = true
    now = 60_000
    await schema.ready(flaky)
  })
})

describe('An upgrade', () => {
  it('is applied once, however many isolates begin it at the same time', async () => {
    const versions = later(
      ['CREATE TABLE dogear_steps_taken (at TEXT)', `INSERT INTO dogear_steps_taken VALUES ('3')`],
      [`INSERT INTO dogear_steps_taken VALUES ('4')`],
    )
    await Promise.all(Array.from({ length: 12 }, () => isolate({ versions }).ready(db)))
    expect(await versionsIn()).toEqual(upTo(HEAD + 2))
    const { results } = await db.prepare('SELECT at FROM dogear_steps_taken ORDER BY at').all()
    expect(results).toEqual([{ at: '3' }, { at: '4' }])
  })

  it('may begin by releases of different age at once', async () => {
    const newer = later(['CREATE TABLE dogear_newer (id INTEGER)'])
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        isolate(index % 2 === 0 ? {} : { versions: newer }).ready(db),
      ),
    )
    expect(await versionsIn()).toEqual(upTo(HEAD + 1))
  })

  it('that fails halfway leaves nothing, and says which version and why', async () => {
    await isolate().ready(db)
    const before = await madeIn(db)
    const half = later([
      'CREATE TABLE dogear_half (id INTEGER)',
      'ALTER TABLE dogear_runs ADD COLUMN half TEXT',
      'INSERT INTO dogear_nowhere VALUES (1)',
      'CREATE TABLE dogear_other_half (id INTEGER)',
    ])
    await expect(isolate({ versions: half }).ready(db)).rejects.toMatchObject({
      code: 'schema_failed',
      message: expect.stringMatching(
        new RegExp(
          `^Version ${HEAD + 1} of Dogear's tables .* nothing of it was kept: .*no such table: dogear_nowhere.*npx dogear migrate`,
        ),
      ),
    })
    expect(await madeIn(db)).toEqual(before)
    expect(await versionsIn()).toEqual(upTo(HEAD))
    // The release that corrects it sees nothing of it.
    await isolate({ versions: later(['CREATE TABLE dogear_half (id INTEGER)']) }).ready(db)
    expect(await versionsIn()).toEqual(upTo(HEAD + 1))
  })

  it('keeps the versions before one that fails', async () => {
    const versions = later(['CREATE TABLE dogear_third (id INTEGER)'], ['CREATE NONSENSE'])
    await expect(isolate({ versions }).ready(db)).rejects.toMatchObject({ code: 'schema_failed' })
    expect(await versionsIn()).toEqual(upTo(HEAD + 1))
  })
})

describe('A database of before there were versions', () => {
  const migrated = (last: string) =>
    applyD1Migrations(
      db,
      env.MIGRATIONS.filter(({ name }) => name <= `${last}~`),
    )

  it('is taken for version 1 when the migrations have made all of it', async () => {
    await migrated('0021')
    await db.prepare(`INSERT INTO dogear_metrics VALUES ('a', '', 'job', 7)`).run()
    expect(await schemaStatus(db)).toMatchObject({
      state: 'outdated',
      found: 1,
      unversioned: true,
      pending: upTo(HEAD).slice(1),
    })
    await Promise.all(Array.from({ length: 6 }, () => isolate().ready(db)))
    expect(await versionsIn()).toEqual(upTo(HEAD))
    expect(await db.prepare('SELECT value FROM dogear_metrics').first('value')).toBe(7)
  })

  it('is taken for it beside indexes of its owner, and tables of wrangler', async () => {
    await migrated('0021')
    await batched(
      db,
      'CREATE INDEX mine ON dogear_runs (style)',
      'CREATE TABLE dogear_migrations (id INTEGER PRIMARY KEY, name TEXT)',
    )
    await isolate().ready(db)
    expect(await versionsIn()).toEqual(upTo(HEAD))
  })

  it.for([
    ['0019', 'tables of Dogear from before they were called'],
    ['0020', 'dogear_alerts is another'],
  ] as const)('is refused at migration %s, with what to type', async ([last, found]) => {
    await migrated(last)
    const before = await madeIn(db)
    await expect(isolate().ready(db)).rejects.toMatchObject({
      code: 'schema_strange',
      message: expect.stringContaining(found),
    })
    await expect(isolate().ready(db)).rejects.toThrow('npx wrangler d1 migrations apply')
    expect(await madeIn(db)).toEqual(before)
    await migrated('0021')
    await isolate().ready(db)
  })

  it('is refused when a part of it is missing', async () => {
    await migrated('0021')
    await db.prepare('DROP INDEX dogear_runs_by_time').run()
    await expect(isolate().ready(db)).rejects.toThrow('dogear_runs_by_time is missing')
  })
})

describe('A Worker that only checks its tables', () => {
  const checks = () => isolate({ mode: 'check' })

  it.for([
    [0, `The database has none of Dogear's tables; expected version ${HEAD}`],
    [1, `Dogear's tables are at version 1; expected version ${HEAD}`],
  ] as const)('refuses those of version %s, and says what to type', async ([version, message]) => {
    if (version > 0) await isolate({ versions: VERSIONS.slice(0, version) }).ready(db)
    const before = await madeIn(db)
    const refused = await checks()
      .ready(db)
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: 'schema_outdated',
      message: expect.stringContaining(message),
    })
    expect(refused).toMatchObject({ message: expect.stringContaining('npx dogear migrate') })
    expect(await madeIn(db)).toEqual(before)
  })

  it('takes those of today, and goes on at once when they have come', async () => {
    const schema = checks()
    await expect(schema.ready(db)).rejects.toMatchObject({ code: 'schema_outdated' })
    await isolate().ready(db)
    await schema.ready(db)
  })
})

it('A Worker that leaves its tables to its owner never asks', async () => {
  const { asked, db: counting } = counted()
  await isolate({ mode: 'manual' }).ready(counting, new Error('no such table: dogear_runs'))
  expect(asked.times).toBe(0)
})

describe('A database that is newer than the code', () => {
  const [next] = later(['CREATE TABLE dogear_third (id INTEGER)']).slice(HEAD) as [SchemaVersion]

  it.for(['auto', 'check'] as const)(
    'is worked on when the new version only adds (%s)',
    async (mode) => {
      await isolate({ versions: [...VERSIONS, next] }).ready(db)
      await isolate({ mode }).ready(db)
      expect(await schemaStatus(db)).toMatchObject({ state: 'ready', found: HEAD + 1, head: HEAD })
    },
  )

  it.for(['auto', 'check'] as const)(
    'is left alone when a new version is breaking (%s)',
    async (mode) => {
      const versions = [...VERSIONS, breaking(next), { ...next, version: HEAD + 2, statements: [] }]
      let now = 0
      const old = isolate({ mode, now: () => now })
      await isolate().ready(db)
      await old.ready(db)
      await isolate({ versions }).ready(db)
      // It was looked at a moment ago.
      await old.ready(db)
      now = 30_000
      await expect(old.ready(db)).rejects.toMatchObject({
        code: 'schema_too_new',
        message: expect.stringContaining(
          `at version ${HEAD + 2}, and code that does not know version ${HEAD + 1} must not work`,
        ),
      })
      await isolate({ mode, versions }).ready(db)
      expect(await schemaStatus(db)).toMatchObject({ state: 'too_new', breaking: HEAD + 1 })
    },
  )

  it('is found to be so at once when a column has gone', async () => {
    const old = isolate()
    await old.ready(db)
    await isolate({ versions: [...VERSIONS, breaking(next)] }).ready(db)
    const error = new Error('D1_ERROR: no such column: seq at offset 7: SQLITE_ERROR')
    await expect(old.ready(db, error)).rejects.toMatchObject({ code: 'schema_too_new' })
  })
})
