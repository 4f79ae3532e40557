import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort } from '../../src/cli/local/free-port.ts'
import { eventually } from '../e2e/support/wait.ts'
import { packed } from '../package/support/packed.ts'

const ROOT = join(import.meta.dirname, '../..')

interface Ended {
  code: number
  output: string
}

/** A copy of an example, or a Worker of these files, with Dogear as `npm pack` makes it. Its other packages are this repository's. */
export class ExampleFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'dogear-example-'))
  #worker: ChildProcess | undefined
  #port = 0

  /** Gone when the test ends, with all that runs in it. */
  static async of(example: string | Readonly<Record<string, string>>): Promise<ExampleFolder> {
    const folder = await ExampleFolder.lasting(example)
    onTestFinished(() => folder.remove())
    return folder
  }

  /** There until it is removed. */
  static async lasting(example: string | Readonly<Record<string, string>>): Promise<ExampleFolder> {
    return new ExampleFolder(example, await packed())
  }

  remove(): void {
    this.kill()
    rmSync(this.path, { recursive: true, force: true })
  }

  private constructor(example: string | Readonly<Record<string, string>>, tarball: string) {
    if (typeof example === 'string') cpSync(join(ROOT, example), this.path, { recursive: true })
    else for (const [file, text] of Object.entries(example)) this.#write(file, text)
    const packages = join(this.path, 'node_modules')
    rmSync(packages, { recursive: true, force: true })
    mkdirSync(packages)
    for (const name of readdirSync(join(ROOT, 'node_modules'))) {
      symlinkSync(join(ROOT, 'node_modules', name), join(packages, name))
    }
    execFileSync('tar', ['xzf', tarball, '-C', packages])
    renameSync(join(packages, 'package'), join(packages, 'dogear'))
    if (existsSync(join(this.path, '.dev.vars.example'))) {
      cpSync(join(this.path, '.dev.vars.example'), join(this.path, '.dev.vars'))
    }
  }

  #write(file: string, text: string): void {
    mkdirSync(dirname(join(this.path, file)), { recursive: true })
    writeFileSync(join(this.path, file), text)
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Runs a tool of the repository's packages in the folder. */
  tool(script: string, ...args: string[]): Promise<Ended> {
    return this.#node([join(ROOT, 'node_modules', script), ...args])
  }

  dogear(...args: string[]): Promise<Ended> {
    return this.#node([
      join(this.path, 'node_modules/dogear/bin/dogear.js'),
      '--url',
      `${this.url}/dogear`,
      ...args,
    ])
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

  /** `wrangler dev`, until its API answers below the path. */
  async dev(path = '/dogear'): Promise<void> {
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
      const answer = await fetch(`${this.url}${path}/health`).catch(() => undefined)
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
