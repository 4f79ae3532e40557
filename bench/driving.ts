import type { BenchClient } from './client.ts'
import type { Options } from './options.ts'
import { type Finding, number, spread } from './report.ts'
import { rotated } from './rotated.ts'
import { summarize } from './stats.ts'

/** The two ways to drive runs on: messages of a queue, or the alarm of each run's own object. */
const WAYS = ['queue', 'alarm'] as const
type Way = (typeof WAYS)[number]

const ROWS = 200_000
/** Short runs, started at once. */
const RUNS = 40

interface Round {
  /** Rows per second of one long run. */
  rows: number
  /** From a start to its first slice, in ms, the median of the short runs. */
  begins: number
  /** Short runs done per second. */
  runs: number
}

export async function driving(client: BenchClient, options: Options): Promise<Finding> {
  const [rows, count] = options.quick ? [ROWS / 10, RUNS / 4] : [ROWS, RUNS]
  const rounds: Record<Way, Round>[] = []
  for (let round = 0; round <= options.rounds; round++) {
    options.progress(`driving: round ${round} of ${options.rounds}`)
    const found: Partial<Record<Way, Round>> = {}
    for (const way of rotated(WAYS, round)) {
      await client.request('POST', '/bench/driving', { way })
      found[way] = { rows: await longRun(client, rows), ...(await shortRuns(client, count)) }
    }
    // Round 0 warms everything up.
    if (round > 0) rounds.push(found as Record<Way, Round>)
  }
  await client.request('POST', '/bench/driving', { way: 'queue' })
  return finding(rows, count, rounds)
}

async function longRun(client: BenchClient, rows: number): Promise<number> {
  await client.request('POST', '/bench/counters', { count: rows })
  const view = await client.completed((await client.api.start('bench-records')).id)
  return (rows / (Date.parse(view.finishedAt ?? '') - Date.parse(view.startedAt ?? ''))) * 1_000
}

async function shortRuns(client: BenchClient, count: number): Promise<Omit<Round, 'rows'>> {
  const begun = Date.now()
  const started = await Promise.all(
    Array.from({ length: count }, () =>
      client.api.start('bench-advance', { params: { items: 10 } }),
    ),
  )
  const views = await Promise.all(started.map(({ id }) => client.completed(id)))
  const ended = Math.max(...views.map(({ finishedAt }) => Date.parse(finishedAt ?? '')))
  const waits = views.map(
    ({ createdAt, startedAt }) => Date.parse(startedAt ?? '') - Date.parse(createdAt),
  )
  return { begins: summarize(waits).median, runs: (count / (ended - begun)) * 1_000 }
}

function finding(rows: number, count: number, rounds: Record<Way, Round>[]): Finding {
  const of = (way: Way, what: keyof Round) => spread(summarize(rounds.map((r) => r[way][what])))
  const ratio = (what: keyof Round) =>
    spread(summarize(rounds.map((r) => r.alarm[what] / r.queue[what])), 2)
  const row = (words: string, what: keyof Round) => [
    words,
    of('queue', what),
    of('alarm', what),
    ratio(what),
  ]
  return {
    title: 'Driving: messages of a queue, or the alarm of each run’s object',
    notes: [
      `One run of ${number(rows)} rows; ${count} runs of ten items, started at once.`,
      'A ratio is taken within a round: median [min max].',
    ],
    tables: [
      {
        head: ['', 'queue', 'alarm', 'alarm / queue'],
        rows: [
          row('long run, rows/s', 'rows'),
          row('from a start to its first slice, ms', 'begins'),
          row('short runs, done/s', 'runs'),
        ],
      },
    ],
    claims: [],
    data: rounds,
  }
}
