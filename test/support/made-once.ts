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

const ROOT = join(import.meta.dirname, '../..')
const CACHE = join(ROOT, 'node_modules/.cache/dogear')

/**
 * A folder that is made of the repository's sources: once for each state of them, however many tests ask, and at
 * once. `make` fills the folder it is given, which is moved to its place then.
 */
export async function madeOnce(
  name: string,
  sources: readonly string[],
  make: (folder: string) => Promise<void>,
): Promise<string> {
  const made = join(CACHE, name)
  const folder = join(made, digest(sources))
  const lock = `${folder}.lock`
  mkdirSync(made, { recursive: true })
  while (!existsSync(folder)) {
    if (!taken(lock)) {
      await sleep(200)
      continue
    }
    const making = `${folder}.${process.pid}`
    try {
      if (existsSync(folder)) break
      mkdirSync(making, { recursive: true })
      await make(making)
      renameSync(making, folder)
    } finally {
      rmSync(lock, { force: true })
      rmSync(making, { recursive: true, force: true })
    }
    removeOthers(made, folder)
  }
  return folder
}

/** A digest of all these files, and of all files in these folders. */
function digest(sources: readonly string[]): string {
  const hash = createHash('sha256')
  for (const source of sources) {
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

/** True for the one who is to make it. A lock whose holder has died counts no more. */
function taken(lock: string): boolean {
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

function removeOthers(made: string, folder: string): void {
  for (const name of readdirSync(made)) {
    if (!folder.endsWith(name)) rmSync(join(made, name), { recursive: true, force: true })
  }
}
