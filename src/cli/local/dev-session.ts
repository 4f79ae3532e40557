import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { CliError } from '../errors.ts'
import { guarded } from '../text/inert.ts'
import { descendants, gone, signal } from './processes.ts'
import { LOCAL_VARS, spawnWrangler, varFlags, type WranglerProcess } from './wrangler.ts'

interface DevOptions {
  persistTo: string
  port: number
  inspectorPort: number
  logLevel: string
  config?: string
  /** Over those that every local Worker gets. */
  vars?: Record<string, string> | undefined
  /** Keeps the output, and writes none of it to stderr. */
  quiet: boolean
  script?: string | undefined
}

const STOP_WITHIN_MS = 5_000
const OUTPUT_CHARACTERS = 200_000

/** One `wrangler dev`, from its start to its end. */
export class DevSession {
  #wrangler: WranglerProcess | undefined
  #output = ''

  constructor(options: DevOptions) {
    const { persistTo, vars, quiet } = options
    const temporary = join(persistTo, 'tmp')
    mkdirSync(temporary, { recursive: true })
    this.#wrangler = spawnWrangler(
      ['dev', ...flags(options), ...varFlags({ ...LOCAL_VARS, ...vars })],
      {
        // Its own registry of dev sessions, since there may be other local Workers of this name.
        WRANGLER_REGISTRY_PATH: join(persistTo, 'registry'),
        // What a killed wrangler leaves behind goes away with the state's folder.
        TMPDIR: temporary,
      },
      options.script,
    )
    const { stdout, stderr } = this.#wrangler.child
    for (const stream of [stdout, stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-OUTPUT_CHARACTERS)
        if (!quiet) process.stderr.write(guarded(text))
      })
    }
  }

  /** The last of what wrangler and the Worker have written. */
  get output(): string {
    return this.#output
  }

  get isAlive(): boolean {
    const child = this.#wrangler?.child
    return child !== undefined && child.exitCode === null && child.signalCode === null
  }

  /** wrangler, workerd and what else they started. */
  pids(): number[] {
    const pid = this.#wrangler?.child.pid
    return pid === undefined ? [] : [pid, ...descendants(pid)]
  }

  /** Ends all of it, in an orderly way if by SIGTERM, and whatever is left then by force; answers who was ended. */
  async end(name: 'SIGTERM' | 'SIGKILL'): Promise<number[]> {
    const all = this.pids()
    if (name === 'SIGTERM') {
      // wrangler ends its children itself; told as well, they would only race it.
      signal(all.slice(0, 1), 'SIGTERM')
      await gone(all, STOP_WITHIN_MS)
    }
    this.#wrangler?.kill()
    signal(all, 'SIGKILL')
    if (!(await gone(all, STOP_WITHIN_MS))) {
      throw new CliError('worker_survived', `could not end the processes ${all.join(', ')}`)
    }
    this.#wrangler = undefined
    return all
  }
}

function flags({ persistTo, port, inspectorPort, logLevel, config }: DevOptions): string[] {
  return [
    ['--ip', '127.0.0.1'],
    ['--port', `${port}`],
    ['--inspector-port', `${inspectorPort}`],
    ['--persist-to', persistTo],
    ['--log-level', logLevel],
    ['--show-interactive-dev-session', 'false'],
    ...(config === undefined ? [] : [['--config', config]]),
  ].flat()
}
