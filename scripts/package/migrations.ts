import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrationFiles } from '../../src/schema/migration-files.ts'

/** Writes the versions of the tables as files that wrangler applies; see `docs/guide/tables.md`. */
export function writeMigrations(folder: string): void {
  const migrations = join(folder, 'migrations')
  mkdirSync(migrations)
  for (const { name, text } of migrationFiles()) writeFileSync(join(migrations, name), text)
}
