import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildPackage } from '../../../scripts/package/build.ts'
import { ROOT } from '../../../scripts/package/faces.ts'

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

const CACHE = join(ROOT, 'node_modules/.cache/dogear/packed')

/**
 * The path of the package as `npm pack` makes it. Built once for each state of the sources, however many tests
 * ask, and at once.
 */
export async function packed(): Promise<string> {
  const folder = join(CACHE, digest())
  const tarball = join(folder, 'dogear.tgz')
  const lock = `${folder}.lock`
  while (!existsSync(tarball)) {
    if (!taken(lock)) {
      await sleep(200)
      continue
    }
    try {
      const made = await pack(`${folder}.${process.pid}`)
      mkdirSync(folder, { recursive: true })
      renameSync(made, tarball)
    } finally {
      rmSync(lock, { force: true })
      rmSync(`${folder}.${process.pid}`, { recursive: true, force: true })
    }
    removeOthers(folder)
  }
  return tarball
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

/** A digest of all that the package is made of. */
function digest(): string {
  const hash = createHash('sha256')
  for (const source of SOURCES) {
    for (const file of filesOf(join(ROOT, source))) hash.update(file).update(readFileSync(file))
  }
  return hash.digest('hex').slice(0, 16)
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((file) => join(path, file))
    .filter((file) => statSync(file).isFile() && !file.endsWith('.png'))
    .toSorted()
}

/** True for the one who is to build. A lock whose holder has died counts no more. */
function taken(lock: string): boolean {
  mkdirSync(CACHE, { recursive: true })
  try {
    writeFileSync(lock, `${process.pid}`, { flag: 'wx' })
    return true
  } catch {
    if (!isAlive(lock)) rmSync(lock, { force: true })
    return false
  }
}

function isAlive(lock: string): boolean {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0)
    return true
  } catch {
    return false
  }
}

function removeOthers(folder: string): void {
  for (const name of readdirSync(CACHE)) {
    if (!folder.endsWith(name)) rmSync(join(CACHE, name), { recursive: true, force: true })
  }
}
