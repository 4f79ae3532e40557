import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Ask } from '../../schema/found.ts'
import { CliError } from '../errors.ts'
import type { HostDatabase } from './host-database.ts'

/** Which of a database's two places: on this machine, or the deployed one. */
export interface Place {
  remote: boolean
  /** Where `wrangler dev` keeps what is local. */
  persistTo?: string
}

/** A database of the host's, asked through the host's own wrangler: about two seconds each time. */
export class D1Execute {
  readonly #database: HostDatabase
  readonly #place: Place

  constructor(database: HostDatabase, place: Place) {
    this.#database = database
    this.#place = place
  }

  /** Rows of one statement. */
  readonly ask: Ask = async (sql) => {
    const { code, stdout, stderr } = await this.#execute('--json', '--command', sql)
    const answer = parsed(stdout)
    if (code === 0 && Array.isArray(answer)) {
      const [first] = answer as { results: Record<string, unknown>[] }[]
      return first?.results ?? []
    }
    const said = (answer as { error?: { text?: string } } | undefined)?.error?.text
    throw new CliError('wrangler_failed', `wrangler did not answer: ${said ?? lastLines(stderr)}`)
  }

  /** Does all of this SQL, or nothing of it. */
  async run(sql: string): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'dogear-migrate-'))
    try {
      const file = join(folder, 'dogear.sql')
      await writeFile(file, sql)
      const { code, stdout, stderr } = await this.#execute('--yes', '--file', file)
      if (code !== 0) throw new CliError('schema_failed', lastLines(stderr || stdout))
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }

  async #execute(...args: string[]) {
    const { wrangler, binding, folder, config, env } = this.#database
    const { remote, persistTo } = this.#place
    const where = [
      remote ? '--remote' : '--local',
      ...(remote || persistTo === undefined ? [] : ['--persist-to', persistTo]),
      '--config',
      config,
      ...(env === undefined ? [] : ['--env', env]),
    ]
    const child = spawn(process.execPath, [wrangler, 'd1', 'execute', binding, ...where, ...args], {
      cwd: folder,
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false', NO_COLOR: '1', FORCE_COLOR: '0' },
      stdio: ['inherit', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => void (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, stdout, stderr }
  }
}

/** What stands before the document is wrangler's own talk. */
function parsed(stdout: string): unknown {
  try {
    return JSON.parse(stdout.slice(stdout.search(/^[[{]/m)))
  } catch {
    return undefined
  }
}

function lastLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.includes('Logs were'))
  return lines.slice(-5).join('\n')
}
