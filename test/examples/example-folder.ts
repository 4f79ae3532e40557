import { type ChildProcess, execFile, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort } from '../../src/cli/local/free-port.ts'
import { eventually } from '../e2e/support/wait.ts'

const ROOT = join(import.meta.dirname, '../..')

interface Ended {
  code: number
  output: string
}

/** A copy of an example, as if installed: its packages are this repository's, `dogear` among them. */
export class ExampleFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'dogear-example-'))
  #worker: ChildProcess | undefined
  #port = 0

  constructor(example: string) {
    onTestFinished(() => {
      this.kill()
      rmSync(this.path, { recursive: true, force: true })
    })
    cpSync(join(ROOT, example), this.path, { recursive: true })
    const packages = join(this.path, 'node_modules')
    rmSync(packages, { recursive: true, force: true })
    mkdirSync(packages)
    for (const name of readdirSync(join(ROOT, 'node_modules'))) {
      symlinkSync(join(ROOT, 'node_modules', name), join(packages, name))
    }
    symlinkSync(ROOT, join(packages, 'dogear'))
    if (existsSync(join(this.path, '.dev.vars.example'))) {
      cpSync(join(this.path, '.dev.vars.example'), join(this.path, '.dev.vars'))
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Runs a tool of the repository's packages in the folder. */
  tool(script: string, ...args: string[]): Promise<Ended> {
    return this.#node([join(ROOT, 'node_modules', script), ...args])
  }

  dogear(...args: string[]): Promise<Ended> {
    return this.#node([join(ROOT, 'src/cli/main.ts'), '--url', `${this.url}/dogear`, ...args])
  }

  wrangler(...args: string[]): Promise<Ended> {
    return this.tool('wrangler/bin/wrangler.js', ...args)
  }

  #node(args: string[]): Promise<Ended> {
    return new Promise((resolve) => {
      execFile(process.execPath, args, { cwd: this.path, env: QUIET }, (error, stdout, stderr) =>
        resolve({
          code: typeof error?.code === 'number' ? error.code : 0,
          output: stdout + stderr,
        }),
      )
    })
  }

  /** `wrangler dev`, until its page answers. */
  async dev(): Promise<void> {
    if (this.#port === 0) this.#port = await freePort()
    const ports = ['--port', `${this.#port}`, '--inspector-port', `${await freePort()}`]
    const quiet = ['--show-interactive-dev-session', 'false']
    const script = join(ROOT, 'node_modules/wrangler/bin/wrangler.js')
    this.#worker = spawn(
      process.execPath,
      [script, 'dev', '--ip', '127.0.0.1', ...ports, ...quiet],
      { cwd: this.path, env: QUIET, stdio: 'ignore', detached: true },
    )
    await eventually('the Worker answers', 60_000, async () => {
      const answer = await fetch(`${this.url}/dogear/health`).catch(() => undefined)
      return answer?.ok === true
    })
  }

  /** SIGKILL for wrangler and all it started. */
  kill(): void {
    const pid = this.#worker?.pid
    this.#worker = undefined
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  }
}

const QUIET = {
  ...process.env,
  NO_COLOR: '1',
  WRANGLER_SEND_METRICS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
}
