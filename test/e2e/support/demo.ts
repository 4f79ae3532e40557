import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { descendants, gone, signal } from '../../../src/cli/local/processes.ts'
import { PROJECT } from '../../../src/cli/local/wrangler.ts'
import { type Ended, MAIN } from './dogear.ts'

/** What a demo did, and what it left behind. */
export interface Played extends Ended {
  tookMs: number
  /** Processes it had started that still lived when it had ended. */
  survivors: number[]
  /** What it left in the folder for temporary files. */
  leftovers: string[]
}

const LOOK_EVERY_MS = 100

/** Plays `dogear demo` in a folder for temporary files of its own. `watch` hears all it has said so far. */
export async function playDemo(
  which: 'orders' | 'reports' | 'emails',
  watch: (stdout: string) => void = () => {},
): Promise<Played> {
  const folder = await mkdtemp(join(tmpdir(), 'dogear-e2e-demo-'))
  const family = new Set<number>()
  const startedAt = Date.now()
  const child = spawn(process.execPath, [MAIN, 'demo', which], {
    cwd: PROJECT,
    env: { ...process.env, TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  const look = setInterval(() => {
    if (pid !== undefined) for (const found of descendants(pid)) family.add(found)
  }, LOOK_EVERY_MS)
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    watch(stdout)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text))
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve)
    })
    const tookMs = Date.now() - startedAt
    const survivors: number[] = []
    for (const found of family) if (!(await gone([found], 500))) survivors.push(found)
    return { code, stdout, stderr, tookMs, survivors, leftovers: await readdir(folder) }
  } finally {
    clearInterval(look)
    signal([...family], 'SIGKILL')
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** What a demo said of a job, from one headline to the next. */
export function scenesOf({ stdout }: Played, job: string): string[] {
  return stdout.split(/(?=── )/).filter((scene) => scene.startsWith(`── ${job}:`))
}
