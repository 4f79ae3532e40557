import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

interface ProcessRow {
  pid: number
  parent: number
}

/** The processes that `pid` started and those that they started; not itself. */
export function descendants(pid: number): number[] {
  const rows = processes()
  const found: number[] = []
  let parents = new Set([pid])
  while (parents.size > 0) {
    const children = rows.filter(({ parent }) => parents.has(parent)).map((row) => row.pid)
    found.push(...children)
    parents = new Set(children)
  }
  return found
}

/** Sends a signal to those of these processes that still live. */
export function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // Gone already.
    }
  }
}

/** True when all of these processes went away within the time. */
export async function gone(pids: readonly number[], withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const living = new Set(processes().map(({ pid }) => pid))
    if (!pids.some((pid) => living.has(pid))) return true
    if (Date.now() > deadline) return false
    await sleep(20)
  }
}

/**
 * Calls `end` when the shell under `npm run` is gone. npm passes SIGTERM to that shell, which dies of
 * it without a word to the script it runs.
 */
export function onNpmGone(end: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return
  const shell = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(timer)
    end()
  }, 250)
  timer.unref()
}

/** All living processes. A zombie, which only waits for its parent to notice, is dead. */
function processes(): ProcessRow[] {
  return existsSync('/proc/self/stat') ? fromProc() : fromPs()
}

function fromProc(): ProcessRow[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The name in parentheses may hold anything, so read what comes behind its last one.
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
        const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        return state === 'Z' ? [] : [{ pid: Number(name), parent: Number(parent) }]
      } catch {
        return []
      }
    })
}

/** Where there is no /proc (macOS). */
function fromPs(): ProcessRow[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , state]) => !state?.startsWith('Z'))
    .map(([pid, parent]) => ({ pid: Number(pid), parent: Number(parent) }))
}
