import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, join, resolve } from 'node:path'
import type { Unstable_MiniflareWorkerOptions as MiniflareWorkerOptions } from 'wrangler'
import { PROJECT, wranglerSays } from '../../../src/cli/local/wrangler.ts'
import { madeOnce } from '../../support/made-once.ts'
import { copiedConfig } from './copied-config.ts'

/** Serves a bundled Worker; takes a quarter of the time that `wrangler dev` takes to start. */
export const SERVE = join(import.meta.dirname, 'serve.ts')

/** What `SERVE` finds beside the configuration. */
export interface Served {
  /** From the configuration's folder. */
  script: string
  workerOptions: MiniflareWorkerOptions['workerOptions']
}

/**
 * Bundles a Worker once, for many starts; the path of its configuration, which `wrangler dev` takes as
 * well as `SERVE`. Both the bundle and the bindings are wrangler's.
 */
export async function bundledWorker(folder: string, main: string): Promise<string> {
  const bundle = join(folder, 'bundle')
  const source = await copiedConfig(folder, resolve(PROJECT, main))
  const flags = ['--dry-run', '--outdir', bundle, '--config', source]
  const { code, output } = await wranglerSays(['deploy', ...flags])
  if (code !== 0) throw new Error(`The Worker was not bundled: ${output}`)
  // Relative, since the folder may be moved.
  const script = join('bundle', basename(main).replace(/\.ts$/, '.js'))
  const config = await copiedConfig(folder, script, { bundled: true })
  const wrangler = createRequire(import.meta.url)('wrangler') as typeof import('wrangler')
  const { workerOptions } = wrangler.unstable_getMiniflareWorkerOptions(config)
  const served: Served = { script, workerOptions }
  await writeFile(join(folder, 'served.json'), JSON.stringify(served))
  return config
}

const SOURCES = ['src', 'durable-objects', 'package-lock.json', 'wrangler.toml']

/** The configuration of this repository's own Worker, bundled once for all tests. */
export async function bundledShop(): Promise<string> {
  const folder = await madeOnce('bundled', SOURCES, async (making) => {
    await bundledWorker(making, 'src/index.ts')
  })
  return join(folder, 'wrangler.toml')
}
