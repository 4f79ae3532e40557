import type { ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { CliError } from '../errors.ts'
import { guarded } from '../text/inert.ts'
import { descendants, gone, signal } from './processes.ts'
import {
  applyMigrations,
  LOCAL_VARS,
  spawnWrangler,
  varFlags,
  type WranglerProcess,
} from './wrangler.ts'

export interface LocalWorkerOptions {
  /** Where D1, Durable Objects and R2 are kept. The caller's to remove. */
  persistTo: string
  /** @default a free one */
  port?: number
  /** Applies the D1 migrations first (about 2 s); a restart never does. @default true */
  migrate?: boolean
  /** Worker variables, over those every local Worker gets. */
  vars?: Record<string, string>
  /** @default the project's wrangler.toml */
  config?: string
  /** Keeps wrangler's output in `output()` instead of also writing it to stderr. @default true */
  quiet?: boolean
  /** Where a debugger may connect. @default a free one */
  inspectorPort?: number
  /** What of it there is: with 'warn' no line per request. @default 'log' */
  logLevel?: 'log' | 'info' | 'warn' | 'error'
}

/** A `wrangler dev` that can be killed and brought up again on the same port and state. */
export interface LocalWorker {
  readonly url: string
  /** wrangler, workerd and what else they started; the Worker's code runs in a workerd. */
  pids(): number[]
  /** The last of what wrangler and the Worker have written since the start or restart. */
  output(): string
  /** SIGKILL for all of them at once, as a power cut would; answers who was killed. */
  kill9(): Promise<number[]>
  /** Ends it in an orderly way, and whatever is left after 5 s by force. */
  stop(): Promise<void>
  /** Starts it again; ends it first if it still runs. */
  restart(): Promise<void>
}

const READY_WITHIN_MS = 60_000
const STOP_WITHIN_MS = 5_000
const OUTPUT_CHARACTERS = 200_000

/** Starts the Worker; when this resolves, GET /health has answered. */
export async function startLocalWorker(options: LocalWorkerOptions): Promise<LocalWorker> {
  const { quiet = true, logLevel = 'log', config, vars, migrate = true } = options
  const persistTo = resolve(options.persistTo)
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const where = { persistTo, ...(config !== undefined && { config: resolve(config) }) }
  let wrangler: WranglerProcess | undefined
  let output = ''

  const pids = () => {
    const pid = wrangler?.child.pid
    return pid === undefined ? [] : [pid, ...descendants(pid)]
  }

  async function up(): Promise<void> {
    const flags: [string, string][] = [
      ['--ip', '127.0.0.1'],
      ['--port', `${port}`],
      ['--inspector-port', `${options.inspectorPort ?? 0}`],
      ['--persist-to', persistTo],
      ['--log-level', logLevel],
      ['--show-interactive-dev-session', 'false'],
      ...(where.config === undefined
        ? []
        : [['--config', where.config] satisfies [string, string]]),
    ]
    output = ''
    const temporary = join(persistTo, 'tmp')
    mkdirSync(temporary, { recursive: true })
    wrangler = spawnWrangler(['dev', ...flags.flat(), ...varFlags({ ...LOCAL_VARS, ...vars })], {
      // Its own registry of dev sessions, since there may be other local Workers of this name.
      WRANGLER_REGISTRY_PATH: join(persistTo, 'registry'),
      // What a killed wrangler leaves behind goes away with the state's folder.
      TMPDIR: temporary,
    })
    for (const stream of [wrangler.child.stdout, wrangler.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-OUTPUT_CHARACTERS)
        if (!quiet) process.stderr.write(guarded(text))
      })
    }
    try {
      await answersHealth(url, wrangler.child, () => output)
    } catch (error) {
      await down('SIGKILL')
      const message = `the local Worker did not start: ${stripVTControlCharacters(output).trim()}`
      throw new CliError('worker_failed', message, { cause: error })
    }
  }

  async function down(name: 'SIGTERM' | 'SIGKILL'): Promise<number[]> {
    const all = pids()
    if (name === 'SIGTERM') {
      // wrangler ends its children itself; told as well, they would only race it.
      signal(all.slice(0, 1), 'SIGTERM')
      await gone(all, STOP_WITHIN_MS)
    }
    wrangler?.kill()
    signal(all, 'SIGKILL')
    if (!(await gone(all, STOP_WITHIN_MS))) {
      throw new CliError('worker_survived', `could not end the processes ${all.join(', ')}`)
    }
    wrangler = undefined
    return all
  }

  if (migrate) await applyMigrations(where)
  await up()
  return {
    url,
    pids,
    output: () => output,
    kill9: () => down('SIGKILL'),
    stop: async () => void (await down('SIGTERM')),
    async restart() {
      await down('SIGTERM')
      await up()
    },
  }
}

async function answersHealth(
  url: string,
  child: ChildProcess,
  output: () => string,
): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    const healthy = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    )
    if (healthy) return
    // wrangler would wait for the source to be mended.
    if (output().includes('Build failed')) break
    await sleep(30)
  }
  throw new CliError('worker_failed', `no answer from ${url}/health`)
}

/** Below what Linux, macOS and Windows give to outgoing connections (from 32768 on). */
const PORTS = { from: 20_000, count: 12_000 }

/**
 * A port of the loopback address that nobody listens on just now. It is not one that the system
 * hands out by itself: some connection could take that one before the Worker does, or while it
 * restarts.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = PORTS.from + randomInt(PORTS.count)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolveFree, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolveFree(false)
      else reject(error)
    })
    server.listen(port, '127.0.0.1', () => server.close(() => resolveFree(true)))
  })
}
