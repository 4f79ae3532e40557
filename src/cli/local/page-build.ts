import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { CliError } from '../errors.ts'
import { PROJECT } from './wrangler.ts'

/** Each build: its config, and a file that it leaves. */
const BUILDS: readonly [config: string, made: string][] = [
  ['vite.config.ts', 'dist/page/index.html'],
  ['vite.page.config.ts', 'src/page/files.js'],
]

/** Builds the page where there is none yet: without its files wrangler does not start. Takes 1 to 2 s. */
export async function buildMissingPage(): Promise<void> {
  for (const [config, made] of BUILDS) {
    if (!existsSync(join(PROJECT, made))) await build(config)
  }
}

async function build(config: string): Promise<void> {
  const vite = join(
    dirname(createRequire(import.meta.url).resolve('vite/package.json')),
    'bin/vite.js',
  )
  const child = spawn(process.execPath, [vite, 'build', '--config', config], {
    cwd: PROJECT,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (errors += text))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) {
    throw new CliError('page_not_built', `'vite build --config ${config}' failed: ${errors.trim()}`)
  }
}
