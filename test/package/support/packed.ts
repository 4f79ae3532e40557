import { execFileSync } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { buildPackage } from '../../../scripts/package/build.ts'
import { madeOnce } from '../../support/made-once.ts'

/** What the package is made of: files, and folders with all that is in them. */
export const SOURCES: readonly string[] = [
  'src',
  'durable-objects',
  'scripts',
  'docs',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'vite.page.config.ts',
  'README.md',
  'AGENTS.md',
  'CHANGELOG.md',
  'LICENSE',
]

/** The path of the package as `npm pack` makes it. */
export async function packed(): Promise<string> {
  const folder = await madeOnce('packed', SOURCES, async (making) => {
    const work = join(making, 'work')
    renameSync(await pack(work), join(making, 'dogear.tgz'))
    rmSync(work, { recursive: true })
  })
  return join(folder, 'dogear.tgz')
}

/** Builds and packs in a folder of one's own; the path of the tarball. */
export async function pack(folder: string): Promise<string> {
  const built = join(folder, 'package')
  await buildPackage(built)
  const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], {
    cwd: built,
    encoding: 'utf8',
  }).trim()
  return join(folder, name)
}
