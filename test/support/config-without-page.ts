import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const PROJECT = join(import.meta.dirname, '../..')
const FOLDER = join(PROJECT, 'node_modules/.cache/dogear-tests')

/**
 * The project's configuration without the page; its path. The page is served by four Workers of Miniflare's,
 * which each file of tests would start, and no test in workerd asks for it: those in `e2e` do. Without the queue
 * it is that of a Worker whose objects work their slices themselves.
 */
export function configWithoutPage({ queue = true } = {}): string {
  const whole = readFileSync(join(PROJECT, 'wrangler.toml'), 'utf8')
  const left = ['[assets]', ...(queue ? [] : ['[[queues.producers]]', '[[queues.consumers]]'])]
  const without = left.reduce(withoutTable, whole)
  mkdirSync(FOLDER, { recursive: true })
  const config = join(FOLDER, queue ? 'wrangler.toml' : 'wrangler-without-queue.toml')
  writeFileSync(config, without)
  return config
}

function withoutTable(config: string, header: string): string {
  const table = new RegExp(`^${header.replaceAll(/[[\].]/g, '\\$&')}\\n(?:.+\\n)+`, 'm')
  if (!table.test(config))
    throw new Error(`wrangler.toml has no ${header}; expected to leave it out`)
  return config.replace(table, '')
}
