import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ROOT } from '../../../scripts/package/faces.ts'
import { packed } from './packed.ts'

/** A project that has the package in its `node_modules`. All else that it needs it finds in the repository's. */
export interface HostFolder {
  readonly folder: string
  /** Where the package is. */
  readonly dogear: string
  /** What a script prints here, by its path in the repository's packages or whole; throws with it when that fails. */
  run(command: string, ...args: string[]): string
  remove(): void
}

export async function createHost(files: Record<string, string> = {}): Promise<HostFolder> {
  const hosts = join(ROOT, 'node_modules/.cache/dogear')
  mkdirSync(hosts, { recursive: true })
  const folder = mkdtempSync(join(hosts, 'host-'))
  const dogear = join(folder, 'node_modules/dogear')
  mkdirSync(dirname(dogear))
  execFileSync('tar', ['xzf', await packed(), '-C', dirname(dogear)])
  renameSync(join(dirname(dogear), 'package'), dogear)
  const manifest = JSON.stringify({ name: 'host', type: 'module', private: true })
  for (const [path, text] of Object.entries({ 'package.json': manifest, ...files })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return {
    folder,
    dogear,
    run: (command, ...args) => output(folder, resolve(ROOT, 'node_modules', command), args),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

function output(cwd: string, script: string, args: readonly string[]): string {
  try {
    return execFileSync(process.execPath, [script, ...args], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1' },
    })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${script} ${args.join(' ')}: ${stdout}${stderr}`, { cause: error })
  }
}
