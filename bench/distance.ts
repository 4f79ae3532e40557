import type { BenchClient } from './client.ts'
import type { Options } from './options.ts'
import { type Claim, type Finding, number, spread } from './report.ts'
import { summarize } from './stats.ts'

/**
 * What a round trip to D1 does to speed: the default against fixed sizes and against a bare loop, all
 * through the same simulated distance. The default is to be the best at any of them.
 */
const JOB = 'process-orders-iteration'
const ROUND_TRIPS_MS = [0, 30, 60] as const
const SIZES = [1, 100, 500, 2_000, 5_000] as const
/** A bare loop's slices. */
const BARE_SIZE = 500
const ORDERS = 20_000

/** Small sizes take fewer orders, so that no measurement takes much longer than this. */
const MEASURE_MS = 4_000
/** The default is cut off there: what is slow shows by then. */
const CUT_MS = 20_000
const AIM = 0.9

type Contestant = 'default' | 'bare' | (typeof SIZES)[number]
const CONTESTANTS: readonly Contestant[] = ['default', 'bare', ...SIZES]

interface Measurement {
  round: number
  roundTripMs: number
  contestant: Contestant
  /** Those that were handled. */
  orders: number
  workMs: number
  commits: number
  slices: number
}

type Measured = Omit<Measurement, 'round' | 'roundTripMs' | 'contestant'>

export async function distance(client: BenchClient, options: Options): Promise<Finding> {
  const orders = options.orders ?? (options.quick ? ORDERS / 10 : ORDERS)
  await client.seed(orders)
  const measurements: Measurement[] = []
  // Warms everything up.
  await measure(client, 500, 0, Math.min(orders, 5_000))
  for (let round = 1; round <= options.rounds; round++) {
    for (const roundTripMs of ROUND_TRIPS_MS) {
      await client.simulate({ d1: roundTripMs })
      for (const contestant of CONTESTANTS) {
        await client.reset(orders)
        options.progress(
          `distance: round ${round} of ${options.rounds}, ${roundTripMs} ms to D1, ${named(contestant)}`,
        )
        const measured = await measure(client, contestant, roundTripMs, orders)
        measurements.push({ round, roundTripMs, contestant, ...measured })
      }
    }
  }
  return finding(measurements)
}

async function measure(
  client: BenchClient,
  contestant: Contestant,
  roundTripMs: number,
  all: number,
): Promise<Measured> {
  if (contestant === 'default') return measureDefault(client, all)
  if (contestant === 'bare') {
    const run = crypto.randomUUID()
    const span = await client.bare({ run, upTo: all, everyItems: BARE_SIZE })
    await requireHandled(client, run, all)
    const workMs = span.endedAt - span.startedAt
    return { orders: all, workMs, commits: span.commitTimes.length, slices: 1 }
  }
  const commits = Math.max(10, Math.floor(MEASURE_MS / (roundTripMs + 2)))
  const upTo = Math.min(all, contestant * commits)
  const { id } = await client.start(JOB, { upTo, everyItems: contestant })
  const { startedAt = '', finishedAt = '', slices } = await client.completed(id)
  await requireHandled(client, id, upTo)
  return {
    orders: upTo,
    workMs: Date.parse(finishedAt) - Date.parse(startedAt),
    commits: (await client.ledger(id)).length,
    slices,
  }
}

/** As an author gets it who sets nothing. */
async function measureDefault(client: BenchClient, upTo: number): Promise<Measured> {
  const { id } = await client.api.start(JOB, { params: { upTo } })
  const ended = await client.endedWithin(id, CUT_MS)
  if (ended) await client.completed(id)
  else await client.api.command(id, 'cancel')
  const ledger = await client.ledger(id)
  const { startedAt = '', finishedAt, slices } = await client.api.run(id)
  const orders = ledger.reduce((sum, { items }) => sum + items, 0)
  if (ended) await requireHandled(client, id, upTo)
  const endedAt = ended ? Date.parse(finishedAt ?? '') : (ledger.at(-1)?.at ?? NaN)
  return { orders, workMs: endedAt - Date.parse(startedAt), commits: ledger.length, slices }
}

async function requireHandled(client: BenchClient, run: string, orders: number): Promise<void> {
  const handled = await client.handled(run)
  if (handled !== orders)
    throw new Error(`run ${run} handled ${handled} orders, expected ${orders}`)
}

function finding(measurements: Measurement[]): Finding {
  const of = (roundTripMs: number, contestant: Contestant) =>
    measurements.filter((m) => m.roundTripMs === roundTripMs && m.contestant === contestant)
  const rates = (roundTripMs: number, contestant: Contestant) =>
    of(roundTripMs, contestant).map(({ orders, workMs }) => (orders / workMs) * 1_000)
  /** Within each round. */
  const against = (roundTripMs: number, others: readonly Contestant[]) =>
    rates(roundTripMs, 'default').map(
      (rate, round) =>
        rate / Math.max(...others.map((other) => rates(roundTripMs, other)[round] ?? NaN)),
    )
  const median = (values: number[]) => number(summarize(values).median)
  const figures = ROUND_TRIPS_MS.map((roundTripMs) => ({
    roundTripMs,
    best: summarize(against(roundTripMs, SIZES)),
    bare: summarize(against(roundTripMs, ['bare'])),
  }))
  return {
    title: 'Distance: what a round trip to D1 does to speed',
    notes: [
      `${JOB}, orders/s from claim to end; every call of slice and object to D1 takes the simulated round trip.`,
      `Small sizes handle fewer orders. The default is cut off after ${CUT_MS / 1_000} s. Ratios within a round: median [min max].`,
    ],
    tables: [
      {
        head: [
          'round trip',
          'default',
          'commits',
          'slices',
          `bare, ${BARE_SIZE}`,
          ...SIZES.map((size) => `${size}`),
          'default / best fixed',
          'default / bare',
        ],
        rows: figures.map(({ roundTripMs, best, bare }) => [
          `${roundTripMs} ms`,
          median(rates(roundTripMs, 'default')),
          median(of(roundTripMs, 'default').map(({ commits }) => commits)),
          median(of(roundTripMs, 'default').map(({ slices }) => slices)),
          median(rates(roundTripMs, 'bare')),
          ...SIZES.map((size) => median(rates(roundTripMs, size))),
          spread(best, 2),
          spread(bare, 2),
        ]),
      },
    ],
    claims: figures.map(({ roundTripMs, best }): Claim => ({
      claim: `the default, ${roundTripMs} ms from D1, against the best fixed size`,
      aim: `>= ${AIM.toFixed(2)} times`,
      measured: spread(best, 2),
      met: best.median >= AIM,
    })),
    data: measurements,
  }
}

function named(contestant: Contestant): string {
  return typeof contestant === 'number' ? `${contestant} per commit` : contestant
}
