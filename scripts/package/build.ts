import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './faces.ts'
import { packageManifest } from './manifest.ts'
import { writeMigrations } from './migrations.ts'
import { writeModules } from './modules.ts'
import { writeTexts } from './texts.ts'
import { writeTypes } from './types.ts'

/**
 * Builds the package into a folder: `npm run build:package`, then `npm pack ./dist/package`. The page is to be
 * built already.
 */
export async function buildPackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  await Promise.all([writeModules(folder), writeTypes(folder)])
  writeTexts(folder)
  writeMigrations(folder)
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(packageManifest(), null, 2)}\n`)
  chmodSync(join(folder, 'bin/dogear.js'), 0o755)
}

if (import.meta.main) await buildPackage(join(ROOT, 'dist/package'))
