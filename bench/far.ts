import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchClient } from './client.ts'
import type { Options } from './options.ts'
import { type Finding, number } from './report.ts'

/**
 * A run over a million orders, 30 ms from its database, as an author gets it who sets nothing: what an item costs
 * does not depend on how many came before it.
 */
const JOB = 'process-orders-iteration'
const ORDERS = 1_000_000
const ROUND_TRIP_MS = 30
const TENTHS = 10
const SAMPLE_EVERY_MS = 400
const MAX_GROWTH = 0.1

/** The run as it was shown at one moment. */
interface Sample {
  at: number
  done: number
  commits: number
  statements: number
  rowsWritten: number
  rowsRead: number
}

const MEASURES = ['commits', 'statements', 'rowsWritten', 'rowsRead'] as const
type Tenth = Record<(typeof MEASURES)[number] | 'perSecond', number>

export async function far(client: BenchClient, options: Options): Promise<Finding> {
  const orders = options.orders ?? (options.quick ? ORDERS / 50 : ORDERS)
  options.progress(`far: seeding ${number(orders)} orders`)
  await client.seed(orders)
  await client.simulate({ d1: ROUND_TRIP_MS })
  options.progress(`far: ${number(orders)} orders, ${ROUND_TRIP_MS} ms from D1`)
  const { id } = await client.api.start(JOB, { params: { upTo: orders } })
  const samples: Sample[] = []
  for (;;) {
    const { progress, commits, cost, finishedAt } = await client.api.run(id)
    samples.push({
      at: Date.now(),
      done: progress.done,
      commits,
      statements: cost.d1Statements,
      rowsWritten: cost.d1RowsWritten,
      rowsRead: cost.d1RowsRead,
    })
    if (finishedAt !== undefined) break
    await sleep(SAMPLE_EVERY_MS)
  }
  await client.simulate({})
  const run = await client.completed(id)
  return finding(orders, run.slices, samples)
}

/** What a thousand orders cost in a tenth of the run. */
function tenthOf(samples: Sample[], orders: number, index: number): Tenth {
  const reached = (done: number) => samples.find((sample) => sample.done >= done)
  const from = index === 0 ? samples[0] : reached((orders * index) / TENTHS)
  const to = reached((orders * (index + 1)) / TENTHS)
  if (!from || !to || from === to) throw new Error(`too few samples of ${orders} orders`)
  const thousands = (to.done - from.done) / 1_000
  const per = (what: (typeof MEASURES)[number]) => (to[what] - from[what]) / thousands
  return {
    perSecond: ((to.done - from.done) / (to.at - from.at)) * 1_000,
    commits: per('commits'),
    statements: per('statements'),
    rowsWritten: per('rowsWritten'),
    rowsRead: per('rowsRead'),
  }
}

function finding(orders: number, slices: number, samples: Sample[]): Finding {
  const tenths = Array.from({ length: TENTHS }, (_, index) => tenthOf(samples, orders, index))
  const second = tenths[1]
  const ninth = tenths[8]
  if (!second || !ninth) throw new Error('no tenths')
  return {
    title: `Far: ${number(orders)} orders, ${ROUND_TRIP_MS} ms from D1`,
    notes: [
      `${JOB}, default policy, ${slices} slices. Per 1,000 orders, in each tenth of the run.`,
    ],
    tables: [
      {
        head: ['tenth', 'orders/s', 'commits', 'statements', 'rows written', 'rows read'],
        rows: tenths.map((tenth, index) => [
          `${index + 1}`,
          number(tenth.perSecond),
          ...MEASURES.map((measure) => tenth[measure].toFixed(2)),
        ]),
      },
    ],
    // The first tenth has the commits by which the run learns their size, the last what its end costs.
    claims: MEASURES.map((measure) => {
      const growth = ninth[measure] / second[measure] - 1
      return {
        claim: `${measure} per order, the ninth tenth against the second`,
        aim: `within ${MAX_GROWTH * 100} %`,
        measured: `${(growth * 100).toFixed(1)} %`,
        met: Math.abs(growth) <= MAX_GROWTH,
      }
    }),
    data: { orders, slices, tenths },
  }
}
