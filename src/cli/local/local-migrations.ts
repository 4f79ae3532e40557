import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CliError } from '../errors.ts'
import { PROJECT, wranglerSays } from './wrangler.ts'

interface Where {
  /** @default the project's .wrangler/state */
  persistTo?: string
  /** @default the project's wrangler.toml */
  config?: string
}

const MIGRATIONS = join(PROJECT, 'migrations')

/** wrangler's own table of the migrations that a database has had. */
const APPLIED = `CREATE TABLE d1_migrations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
);`

/** Brings the local D1 database up to date. Takes about 2 s even when there is nothing to do. */
export async function applyMigrations(where: Where): Promise<void> {
  const flags = [
    '--local',
    ...(where.persistTo === undefined ? [] : ['--persist-to', where.persistTo]),
    ...(where.config === undefined ? [] : ['--config', where.config]),
  ]
  const { code, output } = isNew(where)
    ? await createDatabase(flags)
    : await wranglerSays(['d1', 'migrations', 'apply', 'DB', ...flags])
  if (code !== 0) throw new CliError('migrations_failed', `D1 migrations failed: ${output}`)
}

function isNew({ persistTo = '.wrangler/state', config }: Where): boolean {
  // Another configuration may have other migrations. wrangler runs in the project's folder.
  return config === undefined && !existsSync(resolve(PROJECT, persistTo, 'v3/d1'))
}

/** All migrations as one file: wrangler starts a runtime for each, which takes a minute on a small machine. */
async function createDatabase(flags: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'dogear-migrations-'))
  try {
    const file = join(folder, 'all.sql')
    await writeFile(file, await allMigrations())
    return await wranglerSays(['d1', 'execute', 'DB', '--yes', '--file', file, ...flags])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function allMigrations(): Promise<string> {
  const names = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.sql')).toSorted()
  const parts = names.map(async (name) => {
    const sql = await readFile(join(MIGRATIONS, name), 'utf8')
    return `${sql}\n;INSERT INTO d1_migrations (name) VALUES ('${name}');`
  })
  return [APPLIED, ...(await Promise.all(parts))].join('\n')
}
