import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { signal } from './processes.ts'

/** The project's folder: wrangler runs here, whatever the caller's folder is. */
export const PROJECT = join(import.meta.dirname, '../../..')

/** Run it with `process.execPath`: the machine's own Node may be too old for it. */
export const WRANGLER = join(
  dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
  'bin/wrangler.js',
)

/**
 * Variables of local Workers. Whoever asks at a loopback address may do everything. A slice's budget is
 * shorter than in production: the local queue delivers strictly one batch at a time, so with
 * production's 20 s one long slice would make every other run wait that long.
 */
export const LOCAL_VARS = { SLICE_WALL_MS: '3000', DEV_ACCESS: 'loopback' }

/** For a person at `npm run dev`. Without the look-up of `Request.cf`, which only warns when offline. */
export const DEV_ENV = {
  // A tenth of wrangler's start is to compile itself.
  NODE_COMPILE_CACHE: join(PROJECT, 'node_modules/.cache/dogear'),
  ...process.env,
  WRANGLER_SEND_METRICS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
}

/** For Workers that nobody sits at: also without what only slows the start. */
const QUIET_ENV = {
  ...DEV_ENV,
  WRANGLER_HIDE_BANNER: 'true',
  X_LOCAL_OBSERVABILITY: 'false',
  X_LOCAL_EXPLORER: 'false',
}

export function varFlags(vars: Record<string, string>): string[] {
  return Object.entries(vars).flatMap(([name, value]) => ['--var', `${name}:${value}`])
}

export interface WranglerProcess {
  child: ChildProcess
  /** SIGKILL for it and all it started; also done when this process exits before it. */
  kill: () => void
}

/**
 * wrangler with its output piped and no input, in a process group of its own: killed in one stroke,
 * and spared by a Ctrl-C in the terminal.
 */
export function spawnWrangler(
  args: readonly string[],
  env: Record<string, string> = {},
  script = WRANGLER,
): WranglerProcess {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: PROJECT,
    env: { ...QUIET_ENV, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const kill = () => void (child.pid !== undefined && signal([-child.pid], 'SIGKILL'))
  // Before the caller's own exit handlers, which may remove the state.
  process.prependOnceListener('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  return { child, kill }
}

/** Runs wrangler to its end; all that it says. */
export async function wranglerSays(
  args: readonly string[],
): Promise<{ code: number | null; output: string }> {
  const { child } = spawnWrangler(args)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => void (output += text))
  }
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output: output.trim() }
}
