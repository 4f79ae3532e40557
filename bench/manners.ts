import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchClient } from './client.ts'
import type { Options } from './options.ts'
import { type Claim, type Finding, number } from './report.ts'
import { quantile } from './stats.ts'

/**
 * A slice at full speed shares the local Worker with everything else: status requests are answered
 * meanwhile, and a person who interrupts the run sees it stop.
 */
const POLICIES = [
  { name: '1 per commit', everyItems: 1 },
  { name: '500 per commit', everyItems: 500 },
  { name: 'adaptive', everyItems: null },
] as const
const ORDERS = 500_000
const REQUESTS = 200
const INTERRUPTS = 10
const PAUSE_MS = 10
/** A run is left alone for this long before it is interrupted. */
const UNDISTURBED_MS = 300
const MAX_STATUS_MS = 100
const MAX_STOP_MS = 500

interface Manners {
  policy: string
  /** How long `GET /api/runs/:id` took, each time. */
  statusMs: number[]
  /** From sending the interrupt to the last commit, and to the run being shown as interrupted. */
  stops: { lastCommitMs: number; shownMs: number }[]
}

export async function manners(client: BenchClient, options: Options): Promise<Finding> {
  const orders = options.orders ?? (options.quick ? 100_000 : ORDERS)
  const requests = options.quick ? REQUESTS / 5 : REQUESTS
  const interrupts = options.quick ? 3 : INTERRUPTS
  await client.seed(orders)
  const found: Manners[] = []
  for (const { name: policy, everyItems } of POLICIES) {
    const runner = new Runner(client, orders, everyItems)
    options.progress(`manners: ${policy}, ${requests} status requests`)
    const statusMs: number[] = []
    while (statusMs.length < requests) {
      const run = await runner.running()
      const askedAt = performance.now()
      await client.api.run(run)
      statusMs.push(performance.now() - askedAt)
      await sleep(PAUSE_MS)
    }
    options.progress(`manners: ${policy}, ${interrupts} interrupts`)
    const stops: Manners['stops'] = []
    while (stops.length < interrupts) {
      const stop = await interrupt(client, await runner.running())
      if (stop) stops.push(stop)
    }
    await runner.end()
    found.push({ policy, statusMs, stops })
  }
  options.progress('manners: a bare loop, for comparison')
  await client.reset(orders)
  return finding(found, await duringBareLoop(client))
}

/** Keeps a run going: there is always one that works, however fast they end. */
class Runner {
  readonly #client: BenchClient
  readonly #orders: number
  readonly #everyItems: number | null
  #run: string | undefined

  constructor(client: BenchClient, orders: number, everyItems: number | null) {
    this.#client = client
    this.#orders = orders
    this.#everyItems = everyItems
  }

  /** The id of a run that has committed at least once and has not ended. */
  async running(): Promise<string> {
    for (;;) {
      const view = this.#run === undefined ? undefined : await this.#client.api.run(this.#run)
      if (view === undefined || view.finishedAt !== undefined) {
        await this.#client.reset(this.#orders)
        this.#run = await this.#begin()
      } else if (view.status === 'running' && view.commits > 1) {
        return view.id
      }
      await sleep(PAUSE_MS)
    }
  }

  async end(): Promise<void> {
    if (this.#run === undefined) return
    const { finishedAt } = await this.#client.api.run(this.#run)
    if (finishedAt === undefined) await this.#client.api.command(this.#run, 'cancel')
  }

  async #begin(): Promise<string> {
    const upTo = this.#orders
    const { id } =
      this.#everyItems === null
        ? await this.#client.api.start('process-orders', { params: { upTo } })
        : await this.#client.start('process-orders', { upTo, everyItems: this.#everyItems })
    return id
  }
}

/** Interrupts a run, waits until it says so, and resumes it. Undefined when the run ended meanwhile. */
async function interrupt(
  client: BenchClient,
  run: string,
): Promise<{ lastCommitMs: number; shownMs: number } | undefined> {
  await sleep(UNDISTURBED_MS)
  const sentAt = Date.now()
  const asked = await client.api.command(run, 'interrupt', { hold: true }).catch(() => undefined)
  // Just between two slices, or ended: nothing to interrupt.
  if (asked === undefined) return undefined
  let view = asked
  while (view.held !== true && view.finishedAt === undefined) {
    await sleep(5)
    view = await client.api.run(run)
  }
  const shownMs = Date.now() - sentAt
  if (view.held !== true) return undefined
  const lastCommitAt = (await client.ledger(run)).at(-1)?.at ?? 0
  await client.api.command(run, 'resume')
  return { lastCommitMs: Math.max(0, lastCommitAt - sentAt), shownMs }
}

/** How long a request takes that comes while a bare loop runs. */
async function duringBareLoop(client: BenchClient): Promise<number> {
  const loop = client.bare({ run: crypto.randomUUID(), upTo: 1_000, everyItems: 1 })
  await sleep(UNDISTURBED_MS)
  const askedAt = performance.now()
  await client.api.health()
  const answeredMs = performance.now() - askedAt
  await loop
  return answeredMs
}

function finding(found: Manners[], bareMs: number): Finding {
  const p95 = (values: number[]) => quantile(values, 0.95)
  const shown = ({ stops }: Manners) => stops.map(({ shownMs }) => shownMs)
  const ms = (values: number[], digits = 0) =>
    [0.5, 0.95, 1].map((part) => number(quantile(values, part), digits)).join(' / ')
  return {
    title: 'Manners: a slice at full speed lets others have their turn',
    notes: [
      'ms: median / 95th percentile / longest. Stop: from sending POST interrupt to the last commit, and to GET showing it.',
      `A request that came during a bare loop over 1,000 orders was answered after ${number(bareMs)} ms.`,
    ],
    tables: [
      {
        head: ['', 'GET /api/runs/:id', 'last commit', 'shown interrupted'],
        rows: found.map((one) => [
          one.policy,
          ms(one.statusMs, 1),
          ms(one.stops.map(({ lastCommitMs }) => lastCommitMs)),
          ms(shown(one)),
        ]),
      },
    ],
    claims: found.flatMap((one): Claim[] => [
      {
        claim: `status while running, ${one.policy}`,
        aim: `p95 <= ${MAX_STATUS_MS} ms`,
        measured: `${number(p95(one.statusMs), 1)} ms`,
        met: p95(one.statusMs) <= MAX_STATUS_MS,
      },
      {
        claim: `interrupt stops the run, ${one.policy}`,
        aim: `<= ${MAX_STOP_MS} ms`,
        measured: `${number(Math.max(...shown(one)))} ms`,
        met: Math.max(...shown(one)) <= MAX_STOP_MS,
      },
    ]),
    data: { found, bareMs },
  }
}
