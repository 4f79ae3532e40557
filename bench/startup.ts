import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHost, type HostFolder } from '../test/package/support/host.ts'
import { CONFIG, HEADLESS, JOBS, WORKER } from '../test/package/support/samples.ts'
import type { BenchClient } from './client.ts'
import type { Options } from './options.ts'
import { type Finding, spread } from './report.ts'
import { type Summary, summarize } from './stats.ts'

/** What the start of an isolate may take of the processor. */
const AIM_MS = 50

const WORKERS = {
  'with API and page': { 'src/jobs.ts': JOBS, 'src/index.ts': WORKER },
  headless: { 'src/index.ts': HEADLESS },
}

interface Profile {
  nodes: { id: number; callFrame: { functionName: string } }[]
  samples: number[]
  timeDeltas: number[]
}

/** A minimal Worker of one job, as packed: what `wrangler check startup` samples while its isolate starts. */
export async function startup(_client: BenchClient, options: Options): Promise<Finding> {
  const found: [worker: string, ms: Summary][] = []
  for (const [worker, files] of Object.entries(WORKERS)) {
    const host = await createHost({ ...files, 'wrangler.json': CONFIG })
    try {
      const rounds = Array.from({ length: options.rounds }, (_, round) => {
        options.progress(`startup: ${worker}, round ${round + 1} of ${options.rounds}`)
        return startMs(host)
      })
      found.push([worker, summarize(rounds)])
    } finally {
      host.remove()
    }
  }
  return {
    title: 'Start-up: processor time of a minimal Worker’s isolate',
    notes: ['One job, the package as packed, by the profile of `wrangler check startup`.'],
    tables: [{ head: ['Worker', 'ms'], rows: found.map(([worker, ms]) => [worker, spread(ms)]) }],
    claims: found.map(([worker, ms]) => ({
      claim: `an isolate starts, ${worker}`,
      aim: `under ${AIM_MS} ms`,
      measured: spread(ms),
      met: ms.median < AIM_MS,
    })),
    data: Object.fromEntries(found),
  }
}

function startMs(host: HostFolder): number {
  host.run('wrangler/bin/wrangler.js', 'check', 'startup')
  const text = readFileSync(join(host.folder, 'worker-startup.cpuprofile'), 'utf8')
  const { nodes, samples, timeDeltas } = JSON.parse(text) as Profile
  const idle = nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)')
  const isIdle = new Set(idle.map(({ id }) => id))
  const busy = samples.map((node, at) => (isIdle.has(node) ? 0 : (timeDeltas[at] ?? 0)))
  return busy.reduce((sum, micros) => sum + micros, 0) / 1_000
}
