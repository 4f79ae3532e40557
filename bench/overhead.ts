import type { BenchClient } from './client.ts'
import type { Options } from './options.ts'
import { type Finding, number, spread } from './report.ts'
import { summarize } from './stats.ts'

/**
 * What the engine's own constructs cost: an `advance` within a commit, steps within steps against a flat
 * step, and a walk that updates ranges without reading rows against one that reads each row.
 */
const ITEMS = 1_000_000
const INNER = 100
const ROWS = 1_000_000

interface Round {
  /** Nanoseconds per item. */
  advance: number
  bareAwait: number
  flat: number
  nested: number
  /** Rows per second. */
  records: number
  ranges: number
}

export async function overhead(client: BenchClient, options: Options): Promise<Finding> {
  const [items, rows] = options.quick ? [ITEMS / 10, ROWS / 10] : [ITEMS, ROWS]
  const rounds: Round[] = []
  for (let round = 0; round <= options.rounds; round++) {
    options.progress(`overhead: round ${round} of ${options.rounds}`)
    const perItem = async (job: string, params: Record<string, unknown>) =>
      ((await resultOf(client, job, params)) / items) * 1e6
    const advance = await perItem('bench-advance', { items })
    const found = {
      advance,
      bareAwait: await perItem('bench-await', { items }),
      flat: advance,
      nested: await perItem('bench-nested', { items, inner: INNER }),
      records: await rowsPerSecond(client, 'bench-records', rows),
      ranges: await rowsPerSecond(client, 'bench-ranges', rows),
    }
    // Round 0 warms everything up.
    if (round > 0) rounds.push(found)
  }
  return finding(items, rows, rounds)
}

/** The run's result: how long its loop took, in ms. */
async function resultOf(
  client: BenchClient,
  job: string,
  params: Record<string, unknown>,
): Promise<number> {
  const oneCommit = { everyItems: 1e9, everyMs: 1e9 }
  const { id } = await client.api.start(job, { params, commit: oneCommit })
  const view = await client.completed(id)
  if (view.slices !== 1) throw new Error(`${job} took ${view.slices} slices; expected one`)
  return view.result as number
}

async function rowsPerSecond(client: BenchClient, job: string, rows: number): Promise<number> {
  await client.request('POST', '/bench/counters', { count: rows })
  const view = await client.completed((await client.api.start(job)).id)
  const ms = Date.parse(view.finishedAt ?? '') - Date.parse(view.startedAt ?? '')
  return (rows / ms) * 1_000
}

function finding(items: number, rows: number, rounds: Round[]): Finding {
  const of = (what: keyof Round) => summarize(rounds.map((round) => round[what]))
  const ratio = (over: keyof Round, under: keyof Round) =>
    summarize(rounds.map((round) => round[over] / round[under]))
  const ns = (what: keyof Round) => `${spread(of(what))} ns`
  return {
    title: 'Overhead: what the engine itself costs',
    notes: [
      `${number(items)} items of nothing in one slice, ${INNER} inner ones to each outer one; ${number(rows)} rows, 500 per commit.`,
      'A ratio is taken within a round: median [min max].',
    ],
    tables: [
      {
        head: ['', 'measured', 'against', ''],
        rows: [
          [
            'step.advance, per item',
            ns('advance'),
            'a bare await',
            spread(ratio('advance', 'bareAwait'), 1),
          ],
          [
            'nested steps, per item',
            ns('nested'),
            'a flat step',
            spread(ratio('nested', 'flat'), 2),
          ],
          [
            'batchRanges, rows/s',
            spread(of('ranges')),
            'records',
            spread(ratio('ranges', 'records'), 2),
          ],
          ['records, rows/s', spread(of('records')), '', ''],
        ],
      },
    ],
    claims: [],
    data: rounds,
  }
}
