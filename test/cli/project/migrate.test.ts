import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { migrationFiles } from '../../../src/schema/migration-files.ts'
import { VERSIONS } from '../../../src/schema/versions.ts'
import { executeIn, rowsIn } from '../../support/local-d1.ts'
import { PLAIN, ProjectFolder } from './project-folder.ts'

const HEAD = VERSIONS.length
const FILES = migrationFiles()

/** The host's own wrangler, in its folder. */
function wrangler(folder: ProjectFolder, ...args: string[]): Promise<string> {
  const script = join(folder.path, 'node_modules/wrangler/bin/wrangler.js')
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [script, ...args],
      { cwd: folder.path, env: { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: '1' } },
      (error, stdout, stderr) =>
        error ? reject(new Error(`${stdout}${stderr}`, { cause: error })) : resolve(stdout),
    )
  })
}

const execute = (folder: ProjectFolder, sql: string) =>
  wrangler(folder, 'd1', 'execute', 'BILLING_DB', '--local', '--json', '--command', sql)

async function status(folder: ProjectFolder): Promise<unknown> {
  const { stdout, stderr } = await folder.dogear('migrate', '--status', '--json')
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

describe('dogear migrate', () => {
  it('makes the tables beside those of the host, says how they stand, and then has nothing to do', async () => {
    const folder = new ProjectFolder(PLAIN)
    await execute(folder, `CREATE TABLE runs (id TEXT); INSERT INTO runs VALUES ('marathon')`)
    const check = await folder.dogear('migrate', '--check')
    expect(check).toMatchObject({ code: 1, stdout: '' })
    expect(check.stderr).toContain('npx dogear migrate')
    expect(check.stderr).toContain('(schema_outdated)')

    const made = await folder.dogear('migrate')
    expect(made).toMatchObject({ code: 0, stderr: '' })
    expect(made.stdout).toBe(`local database BILLING_DB: from nothing to version ${HEAD}\n`)
    const { code, stdout } = await folder.dogear('migrate', '--check')
    expect(code).toBe(0)
    expect(stdout).toBe(`local database BILLING_DB: version ${HEAD}, nothing to do\n`)
    expect(rowsIn(folder.path, 'SELECT * FROM runs')).toEqual([[{ id: 'marathon' }]])
  })

  it('goes on from the version that is there, and says why it goes no further', async () => {
    const folder = new ProjectFolder(PLAIN)
    folder.write('v1.sql', FILES[0]?.text ?? '')
    await wrangler(folder, 'd1', 'execute', 'BILLING_DB', '--local', '--yes', '--file', 'v1.sql')
    const shown = await folder.dogear('migrate', '--status')
    expect(shown.stdout).toContain(`version   1, of ${HEAD} that this release knows\npending   2`)
    executeIn(folder.path, 'CREATE TABLE dogear_beats (name TEXT)')
    const refused = await folder.dogear('migrate')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('table dogear_beats already exists')
    executeIn(folder.path, 'DROP TABLE dogear_beats')
    expect((await folder.dogear('migrate')).stdout).toContain(`from version 1 to version ${HEAD}`)
  })
})

describe('dogear migrate --sql', () => {
  it('prints all of it, or from a version on', async () => {
    const folder = new ProjectFolder({})
    const all = await folder.dogear('migrate', '--sql')
    expect(all.stdout).toContain('CREATE TABLE dogear_runs (\n  id TEXT PRIMARY KEY,')
    const later = await folder.dogear('migrate', '--sql', '--from', '2')
    expect(later.stdout).not.toContain('CREATE TABLE dogear_runs')
    expect(later.stdout).toContain('CREATE TABLE dogear_beats')
  })
})

/** The files of the versions from this one on, behind the host's own seven. */
const copied = (from: number) =>
  VERSIONS.filter(({ version }) => version >= from).map(
    ({ version }, place) => `${String(8 + place).padStart(4, '0')}_dogear_v${version}.sql`,
  )

describe('dogear migrate --copy', () => {
  it("writes what is not there yet into the host's own migrations, which wrangler then applies", async () => {
    const folder = new ProjectFolder({
      ...PLAIN,
      'migrations/0007_customers.sql': 'CREATE TABLE customers (id INTEGER PRIMARY KEY);',
    })
    expect(await folder.dogear('migrate', '--copy', '--from', '2')).toMatchObject({ code: 0 })
    const later = copied(2)
    expect(later.slice(0, 2)).toEqual(['0008_dogear_v2.sql', '0009_dogear_v3.sql'])
    expect(readdirSync(join(folder.path, 'migrations'))).toEqual(['0007_customers.sql', ...later])
    for (const file of later) folder.remove(`migrations/${file}`)
    const { stdout } = await folder.dogear('migrate', '--copy')
    expect(stdout).toContain(`  ${copied(1).join('\n  ')}`)
    expect((await folder.dogear('migrate', '--copy')).stdout).toContain('has all versions already')
    await wrangler(folder, 'd1', 'migrations', 'apply', 'BILLING_DB', '--local')
    expect(await status(folder)).toMatchObject({ found: HEAD, state: 'ready' })
  })

  it('takes any folder, which may be new', async () => {
    const folder = new ProjectFolder({})
    await folder.dogear('migrate', '--copy', 'db/sql')
    expect(readdirSync(join(folder.path, 'db/sql'))).toEqual(FILES.map(({ name }) => name))
  })
})

it("wrangler applies the package's own files by a second entry for the same database", async () => {
  const folder = new ProjectFolder(PLAIN)
  folder.edit(
    'wrangler.jsonc',
    '"database_id": "6a0c2f0e" }',
    `"database_id": "6a0c2f0e" },
    { "binding": "DOGEAR_TABLES", "database_name": "acme-billing", "database_id": "6a0c2f0e",
      "migrations_dir": "dogear/migrations", "migrations_table": "dogear_migrations" }`,
  )
  for (const { name, text } of FILES) folder.write(`dogear/migrations/${name}`, text)
  await wrangler(folder, 'd1', 'migrations', 'apply', 'DOGEAR_TABLES', '--local')
  expect(await status(folder)).toMatchObject({ binding: 'BILLING_DB', found: HEAD, state: 'ready' })
})

describe('dogear migrate says what it does not find', () => {
  const TWO = PLAIN['wrangler.jsonc'].replace(
    '"database_id": "6a0c2f0e" }',
    '"database_id": "6a0c2f0e" }, { "binding": "LOGS", "database_id": "77" }',
  )

  it.for([
    ['no_config', {}, []],
    ['no_database', { 'wrangler.jsonc': '{ "name": "a" }' }, []],
    ['which_database', { ...PLAIN, 'wrangler.jsonc': TWO }, []],
    ['no_database', PLAIN, ['--binding', 'DB']],
  ] as const)('%s', async ([code, files, flags]) => {
    const folder = new ProjectFolder(files)
    const { stderr } = await folder.dogear('migrate', '--status', ...flags)
    expect(stderr).toContain(`(${code})`)
  })

  it('takes the database that createDogear names', async () => {
    const folder = new ProjectFolder({
      ...PLAIN,
      'wrangler.jsonc': TWO,
      'src/jobs.ts': `import { createDogear } from 'dogear/worker'
export const jobs = createDogear({ jobs: [], db: 'BILLING_DB' })`,
    })
    folder.edit(
      'src/index.ts',
      'import',
      `import { jobs } from './jobs'\nexport const { JobRun } = jobs\nimport`,
    )
    expect(await status(folder)).toMatchObject({ binding: 'BILLING_DB' })
  })

  it('refuses two things at once', async () => {
    const folder = new ProjectFolder(PLAIN)
    const { code, stderr } = await folder.dogear('migrate', '--sql', '--copy')
    expect(code).toBe(2)
    expect(stderr).toContain(`'--copy [dir]' cannot be used with option '--sql'`)
  })
})
