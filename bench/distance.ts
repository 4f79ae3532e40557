import type { BenchClient } from './client.ts'
import {
  type Away,
  BARE_SIZE,
  type Contestant,
  type Measurement,
  SIZES,
} from './distance-contestants.ts'
import { distanceFinding } from './distance-finding.ts'
import { measureHttp } from './distance-http.ts'
import type { Options } from './options.ts'
import type { Finding } from './report.ts'
import { rotated } from './rotated.ts'

/**
 * What round trips do to speed: the default against fixed sizes, a bare loop and a Workflow, all through the
 * same simulated distance and on a clock that stands still between I/O. The default is to be the best.
 */
const JOB = 'process-orders-iteration'
const ROUND_TRIPS_MS = [0, 5, 30, 60, 120]
const ORDERS = 50_000

/** What is slow takes fewer orders, so that no measurement takes much longer than this. */
const MEASURE_MS = 4_000
/** The default is cut off there: what is slow shows by then. */
const CUT_MS = 20_000

const CONTESTANTS: Record<Away, readonly Contestant[]> = {
  d1: ['default', 'bare', 'workflow', ...SIZES],
  // Neither a bare loop nor a Workflow calls the object of a run.
  object: ['default', ...SIZES],
}

type Measured = Omit<Measurement, 'round' | 'away' | 'roundTripMs' | 'contestant'>

export async function distance(client: BenchClient, options: Options): Promise<Finding> {
  const orders = options.orders ?? (options.quick ? ORDERS / 10 : ORDERS)
  const roundTrips = options.roundTrips ?? (options.quick ? [0, 60] : ROUND_TRIPS_MS)
  await client.seed(orders)
  const measurements: Measurement[] = []
  // Warms everything up.
  await measure(client, 500, 0, Math.min(orders, 5_000))
  for (let round = 1; round <= options.rounds; round++) {
    for (const away of ['d1', 'object'] as const) {
      for (const roundTripMs of roundTrips) {
        // Without a distance there is no difference.
        if (away === 'object' && roundTripMs === 0) continue
        await client.simulate({ [away]: roundTripMs, frozen: true })
        for (const contestant of rotated(CONTESTANTS[away], round)) {
          await client.reset(orders)
          options.progress(
            `distance: round ${round} of ${options.rounds}, ${away} ${roundTripMs} ms away, ${named(contestant)}`,
          )
          const measured = await measure(
            client,
            contestant,
            away === 'd1' ? roundTripMs : 0,
            orders,
          )
          measurements.push({ round, away, roundTripMs, contestant, ...measured })
        }
      }
    }
  }
  await client.simulate({})
  return distanceFinding(roundTrips, measurements, await measureHttp(client, options))
}

/** `wayMs`: the round trip that each commit takes. */
async function measure(
  client: BenchClient,
  contestant: Contestant,
  wayMs: number,
  all: number,
): Promise<Measured> {
  if (contestant === 'default') return measureDefault(client, all)
  if (contestant === 'bare' || contestant === 'workflow') {
    // It reads and writes in turn: two ways.
    const upTo = within(all, BARE_SIZE, 2 * wayMs + 20)
    const run = crypto.randomUUID()
    const span = await client[contestant]({ run, upTo, everyItems: BARE_SIZE })
    await requireHandled(client, run, upTo)
    const workMs = span.endedAt - span.startedAt
    return { orders: upTo, workMs, commits: Math.ceil(upTo / BARE_SIZE), slices: 1 }
  }
  const upTo = within(all, contestant, wayMs + 2)
  const { id } = await client.start(JOB, { upTo, everyItems: contestant })
  const { startedAt = '', finishedAt = '', slices, commits } = await client.completed(id)
  await requireHandled(client, id, upTo)
  return { orders: upTo, workMs: Date.parse(finishedAt) - Date.parse(startedAt), commits, slices }
}

/** As many orders as can be handled in time, if each so many take so many ms. */
function within(all: number, size: number, ms: number): number {
  return Math.min(all, size * Math.max(10, Math.floor(MEASURE_MS / ms)))
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

function named(contestant: Contestant): string {
  return typeof contestant === 'number' ? `${contestant} per commit` : contestant
}
