import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { applyMigrations } from '../../../src/cli/local/local-migrations.ts'
import { PROJECT } from '../../../src/cli/local/wrangler.ts'

const CACHE = join(PROJECT, 'node_modules/.cache')

/**
 * Copies what a local Worker has stored once its migrations are applied and nothing else has happened. They
 * are applied once for each version of the migrations: wrangler takes seconds for it, and each file of tests
 * starts a Worker of its own.
 */
export async function copyMigratedState(persistTo: string): Promise<void> {
  const prepared = join(CACHE, `dogear-migrated-${await version()}`)
  if (!existsSync(prepared)) await prepare(prepared)
  await cp(prepared, persistTo, { recursive: true })
}

async function prepare(prepared: string): Promise<void> {
  await mkdir(CACHE, { recursive: true })
  const folder = await mkdtemp(join(CACHE, 'dogear-migrating-'))
  try {
    await applyMigrations({ persistTo: folder })
    // All at once, and whoever else has prepared it meanwhile has prepared the same.
    await rename(folder, prepared).catch((error: unknown) => {
      if (!existsSync(prepared)) throw error
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Changes with whatever the state may depend on. */
async function version(): Promise<string> {
  const migrations = join(PROJECT, 'migrations')
  const files = (await readdir(migrations)).toSorted().map((name) => join(migrations, name))
  const hash = createHash('sha256')
  for (const file of [...files, join(PROJECT, 'wrangler.toml'), join(PROJECT, 'package-lock.json')])
    hash.update(await readFile(file))
  return hash.digest('hex').slice(0, 16)
}
