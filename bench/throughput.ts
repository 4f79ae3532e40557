import type { BenchClient } from './client.ts'
import type { Bench, Options } from './options.ts'
import { type Claim, type Finding, number, spread } from './report.ts'
import { rotated } from './rotated.ts'
import { quantile, summarize } from './stats.ts'

/**
 * What continuations cost: orders per second of both styles, beside the same reads and writes in a bare
 * loop, and beside a Cloudflare Workflow of one step per commit. All in one local Worker and in turn,
 * because the machine's speed changes from minute to minute: what counts are the ratios within a round.
 */
const CONTESTANTS = ['process-orders', 'process-orders-iteration', 'bare', 'workflow'] as const
type Contestant = (typeof CONTESTANTS)[number]
const OURS = ['process-orders', 'process-orders-iteration'] as const

/** Orders per commit, and how many orders make a measurement of about a second or more. */
const SIZES = [
  { everyItems: 1, orders: 2_000, aims: { bare: 1.3, workflow: 2 } },
  { everyItems: 100, orders: 30_000, aims: { bare: 0.9, workflow: null } },
  { everyItems: 500, orders: 100_000, aims: { bare: 0.9, workflow: 1.25 } },
] as const

interface Measurement {
  run: string
  round: number
  everyItems: number
  contestant: Contestant
  orders: number
  /** From the first moment of work to the last. */
  workMs: number
  /** From the request on, with what queue or Workflow take to start. */
  totalMs: number
  /** Processor time of workerd, NaN where it cannot be known. */
  cpuMs: number
  slices: number
  /** Time between two slices: release, queue, claim, raise. */
  betweenMs: number[]
}

export async function throughput(
  client: BenchClient,
  options: Options,
  { probe }: Bench,
): Promise<Finding> {
  const sizes = SIZES.map((size) => ({
    ...size,
    orders: options.orders ?? (options.quick ? size.orders / 10 : size.orders),
  }))
  const most = Math.max(...sizes.map(({ orders }) => orders))
  await client.seed(most)
  const measurements: Measurement[] = []
  // Round 0 warms everything up and is not counted.
  for (let round = 0; round <= options.rounds; round++) {
    for (const { everyItems, orders } of sizes) {
      for (const contestant of rotated(CONTESTANTS, round)) {
        const work = { everyItems, upTo: round === 0 ? Math.min(orders, everyItems * 20) : orders }
        await client.reset(most)
        const before = probe()?.cpuMs ?? NaN
        const measured = await measure(client, contestant, work)
        const cpuMs = (probe()?.cpuMs ?? NaN) - before
        await requireHandled(client, measured.run, work.upTo)
        options.progress(
          `throughput: round ${round} of ${options.rounds}, ${everyItems} per commit, ${contestant}`,
        )
        if (round > 0)
          measurements.push({ round, everyItems, contestant, orders, cpuMs, ...measured })
      }
    }
  }
  return finding(measurements)
}

async function measure(
  client: BenchClient,
  contestant: Contestant,
  work: { everyItems: number; upTo: number },
): Promise<Omit<Measurement, 'round' | 'everyItems' | 'contestant' | 'orders' | 'cpuMs'>> {
  if (contestant === 'bare' || contestant === 'workflow') {
    const run = crypto.randomUUID()
    const span = await client[contestant]({ run, ...work })
    const { startedAt, endedAt } = span
    const createdAt = 'createdAt' in span ? span.createdAt : startedAt
    const [workMs, totalMs] = [endedAt - startedAt, endedAt - createdAt]
    return { run, workMs, totalMs, slices: 1, betweenMs: [] }
  }
  const { id } = await client.start(contestant, work)
  const view = await client.completed(id)
  const slices = await client.slices(id)
  const endedAt = Date.parse(view.finishedAt ?? '')
  return {
    run: id,
    workMs: endedAt - Date.parse(view.startedAt ?? ''),
    totalMs: endedAt - Date.parse(view.createdAt),
    slices: view.slices,
    betweenMs: slices
      .slice(1)
      .map(
        ({ startedAt }, index) => Date.parse(startedAt) - Date.parse(slices[index]?.endedAt ?? ''),
      ),
  }
}

async function requireHandled(client: BenchClient, run: string, orders: number): Promise<void> {
  const handled = await client.handled(run)
  if (handled !== orders)
    throw new Error(`run ${run} handled ${handled} orders, expected ${orders}`)
}

function finding(measurements: Measurement[]): Finding {
  const of = (everyItems: number, contestant: Contestant) =>
    measurements.filter((m) => m.everyItems === everyItems && m.contestant === contestant)
  const rate = ({ orders, workMs }: Measurement) => (orders / workMs) * 1_000
  /** How many times as fast as the other, within each round. */
  const ratios = (everyItems: number, ours: Contestant, other: Contestant) =>
    of(everyItems, ours).map(
      (m, index) => rate(m) / rate(of(everyItems, other)[index] as Measurement),
    )

  const rows = SIZES.flatMap(({ everyItems }) =>
    CONTESTANTS.map((contestant) => {
      const all = of(everyItems, contestant)
      return [
        contestant,
        `${everyItems}`,
        spread(summarize(all.map(rate))),
        number(
          quantile(
            all.map(({ orders, totalMs }) => (orders / totalMs) * 1_000),
            0.5,
          ),
        ),
        spread(summarize(ratios(everyItems, contestant, 'bare')), 2),
        spread(summarize(ratios(everyItems, contestant, 'workflow')), 2),
        microseconds(all),
        number(
          quantile(
            all.map(({ slices }) => slices),
            0.5,
          ),
        ),
        all.some(({ betweenMs }) => betweenMs.length > 0)
          ? number(
              quantile(
                all.flatMap(({ betweenMs }) => betweenMs),
                0.5,
              ),
              1,
            )
          : '',
      ]
    }),
  )
  const claims = SIZES.flatMap(({ everyItems, aims }) =>
    OURS.flatMap((contestant) =>
      (['bare', 'workflow'] as const).flatMap((other): Claim[] => {
        const aim = aims[other]
        if (aim === null) return []
        const measured = summarize(ratios(everyItems, contestant, other))
        return [
          {
            claim: `${contestant}, ${everyItems} per commit, against ${other}`,
            aim: `>= ${aim.toFixed(2)} times`,
            measured: spread(measured, 2),
            met: measured.median >= aim,
          },
        ]
      }),
    ),
  )
  return {
    title: 'Throughput: what continuations cost',
    notes: [
      'orders/s: from claim to release of the last slice; a bare loop and a Workflow from their first line to their last.',
      'from request: the median with queue or Workflow start-up. A ratio is taken within a round: median [min max].',
      'cpu: processor time of workerd per order; on a busy machine it tells more than the clock does.',
    ],
    tables: [
      {
        head: [
          '',
          'per commit',
          'orders/s',
          'from request',
          'x bare',
          'x workflow',
          'cpu us/order',
          'slices',
          'ms between',
        ],
        rows,
      },
    ],
    claims,
    data: measurements,
  }
}

function microseconds(all: Measurement[]): string {
  const median = quantile(
    all.map(({ cpuMs, orders }) => (cpuMs / orders) * 1_000),
    0.5,
  )
  return Number.isNaN(median) ? '' : number(median, 1)
}
