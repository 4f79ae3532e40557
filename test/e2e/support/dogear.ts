import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { PROJECT } from '../../../src/cli/local/wrangler.ts'

export const MAIN = join(PROJECT, 'src/shop/cli/main.ts')

/** What a command left behind. */
export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** Nothing that is run here takes longer. */
const WITHIN_MS = 90_000

/** Runs the real `dogear` command to its end. */
export function dogear(url: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, '--url', url, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: WITHIN_MS,
      killSignal: 'SIGKILL',
    })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => void (stdout += text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text))
    child.once('error', reject).once('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/** Runs it with `--json`; the one document that it must print. Throws unless it exits with 0. */
export async function dogearJson<T>(url: string, ...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await dogear(url, '--json', ...args)
  if (code !== 0) throw new Error(`dogear ${args.join(' ')} exited with ${code}: ${stderr}`)
  return JSON.parse(stdout) as T
}
