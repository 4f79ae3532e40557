import { rmdirSync, rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parseCount } from '../src/cli/args.ts'
import { freePort } from '../src/cli/local/free-port.ts'
import { startLocalWorker } from '../src/cli/local/local-worker.ts'
import { frequency } from './checkpoint-frequency.ts'
import { BenchClient } from './client.ts'
import { distance } from './distance.ts'
import { driving } from './driving.ts'
import { far } from './far.ts'
import { flatness } from './flatness.ts'
import { heapProbe } from './heap.ts'
import { lanes } from './lanes.ts'
import { manners } from './manners.ts'
import type { Options } from './options.ts'
import { overhead } from './overhead.ts'
import { type Finding, findingText } from './report.ts'
import { list } from './run-list.ts'
import { startup } from './startup.ts'
import { throughput } from './throughput.ts'
import { watchers } from './watchers.ts'
import { workerdProbe } from './workerd.ts'

const USAGE = `npm run bench -- [throughput] [flatness] [manners] [overhead] [frequency] [watchers] [list] [distance] [far] [driving] [lanes] [startup] [--quick] [--rounds N] [--orders N] [--runs N] [--round-trips MS,...] [--json]

Measures the promises about speed in a local Worker of its own. All twelve take about an hour.
  --quick     small figures, which only show that the bench works
  --rounds N  rounds of throughput, frequency, watchers and distance (default 5)
  --orders N  orders per measurement, instead of each bench's own
  --runs N    runs among which list lists, instead of 100,000
  --round-trips 30,60  of distance, in ms, instead of 0,5,30,60,120
  --json      one JSON document with everything measured`

const BENCHES = {
  throughput,
  flatness,
  manners,
  overhead,
  frequency,
  watchers,
  list,
  distance,
  far,
  driving,
  lanes,
  startup,
} as const
type Name = keyof typeof BENCHES

const isBench = (name: string): name is Name => Object.hasOwn(BENCHES, name)

function readArgs(args: string[]) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      rounds: { type: 'string' },
      orders: { type: 'string' },
      runs: { type: 'string' },
      'round-trips': { type: 'string' },
    },
  })
  const unknown = positionals.find((name) => !isBench(name))
  if (unknown !== undefined) throw new Error(`there is no bench '${unknown}'`)
  const { quick, json, help, rounds, orders, runs } = values
  const options: Options = {
    quick,
    rounds: rounds === undefined ? (quick ? 1 : 5) : parseCount(rounds),
    orders: orders === undefined ? undefined : parseCount(orders),
    runs: runs === undefined ? undefined : parseCount(runs),
    roundTrips: values['round-trips']?.split(',').map((ms) => (ms === '0' ? 0 : parseCount(ms))),
    progress: (what) => console.error(what),
  }
  const all = Object.keys(BENCHES) as Name[]
  return { json, help, names: all.filter((name) => asked(positionals, name)), options }
}

const asked = (names: string[], name: string) => names.length === 0 || names.includes(name)

/** Runs one bench in a local Worker, and on a database, of its own. */
async function runBench(name: Name, options: Options, state: string): Promise<Finding> {
  const persistTo = join(state, name)
  const inspectorPort = await freePort()
  const worker = await startLocalWorker({
    persistTo,
    config: join(import.meta.dirname, 'wrangler.toml'),
    // Production's, and not the shorter one of local Workers.
    vars: { SLICE_WALL_MS: '20000' },
    logLevel: 'warn',
    inspectorPort,
  })
  try {
    return await BENCHES[name](new BenchClient(worker.url), options, {
      probe: workerdProbe(() => worker.pids()),
      heap: heapProbe(inspectorPort),
      restart: () => worker.restart(),
    })
  } finally {
    await worker.stop()
    await rm(persistTo, { recursive: true, force: true })
  }
}

/** wrangler builds beside its configuration and leaves the folders behind. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(join(import.meta.dirname, folder))
  } catch {
    // Not there, or another bench is still using it.
  }
}

async function main({ json, names, options }: ReturnType<typeof readArgs>): Promise<void> {
  const state = await mkdtemp(join(tmpdir(), 'dogear-bench-'))
  // Also when Ctrl-C ends this process; the Worker's own exit handler has ended it by then.
  const clean = () => {
    rmSync(state, { recursive: true, force: true })
    for (const folder of ['.wrangler/tmp', '.wrangler']) removeEmpty(folder)
  }
  process.once('exit', clean)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(1))
  }
  const findings: Partial<Record<Name, Finding>> = {}
  for (const name of names) {
    const finding = await runBench(name, options, state)
    findings[name] = finding
    if (!json) console.log(`\n${findingText(finding)}`)
  }
  if (json) {
    const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version }
    console.log(JSON.stringify({ machine, ...findings }, null, 2))
  }
}

let args: ReturnType<typeof readArgs> | undefined
try {
  args = readArgs(process.argv.slice(2))
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  process.exitCode = 2
}
if (args?.help) console.log(USAGE)
else if (args) await main(args)
