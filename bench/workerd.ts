import { existsSync, readFileSync } from 'node:fs'

/** What the workerd processes of a local Worker use: consumer, D1 and Durable Objects together. */
export interface WorkerdUsage {
  /** Resident memory. */
  bytes: number
  /** Processor time since they started. Unlike the clock it hardly minds what else the machine does. */
  cpuMs: number
}

/** Null where it cannot be known. */
export type WorkerdProbe = () => WorkerdUsage | null

/** Linux counts processor time in hundredths of a second. */
const TICK_MS = 10

/** Looks in /proc for the workerd among these processes. */
export function workerdProbe(pids: () => readonly number[]): WorkerdProbe {
  return () => {
    const usage = { bytes: 0, cpuMs: 0 }
    for (const pid of pids()) {
      const [status, stat] = ['status', 'stat'].map((name) => read(`/proc/${pid}/${name}`))
      if (!status || !stat || !/^Name:\s+workerd$/m.test(status)) continue
      usage.bytes += Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
      // Behind the name in parentheses: the 12th and 13th field are user and system time.
      const [userTicks, systemTicks] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11)
      usage.cpuMs += (Number(userTicks) + Number(systemTicks)) * TICK_MS
    }
    return usage.bytes === 0 ? null : usage
  }
}

function read(path: string): string | null {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8') : null
  } catch {
    // Gone between the two.
    return null
  }
}
