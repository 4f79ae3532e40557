import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { CliError } from './errors.ts'

/** The project's folder: wrangler runs here, whatever the caller's folder is. */
export const PROJECT = join(import.meta.dirname, '../..')

/** Run it with `process.execPath`: the machine's own Node may be too old for it. */
export const WRANGLER = join(
  dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
  'bin/wrangler.js',
)

/**
 * The slice budget of local Workers. The local queue delivers strictly one batch at a time, so with
 * production's 20 s one long slice would make every other run wait that long.
 */
export const LOCAL_VARS = { SLICE_WALL_MS: '3000' }

/** What only slows a local start: telemetry, look-ups in the network, wrangler's own dashboards. */
export const LOCAL_ENV = {
  ...process.env,
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  X_LOCAL_OBSERVABILITY: 'false',
  X_LOCAL_EXPLORER: 'false',
}

export function varFlags(vars: Record<string, string>): string[] {
  return Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`])
}

/** Brings the local D1 database up to date. Takes about 2 s even when there is nothing to do. */
export async function applyMigrations(where: {
  persistTo?: string
  config?: string
}): Promise<void> {
  const flags = [
    ...(where.persistTo === undefined ? [] : ['--persist-to', where.persistTo]),
    ...(where.config === undefined ? [] : ['--config', where.config]),
  ]
  const child = promisify(execFile)(
    process.execPath,
    [WRANGLER, 'd1', 'migrations', 'apply', 'DB', '--local', ...flags],
    { cwd: PROJECT, env: LOCAL_ENV },
  )
  // No terminal, no questions.
  child.child.stdin?.end()
  try {
    await child
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new CliError('migrations_failed', `D1 migrations failed: ${(stderr + stdout).trim()}`, {
      cause: error,
    })
  }
}
