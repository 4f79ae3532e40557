import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { freePort } from '../../src/cli/local/free-port.ts'
import { eventually } from '../e2e/support/wait.ts'
import { packed } from '../package/support/packed.ts'

const ROOT = join(import.meta.dirname, '../..')

interface Ended {
  code: number
  output: string
}

/** A run, as the API shows it. */
export interface ShownRun {
  id: string
  status: string
  progress: { done: number }
  commits: number
  pace: { items: number; wayMs: number } | null
  interruptions: number
  resumptions: number
}

/** Files by their paths, or an example of this repository by its folder. */
type Files = string | Readonly<Record<string, string>>

/** Scripts of the package managers that Dogear is installed with. */
const MANAGERS = {
  npm: ['npm', 'i', '--prefer-offline', '--no-audit', '--no-fund'],
  pnpm: [process.execPath, join(ROOT, 'node_modules/pnpm/bin/pnpm.cjs'), 'add'],
}

/** A Worker's folder, with Dogear as `npm pack` makes it. Its other packages are this repository's. */
export class ExampleFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'dogear-example-'))
  #worker: ChildProcess | undefined
  #port = 0

  /** Gone when the test ends, with all that runs in it. */
  static async of(files: Files): Promise<ExampleFolder> {
    const folder = await ExampleFolder.lasting(files)
    onTestFinished(() => folder.remove())
    return folder
  }

  /** There until it is removed. */
  static async lasting(files: Files): Promise<ExampleFolder> {
    const folder = new ExampleFolder(files)
    const packages = join(folder.path, 'node_modules')
    folder.link(...readdirSync(join(ROOT, 'node_modules')))
    execFileSync('tar', ['xzf', await packed(), '-C', packages])
    renameSync(join(packages, 'package'), join(packages, 'dogear'))
    return folder
  }

  /** Without Dogear, which `install` brings, nor any other package. Gone when the test ends. */
  static bare(files: Files): ExampleFolder {
    const folder = new ExampleFolder(files)
    onTestFinished(() => folder.remove())
    return folder
  }

  remove(): void {
    this.kill()
    rmSync(this.path, { recursive: true, force: true })
  }

  private constructor(files: Files) {
    if (typeof files === 'string') cpSync(join(ROOT, files), this.path, { recursive: true })
    else for (const [file, text] of Object.entries(files)) this.write(file, text)
    rmSync(join(this.path, 'node_modules'), { recursive: true, force: true })
    if (existsSync(join(this.path, '.dev.vars.example'))) {
      cpSync(join(this.path, '.dev.vars.example'), join(this.path, '.dev.vars'))
    }
  }

  /** `npm i dogear`, of the packed tarball. */
  async install(manager: keyof typeof MANAGERS): Promise<void> {
    const [command = '', ...args] = MANAGERS[manager]
    const { code, output } = await this.#run(command, [...args, await packed()], {
      NODE_EXTRA_CA_CERTS: process.env['INSTALL_CA_CERTS'],
    })
    if (code !== 0) throw new Error(`${manager} has installed nothing: ${output}`)
  }

  /** Packages of this repository's, as if the host had them. */
  link(...names: string[]): void {
    const packages = join(this.path, 'node_modules')
    mkdirSync(packages, { recursive: true })
    for (const name of names) symlinkSync(join(ROOT, 'node_modules', name), join(packages, name))
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.path, file)), { recursive: true })
    writeFileSync(join(this.path, file), text)
  }

  /** Puts one text in the place of another, which has to be there. */
  edit(file: string, from: string | RegExp, to: string): void {
    const text = this.read(file)
    const edited = text.replace(from, to)
    if (edited === text) throw new Error(`${file} has no ${String(from)}`)
    this.write(file, edited)
  }

  has(name: string): boolean {
    return existsSync(join(this.path, 'node_modules', name))
  }

  read(file: string): string {
    return readFileSync(join(this.path, file), 'utf8')
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** Runs a tool of the repository's packages in the folder. */
  tool(script: string, ...args: string[]): Promise<Ended> {
    return this.#run(process.execPath, [join(ROOT, 'node_modules', script), ...args])
  }

  /** `npx dogear ...` */
  dogear(...args: string[]): Promise<Ended> {
    const at = this.#port === 0 ? [] : ['--url', `${this.url}/dogear`]
    const linked = join(this.path, 'node_modules/.bin/dogear')
    const script = join(this.path, 'node_modules/dogear/bin/dogear.js')
    return existsSync(linked)
      ? this.#run(linked, [...at, ...args])
      : this.#run(process.execPath, [script, ...at, ...args])
  }

  /** The newest run. By the API: a start of the command takes as long as some runs do. */
  async newest(): Promise<ShownRun> {
    const { runs } = await this.#asked<{ runs: [ShownRun] }>('runs?limit=1')
    return this.#asked(`runs/${runs[0].id}`)
  }

  async #asked<Answer>(path: string): Promise<Answer> {
    const response = await fetch(`${this.url}/dogear/api/${path}`)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Answer
  }

  /** Kills the Worker once the newest run has done so many items, and starts it again: the run completes. */
  async killedAndBack(done: number): Promise<ShownRun> {
    let before = await this.newest()
    await eventually(`${done} items are done`, 30_000, async () => {
      before = await this.newest()
      return before.progress.done >= done
    })
    this.kill()
    expect(before.status, 'it was at work when it was killed').toMatch(/running|interrupted/)
    await this.dev()
    await eventually('it is done', 60_000, async () => (await this.newest()).status === 'completed')
    const after = await this.newest()
    expect(after.id).toBe(before.id)
    expect(after.progress.done).toBeGreaterThan(before.progress.done)
    expect(after.resumptions).toBeGreaterThan(before.resumptions)
    return after
  }

  wrangler(...args: string[]): Promise<Ended> {
    return this.tool('wrangler/bin/wrangler.js', ...args)
  }

  #run(
    command: string,
    args: string[],
    more: Record<string, string | undefined> = {},
  ): Promise<Ended> {
    return new Promise((resolve) => {
      execFile(
        command,
        args,
        { cwd: this.path, env: { ...QUIET, ...more } },
        (error, stdout, stderr) =>
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
