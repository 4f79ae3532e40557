import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const PROJECT = join(import.meta.dirname, '../..')
const FOLDER = join(PROJECT, 'node_modules/.cache/dogear-tests')

/**
 * The project's configuration without the page; its path. The page is served by four Workers of Miniflare's,
 * which each file of tests would start, and no test in workerd asks for it: those in `e2e` do.
 */
export function configWithoutPage(): string {
  const whole = readFileSync(join(PROJECT, 'wrangler.toml'), 'utf8')
  const without = whole.replace(/^\[assets\]\n(?:.+\n)+/m, '')
  if (without === whole)
    throw new Error('wrangler.toml has no [assets]; expected to leave them out')
  mkdirSync(FOLDER, { recursive: true })
  const config = join(FOLDER, 'wrangler.toml')
  writeFileSync(config, without)
  return config
}
