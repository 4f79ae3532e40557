import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { migrationFiles } from '../../src/schema/migration-files.ts'
import { Schema } from '../../src/schema/schema.ts'
import { shapeOf } from '../../src/schema/shape.ts'
import { statementsOf } from '../../src/schema/statements.ts'
import { type SchemaVersion, VERSIONS } from '../../src/schema/versions.ts'
import { emptied, madeIn } from '../support/schema-of.ts'

beforeEach(() => emptied(env.DB))

const ready = (versions = VERSIONS) => new Schema({ versions }).ready(env.DB)

/** Dogear's own, in a form in which layout makes no difference. */
async function shapes(): Promise<Record<string, string>> {
  const made = (await madeIn(env.DB)).filter(({ name }) => name.startsWith('dogear_'))
  return Object.fromEntries(made.map(({ type, name, sql }) => [`${type} ${name}`, shapeOf(sql)]))
}

describe('The versions of the tables', () => {
  it('begin with what the migrations have made, object by object', async () => {
    await applyD1Migrations(env.DB, env.MIGRATIONS)
    const byMigrations = await shapes()
    await emptied(env.DB)
    await ready(VERSIONS.slice(0, 1))
    const { 'table dogear_schema': _, ...byVersions } = await shapes()
    expect(Object.keys(byVersions).length).toBeGreaterThan(50)
    expect(byVersions).toEqual(byMigrations)
  })

  it('make nothing that is called otherwise than dogear_*', async () => {
    await ready()
    const names = (await madeIn(env.DB)).map(({ name }) => name)
    expect(names.filter((name) => !name.startsWith('dogear_'))).toEqual([])
    expect(names).toContain('dogear_beats')
    expect(names).toContain('dogear_schedule_ticks')
    expect(names).toContain('dogear_error_groups')
  })

  it('are numbered from 1, and stay within the limits of D1', () => {
    expect(VERSIONS.map(({ version }) => version)).toEqual(VERSIONS.map((_, index) => index + 1))
    for (const { statements } of VERSIONS) {
      expect(statements.length).toBeLessThan(500)
      for (const sql of statements) expect(sql.length).toBeLessThan(100_000)
    }
  })

  it('are files for wrangler, too, with the note of the version', () => {
    const files = migrationFiles()
    expect(files[0]?.name).toBe('0001_dogear_v1.sql')
    expect(files.map(({ name }) => name)).toEqual(
      VERSIONS.map(({ version }) => `${String(version).padStart(4, '0')}_dogear_v${version}.sql`),
    )
    for (const [index, { text }] of files.entries()) {
      const version = VERSIONS[index] as SchemaVersion
      for (const sql of statementsOf(version)) expect(shapeOf(text)).toContain(shapeOf(sql))
    }
  })
})
