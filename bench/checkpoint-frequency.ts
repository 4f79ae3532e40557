import type { Cost } from '../src/engine/runs/index.ts'
import type { BenchClient } from './client.ts'
import type { Bench, Options } from './options.ts'
import { type Finding, number, spread } from './report.ts'
import { quantile, summarize } from './stats.ts'

/** The trade of checkpoint frequency against overhead: one job, committed every k orders. */
const JOB = 'process-orders-iteration'

/** Orders per commit, and how many orders make a measurement of about a second. */
const SIZES = [
  { everyItems: 1, orders: 800 },
  { everyItems: 2, orders: 1_600 },
  { everyItems: 5, orders: 4_000 },
  { everyItems: 10, orders: 8_000 },
  { everyItems: 25, orders: 12_000 },
  { everyItems: 50, orders: 20_000 },
  { everyItems: 100, orders: 20_000 },
  { everyItems: 250, orders: 30_000 },
  { everyItems: 500, orders: 30_000 },
] as const

interface Measurement {
  round: number
  everyItems: number
  orders: number
  workMs: number
  /** Processor time of workerd, NaN where it cannot be known. */
  cpuMs: number
  cost: Cost
}

export async function frequency(
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
      const upTo = round === 0 ? Math.min(orders, everyItems * 20) : orders
      await client.reset(most)
      const before = probe()?.cpuMs ?? NaN
      const { id } = await client.start(JOB, { upTo, everyItems })
      const { startedAt = '', finishedAt = '', cost } = await client.completed(id)
      const cpuMs = (probe()?.cpuMs ?? NaN) - before
      options.progress(`frequency: round ${round} of ${options.rounds}, ${everyItems} per commit`)
      const workMs = Date.parse(finishedAt) - Date.parse(startedAt)
      if (round > 0) measurements.push({ round, everyItems, orders, workMs, cpuMs, cost })
    }
  }
  return finding(measurements)
}

function finding(measurements: Measurement[]): Finding {
  const of = (everyItems: number) => measurements.filter((m) => m.everyItems === everyItems)
  const perOrder = ({ workMs, orders }: Measurement) => workMs / orders
  const largest = of(SIZES[SIZES.length - 1]?.everyItems ?? 0)
  const rows = SIZES.map(({ everyItems }) => {
    const all = of(everyItems)
    const overhead = all.map(
      (m, round) => 1 - perOrder(largest[round] as Measurement) / perOrder(m),
    )
    const of1000 = (amount: (cost: Cost) => number) =>
      number(median(all.map(({ cost, orders }) => (amount(cost) / orders) * 1_000)))
    return [
      `${everyItems}`,
      spread(summarize(all.map((m) => 1_000 / perOrder(m)))),
      `${number(median(overhead) * 100)} %`,
      number(median(all.map(({ cpuMs, orders }) => (cpuMs / orders) * 1_000)), 1),
      of1000(({ d1Statements }) => d1Statements),
      of1000(({ d1RowsRead }) => d1RowsRead),
      of1000(({ d1RowsWritten }) => d1RowsWritten),
      of1000(({ durableObjectRequests }) => durableObjectRequests),
    ]
  })
  return {
    title: 'Checkpoint frequency against overhead',
    notes: [
      `${JOB}, committed every so many orders. orders/s: from claim to release, median [min max] of the rounds.`,
      'overhead: the part of the time per order that 500 per commit spare, within a round.',
      'The last four columns are what 1,000 orders cost in the units of the bill, as the run itself counts them.',
    ],
    tables: [
      {
        head: [
          'per commit',
          'orders/s',
          'overhead',
          'cpu us/order',
          'statements',
          'rows read',
          'rows written',
          'object requests',
        ],
        rows,
      },
    ],
    claims: [],
    data: measurements,
  }
}

function median(values: number[]): number {
  return quantile(values, 0.5)
}
