import type { BenchClient } from './client.ts'
import type { Bench, Options } from './options.ts'
import { type Claim, type Finding, number, percent, spread } from './report.ts'
import { quantile, summarize } from './stats.ts'

/**
 * What it costs a run to be watched: the same run with nobody and with 200 people on its stream of
 * events, in turn and in one local Worker, where object, slice, database and streams share a thread.
 */
const WATCHERS = 200
const POLICIES = [
  { everyItems: 1, orders: 3_000 },
  { everyItems: 100, orders: 60_000 },
  { everyItems: 500, orders: 150_000 },
] as const
/** Until then all watchers are there. */
const WAIT_MS = 3_000
const MAX_LOSS = 0.05

interface Measurement {
  everyItems: number
  watchers: number
  ordersPerSecond: number
  /** Processor time of workerd; NaN where it cannot be known. */
  cpuMs: number
  /** What a watcher was sent, in the median. */
  frames: number
}

export async function watchers(
  client: BenchClient,
  options: Options,
  { probe }: Bench,
): Promise<Finding> {
  const policies = POLICIES.map((policy) => ({
    ...policy,
    orders: options.orders ?? (options.quick ? policy.orders / 10 : policy.orders),
  }))
  const most = Math.max(...policies.map(({ orders }) => orders))
  await client.seed(most)
  const measurements: Measurement[] = []
  // Round 0 warms everything up and is not counted.
  for (let round = 0; round <= options.rounds; round++) {
    for (const { everyItems, orders } of policies) {
      for (const count of round % 2 === 0 ? [0, WATCHERS] : [WATCHERS, 0]) {
        options.progress(
          `watchers: round ${round} of ${options.rounds}, ${everyItems} per commit, ${count} watchers`,
        )
        await client.reset(most)
        const before = probe()?.cpuMs ?? NaN
        const measured = await measure(client, everyItems, orders, count)
        const cpuMs = (probe()?.cpuMs ?? NaN) - before
        if (round > 0) measurements.push({ everyItems, watchers: count, cpuMs, ...measured })
      }
    }
  }
  return finding(measurements)
}

async function measure(
  client: BenchClient,
  everyItems: number,
  orders: number,
  count: number,
): Promise<Pick<Measurement, 'ordersPerSecond' | 'frames'>> {
  const { id } = await client.startLater('process-orders', { upTo: orders, everyItems }, WAIT_MS)
  const audience = await Promise.all(Array.from({ length: count }, () => watch(client.api.url, id)))
  const { startedAt = '', finishedAt = '' } = await client.completed(id)
  const frames = await Promise.all(audience.map((watcher) => watcher.leave()))
  const workMs = Date.parse(finishedAt) - Date.parse(startedAt)
  return {
    ordersPerSecond: (orders / workMs) * 1_000,
    frames: count === 0 ? 0 : quantile(frames, 0.5),
  }
}

/** Watches a run; there once it has been shown. */
async function watch(url: string, run: string): Promise<{ leave: () => Promise<number> }> {
  const leaving = new AbortController()
  const { body } = await fetch(`${url}/api/runs/${run}/events`, { signal: leaving.signal })
  if (!body) throw new Error('a stream without a body')
  const shown = Promise.withResolvers<void>()
  let frames = 0
  const read = async () => {
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      frames += text.split('event: run\n').length - 1
      if (frames > 0) shown.resolve()
    }
  }
  const ended = read().catch((error: unknown) => {
    shown.reject(error)
    if (!leaving.signal.aborted) throw error
  })
  await shown.promise
  return {
    leave: async () => {
      leaving.abort()
      await ended
      return frames
    },
  }
}

function finding(measurements: Measurement[]): Finding {
  const of = (everyItems: number, count: number) =>
    measurements.filter((m) => m.everyItems === everyItems && m.watchers === count)
  /** What part of the run's speed is lost, within each round. */
  const losses = (everyItems: number) =>
    of(everyItems, WATCHERS).map(
      (m, round) => 1 - m.ordersPerSecond / (of(everyItems, 0)[round]?.ordersPerSecond ?? NaN),
    )
  const median = (all: Measurement[], what: 'cpuMs' | 'frames') =>
    quantile(
      all.map((m) => m[what]),
      0.5,
    )
  return {
    title: `Watchers: ${WATCHERS} people on the stream of one run`,
    notes: [
      'orders/s from the first claim to the end, with nobody and with all watching, in turn; a loss is taken within a round: median [min max].',
      'cpu: processor time of workerd, streams included, with nobody and with all. Frames: how often a watcher was shown the run.',
    ],
    tables: [
      {
        head: [
          'per commit',
          'orders/s alone',
          'watched',
          'loss',
          'cpu ms alone',
          'watched',
          'frames',
        ],
        rows: POLICIES.map(({ everyItems }) => {
          const [alone, watched] = [of(everyItems, 0), of(everyItems, WATCHERS)]
          const rates = (all: Measurement[]) =>
            spread(summarize(all.map(({ ordersPerSecond }) => ordersPerSecond)))
          const loss = summarize(losses(everyItems))
          return [
            `${everyItems}`,
            rates(alone),
            rates(watched),
            [loss.median, loss.min, loss.max].map(percent).join(' '),
            number(median(alone, 'cpuMs')),
            number(median(watched, 'cpuMs')),
            number(median(watched, 'frames')),
          ]
        }),
      },
    ],
    claims: POLICIES.map(({ everyItems }): Claim => {
      const loss = summarize(losses(everyItems)).median
      return {
        claim: `throughput lost to ${WATCHERS} watchers, ${everyItems} per commit`,
        aim: `< ${percent(MAX_LOSS)}`,
        measured: percent(loss),
        met: loss < MAX_LOSS,
      }
    }),
    data: measurements,
  }
}
