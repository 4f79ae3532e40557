import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { CliError } from '../errors.ts'
import { PROJECT } from './wrangler.ts'

/** Builds the page when there is none yet: without its folder wrangler does not start. Takes 1 to 2 s. */
export async function buildMissingPage(): Promise<void> {
  if (existsSync(join(PROJECT, 'dist/page/index.html'))) return
  const vite = join(
    dirname(createRequire(import.meta.url).resolve('vite/package.json')),
    'bin/vite.js',
  )
  const child = spawn(process.execPath, [vite, 'build'], {
    cwd: PROJECT,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (errors += text))
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new CliError('page_not_built', `'vite build' failed: ${errors.trim()}`)
}
