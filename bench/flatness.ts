import { setTimeout as sleep } from 'node:timers/promises'
import type { BenchClient } from './client.ts'
import type { Bench, Options } from './options.ts'
import { type Finding, number, percent } from './report.ts'
import { quantile } from './stats.ts'

/**
 * What an item costs does not depend on how many came before it: over a million orders the commits of
 * the last tenth take as long as those of the first, and the consumer's memory does not grow. A bare
 * loop over the same orders shows what the database itself adds.
 */
const ORDERS = 1_000_000
/** With fewer a tenth has too few commits to tell anything. */
const LEAST_ORDERS = 200_000
const EVERY_ITEMS = 500
const TENTHS = 10
/** The ledger's times are whole ms, too coarse for one commit. */
const COMMITS_PER_SAMPLE = 10
const MEMORY_EVERY_MS = 1_500
const MAX_COMMIT_GROWTH = 0.1
/** Of a page of orders read ahead more or less. */
const MAX_MEMORY_GROWTH_MIB = 4

interface Commit {
  at: number
  fence: number
}

interface Tenth {
  commitMs: number
  /** Of the isolate that runs the consumer. */
  heapMiB: number | null
}

export async function flatness(
  client: BenchClient,
  options: Options,
  bench: Bench,
): Promise<Finding> {
  const orders = Math.max(LEAST_ORDERS, options.orders ?? (options.quick ? 0 : ORDERS))
  const work = { upTo: orders, everyItems: EVERY_ITEMS }
  options.progress(`flatness: seeding ${number(orders)} orders`)
  await client.seed(orders)

  options.progress(`flatness: ${number(orders)} orders`)
  let slices = 0
  const ours = await observe(bench, heapSamples, async () => {
    const { id } = await client.start('process-orders', work)
    slices = (await client.completed(id)).slices
    return (await client.ledger(id)).filter(({ items }) => items === EVERY_ITEMS)
  })

  options.progress('flatness: a run at its end beside one at its beginning')
  await client.reset(orders)
  const beside = await endBesideBeginning(client, orders)

  options.progress('flatness: the same orders in a bare loop')
  await client.reset(orders)
  const bare = await observe(bench, noSamples, async () => {
    const { commitTimes } = await client.bare({ run: crypto.randomUUID(), ...work })
    return commitTimes.map((at) => ({ at, fence: 0 }))
  })
  return finding(orders, slices, ours, bare, beside)
}

/** Median ms per commit of two runs that work at the same time. */
interface Beside {
  lastTenthMs: number
  firstTenthMs: number
}

/**
 * The machine's speed changes more within a minute than is to be shown. So one run is held before its
 * last tenth, and let go together with a fresh one over as many orders: both then share every moment.
 */
async function endBesideBeginning(client: BenchClient, orders: number): Promise<Beside> {
  const commit = { everyItems: EVERY_ITEMS, everyMs: 1e9 }
  const tenthOfAll = orders / TENTHS
  const oldLast = orders - tenthOfAll
  const old = await client.api.start('process-orders', {
    params: { upTo: oldLast },
    commit,
    interrupt: { afterItems: oldLast - tenthOfAll },
    hold: true,
  })
  while ((await client.api.run(old.id)).held !== true) await sleep(MEMORY_EVERY_MS)
  const [fresh] = await Promise.all([
    client.api.start('process-orders', {
      params: { from: oldLast + 1, upTo: orders },
      commit,
    }),
    client.api.command(old.id, 'resume'),
  ])
  await Promise.all([client.completed(old.id), client.completed(fresh.id)])
  const commitsOf = async (run: string) =>
    (await client.ledger(run)).filter(({ items }) => items === EVERY_ITEMS)
  const [late, early] = [await commitsOf(old.id), await commitsOf(fresh.id)]
  return {
    lastTenthMs: medianCommitMs(late.slice(-early.length)),
    firstTenthMs: medianCommitMs(early),
  }
}

interface HeapSample {
  at: number
  bytes: number
}

/** Looks at the consumer's memory until it is asked to stop. */
async function heapSamples(bench: Bench, stop: AbortSignal): Promise<HeapSample[]> {
  const samples: HeapSample[] = []
  while (!stop.aborted) {
    // One statement over a million rows keeps the whole process busy: a sample less.
    const bytes = await bench.heap().catch(() => null)
    if (bytes !== null) samples.push({ at: Date.now(), bytes })
    await sleep(MEMORY_EVERY_MS)
  }
  return samples
}

/** A loop that never pauses answers no inspector. */
const noSamples = async (): Promise<HeapSample[]> => []

/** Does the work in a fresh process and looks at the consumer's memory meanwhile. */
async function observe(
  bench: Bench,
  look: typeof heapSamples,
  work: () => Promise<Commit[]>,
): Promise<Tenth[]> {
  await bench.restart()
  const done = new AbortController()
  const looking = look(bench, done.signal)
  const all = await work().finally(() => done.abort())
  const samples = await looking
  return Array.from({ length: TENTHS }, (_, index) => {
    const commits = tenth(all, index)
    const [from, to] = [commits[0]?.at ?? 0, commits.at(-1)?.at ?? 0]
    const during = samples.filter(({ at }) => at >= from && at <= to).map(({ bytes }) => bytes)
    return {
      commitMs: medianCommitMs(commits),
      heapMiB: during.length === 0 ? null : quantile(during, 0.5) / 2 ** 20,
    }
  })
}

/** The median time of a commit, taken over some in a row of one slice. */
function medianCommitMs(commits: readonly Commit[]): number {
  const samples: number[] = []
  for (let from = 0; from + COMMITS_PER_SAMPLE < commits.length; from += COMMITS_PER_SAMPLE) {
    const [first, last] = [commits[from], commits[from + COMMITS_PER_SAMPLE]]
    if (first && last && first.fence === last.fence)
      samples.push((last.at - first.at) / COMMITS_PER_SAMPLE)
  }
  return quantile(samples, 0.5)
}

function tenth<T>(values: readonly T[], index: number): T[] {
  return values.slice(
    Math.floor((values.length * index) / TENTHS),
    Math.floor((values.length * (index + 1)) / TENTHS),
  )
}

function finding(
  orders: number,
  slices: number,
  ours: Tenth[],
  bare: Tenth[],
  beside: Beside,
): Finding {
  const [slower, bareSlower] = [slowing(ours), slowing(bare)]
  const besideSlower = beside.lastTenthMs / beside.firstTenthMs - 1
  const grown = growthMiB(ours)
  return {
    title: 'Flatness: the millionth order costs what the first one did',
    notes: [
      `process-orders over ${number(orders)} orders, ${EVERY_ITEMS} per commit, ${slices} slices; medians per tenth of the run.`,
      'The bare loop shows what database and runtime do without us. Memory: the heap of the isolate that runs the consumer, after a garbage collection.',
    ],
    tables: [
      {
        head: ['tenth', 'ms per commit', 'bare loop', 'heap MiB'],
        rows: ours.map((one, index) => [
          `${index + 1}`,
          number(one.commitMs, 2),
          number(bare[index]?.commitMs ?? NaN, 2),
          mebibytes(one.heapMiB),
        ]),
      },
    ],
    claims: [
      {
        claim: 'a commit of the last tenth, beside a run in its first tenth',
        aim: `<= +${MAX_COMMIT_GROWTH * 100} %`,
        measured: `${percent(besideSlower)} (${number(beside.lastTenthMs, 2)} against ${number(beside.firstTenthMs, 2)} ms)`,
        met: besideSlower <= MAX_COMMIT_GROWTH,
      },
      {
        claim: 'the same one after the other, with what the machine does meanwhile',
        aim: `<= +${MAX_COMMIT_GROWTH * 100} %`,
        measured: `${percent(slower)} (bare loop ${percent(bareSlower)})`,
        met: slower <= MAX_COMMIT_GROWTH,
      },
      {
        claim: "the consumer's memory from the second tenth to the last",
        aim: `<= +${MAX_MEMORY_GROWTH_MIB} MiB`,
        measured: `${mebibytes(grown)} MiB`,
        met: grown !== null && grown <= MAX_MEMORY_GROWTH_MIB,
      },
    ],
    data: { orders, slices, ours, bare, beside },
  }
}

function slowing(tenths: Tenth[]): number {
  return (tenths.at(-1)?.commitMs ?? NaN) / (tenths[0]?.commitMs ?? NaN) - 1
}

/** Not from the first tenth, in which the isolate is still warming up. */
function growthMiB(tenths: Tenth[]): number | null {
  const known = tenths.slice(1).flatMap(({ heapMiB }) => (heapMiB === null ? [] : [heapMiB]))
  const [before, after] = [known[0], known.at(-1)]
  return before === undefined || after === undefined ? null : after - before
}

function mebibytes(size: number | null): string {
  return size === null ? 'not known' : number(size, 1)
}
