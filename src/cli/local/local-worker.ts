import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { CliError } from '../errors.ts'
import { DevSession } from './dev-session.ts'
import { freePort } from './free-port.ts'
import { applyMigrations } from './local-migrations.ts'

export interface LocalWorkerOptions {
  /** The folder of D1, Durable Objects and R2. The caller's to remove. */
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
  /** The port for a debugger. @default a free one */
  inspectorPort?: number
  /** The least that wrangler's output tells: with 'warn' no line per request. @default 'log' */
  logLevel?: 'log' | 'info' | 'warn' | 'error'
  /** A script that takes the flags of `wrangler dev` and serves the Worker as that does. @default wrangler */
  script?: string
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
  /** Starts it again, by this script from now on if one is given; ends it first if it still runs. */
  restart(script?: string): Promise<void>
}

const READY_WITHIN_MS = 60_000

/** Starts the Worker; when this resolves, GET /health has answered. */
export async function startLocalWorker(options: LocalWorkerOptions): Promise<LocalWorker> {
  const { quiet = true, logLevel = 'log', inspectorPort = 0, vars, migrate = true } = options
  const port = options.port ?? (await freePort())
  const url = `http://127.0.0.1:${port}`
  const where = {
    persistTo: resolve(options.persistTo),
    ...(options.config !== undefined && { config: resolve(options.config) }),
  }
  let { script } = options
  const begin = () =>
    new DevSession({ ...where, port, inspectorPort, logLevel, vars, quiet, script })

  if (migrate) await applyMigrations(where)
  let session = begin()
  await started(session, url)
  return {
    url,
    pids: () => session.pids(),
    output: () => session.output,
    kill9: () => session.end('SIGKILL'),
    stop: async () => void (await session.end('SIGTERM')),
    async restart(by = script) {
      script = by
      await session.end('SIGTERM')
      session = begin()
      await started(session, url)
    },
  }
}

/** Waits until the Worker answers; ends the session of one that does not. */
async function started(session: DevSession, url: string): Promise<void> {
  try {
    await answersHealth(session, url)
  } catch (error) {
    await session.end('SIGKILL')
    const output = stripVTControlCharacters(session.output).trim()
    throw new CliError('worker_failed', `the local Worker did not start: ${output}`, {
      cause: error,
    })
  }
}

async function answersHealth(session: DevSession, url: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS
  while (session.isAlive && Date.now() < deadline) {
    const healthy = await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    )
    if (healthy) return
    // wrangler would wait for a source that can be built.
    if (session.output.includes('Build failed')) break
    await sleep(30)
  }
  throw new CliError('worker_failed', `no answer from ${url}/health`)
}
