import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { migrationFile } from '../../schema/migration-files.ts'
import type { SchemaVersion } from '../../schema/versions.ts'

/**
 * Writes the versions that are not there yet into a folder of migrations, numbered after those that are. Answers the
 * names of the files it has written.
 */
export function copyVersions(folder: string, versions: readonly SchemaVersion[]): string[] {
  const there = existsSync(folder) ? readdirSync(folder) : []
  const numbers = there.map((name) => Number(/^(\d+)_.*\.sql$/.exec(name)?.[1] ?? 0))
  const next = Math.max(0, ...numbers) + 1
  const files = versions
    .filter(({ version }) => !there.some((name) => name.endsWith(`_dogear_v${version}.sql`)))
    .map((version, index) => migrationFile(version, next + index))
  mkdirSync(folder, { recursive: true })
  for (const { name, text } of files) writeFileSync(join(folder, name), text, { flag: 'wx' })
  return files.map(({ name }) => name)
}
