import type { RunHistogramQuery, RunsQuery, RunTotalsQuery } from '../src/client/index.ts'
import type { BenchClient } from './client.ts'
import type { Options } from './options.ts'
import { type Finding, number } from './report.ts'
import { quantile } from './stats.ts'

/** Each kind of page that the list of runs has, among many runs: how long it takes to be answered. */
const RUNS = 100_000
/** No request lasts longer than a client waits. */
const RUNS_AT_ONCE = 50_000
/** The largest page there is. */
const LIMIT = 100
const AIM_MS = 200

interface Kind {
  name: string
  ask: () => Promise<unknown>
}

interface Measured {
  name: string
  p50: number
  p95: number
  max: number
}

export async function list(client: BenchClient, options: Options): Promise<Finding> {
  const [few, asks] = options.quick ? [5_000, 5] : [RUNS, 20]
  const runs = options.runs ?? few
  // With the first request the tables are made.
  await client.api.overview()
  for (let from = 1; from <= runs; from += RUNS_AT_ONCE) {
    options.progress(`list: runs from ${number(from)} of ${number(runs)} are made up`)
    const to = Math.min(runs, from + RUNS_AT_ONCE - 1)
    await client.request('POST', '/bench/runs', { from, to })
  }
  const kinds = await kindsOf(client)
  const times = new Map(kinds.map(({ name }) => [name, [] as number[]]))
  // Round by round, so that a slow moment of the machine is shared by all; the first only warms up.
  for (let round = 0; round <= asks; round++) {
    if (round % 10 === 0) options.progress(`list: round ${round} of ${asks}`)
    for (const { name, ask } of kinds) {
      const startedAt = performance.now()
      await ask()
      if (round > 0) times.get(name)?.push(performance.now() - startedAt)
    }
  }
  return finding(
    runs,
    asks,
    [...times].map(([name, all]) => ({
      name,
      p50: quantile(all, 0.5),
      p95: quantile(all, 0.95),
      max: quantile(all, 1),
    })),
  )
}

async function kindsOf({ api }: BenchClient): Promise<Kind[]> {
  const page = (name: string, query: RunsQuery): Kind => ({
    name,
    ask: () => api.runs({ limit: LIMIT, ...query }),
  })
  const oldest = (await api.runs({ sort: 'oldest', limit: 1 })).runs[0]
  const newest = (await api.runs({ limit: 1 })).runs[0]
  if (!oldest || !newest) throw new Error('there are no runs to list')
  const between = (part: number): string => {
    const [from, to] = [Date.parse(oldest.createdAt), Date.parse(newest.createdAt)]
    return new Date(from + (to - from) * part).toISOString()
  }
  /** The cursor of a place so far down the list. */
  const deep = async (query: RunsQuery, until: string): Promise<RunsQuery> => {
    const { nextCursor } = await api.runs({ ...query, limit: 1, until })
    return { ...query, ...(nextCursor !== null && { cursor: nextCursor }) }
  }
  const total = (name: string, query: RunTotalsQuery): Kind => ({
    name,
    ask: () => api.runTotals(query),
  })
  const histogram = (name: string, query: RunHistogramQuery): Kind => ({
    name,
    ask: () => api.runHistogram(query),
  })
  const at = ({ createdAt }: { createdAt: string }, hours: number): string =>
    new Date(Date.parse(createdAt) + hours * 3_600_000).toISOString()
  const late = between(0.05)
  const job = 'process-orders'
  const label = 'campaign:spring'
  return [
    page('first page', {}),
    page('first page, oldest first', { sort: 'oldest' }),
    page('page 950 of 1,000', await deep({}, late)),
    page('status', { status: 'completed' }),
    page('status, deep', await deep({ status: 'completed' }, late)),
    page('job', { job }),
    page('job, deep', await deep({ job }, late)),
    page('job and status, oldest first', { job, status: 'failed', sort: 'oldest' }),
    page('error', { error: 'bench_1' }),
    page('error and job, deep', await deep({ error: 'bench_1', job }, late)),
    page('error of runs that are completed: none', { error: 'bench_1', status: 'completed' }),
    page('label of half of the runs', { label }),
    page('that label and status', { label, status: 'failed' }),
    page('that label and a status that none has', { label, status: 'paused' }),
    page('that label, job and error', { label, job, error: 'bench_2' }),
    page('that label and another', { label, q: 'customer:42' }),
    page('a week', { since: between(0.4), until: between(0.87) }),
    page("search: a run's id", { q: oldest.id.slice(0, 8) }),
    page('search: name=value', { q: 'customer=42' }),
    page('search: a part of a label of half of the runs', { q: 'SPRIN' }),
    page('search: a part of labels of a thousandth', { q: '123' }),
    page('search: a part of all jobs but two', { q: 'rder' }),
    page('search: an error', { q: 'bench_3' }),
    page('search: a word of all errors', { q: 'wrong' }),
    page('search: three words', { q: 'orders spring bench_1' }),
    page('search: two words that exclude each other', { q: 'import emails' }),
    page('search: a label and a status that none has', { q: 'spring', status: 'paused' }),
    page('search: nothing fits', { q: 'no such text' }),
    total('total: all', {}),
    total('total: a status and a week', {
      status: 'failed',
      since: between(0.4),
      until: between(0.87),
    }),
    total('total: search in all jobs but two', { q: 'rder' }),
    total('total: search of three words', { q: 'orders spring bench_1' }),
    total('details: all failed', { status: 'failed', details: true }),
    total('details: search of a label', { q: 'spring', details: true }),
    histogram('histogram: all', {}),
    histogram('histogram: a job of a week', { job, since: between(0.4), until: between(0.87) }),
    histogram('histogram: two hours', { since: at(newest, -2), until: newest.createdAt }),
    histogram('histogram: search of a label', { q: 'spring' }),
    histogram('histogram: a label of a thousandth', { label: 'customer:42' }),
    { name: 'groups of errors', ask: () => api.errors() },
    page('runs of a group', { group: '0000000000000001' }),
    { name: 'overview', ask: () => api.overview() },
  ]
}

function finding(runs: number, asks: number, measured: Measured[]): Finding {
  const slowest = measured.reduce((a, b) => (b.max > a.max ? b : a))
  return {
    title: `The list of runs, among ${number(runs)}`,
    notes: [
      `Pages of ${LIMIT} runs over HTTP, ${asks} of each kind, one at a time. Milliseconds.`,
      'Half of the runs have one label; 20 % have failed, by five errors; 5 % are under way.',
    ],
    tables: [
      {
        head: ['page', 'median', '95 %', 'longest'],
        rows: measured.map(({ name, p50, p95, max }) => [
          name,
          ...[p50, p95, max].map((ms) => number(ms, 1)),
        ]),
      },
    ],
    claims: [
      {
        claim: 'every page is answered quickly',
        aim: `< ${AIM_MS} ms`,
        measured: `${number(slowest.max)} ms (${slowest.name})`,
        met: slowest.max < AIM_MS,
      },
    ],
    data: measured,
  }
}
