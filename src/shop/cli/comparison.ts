import type { CommitPolicy } from 'dogear'
import { atRest, CliError, type Display, follow } from 'dogear/cli'
import type { Run } from 'dogear/client'
import type { ShopClient } from '../client.ts'
import { authorLinesOf } from './author-lines.ts'
import { spread, type Spread } from './spread.ts'

/** The same work in both styles. */
export const STYLES = ['process-orders', 'process-orders-iteration'] as const

/** The figures of one style for the work, over all rounds. */
export interface StyleFigures {
  job: string
  /** From the first slice's start to the end, with the job's own commit policy. */
  timeMs: Spread
  ordersPerSecond: Spread
  commits: Spread
  d1Statements: Spread
  d1RowsWritten: Spread
  overhead: Overhead
  /** Of the checkpoint in D1, as of half the orders. */
  checkpointBytes: number
  /** Of its source file, without blank lines, comments and imports. */
  authorLines: number
  verification: { ok: boolean; runs: number; failed: string[] }
}

/**
 * The cost of committing beyond the orders' own effects. Each round also settles the same orders with a
 * commit for each: both runs write the same effects, so the time between them is that of the commits
 * one has more, and divided by their number it is a commit's own price: the way to D1 and back, guard,
 * checkpoint and ledger row. Undefined where the difference drowned in the machine's noise.
 */
export interface Overhead {
  perCommitMs?: Spread
  /** Part of the time that went into commits, from 0 to 1: with the job's own policy... */
  share?: Spread
  /** ...and with a commit for each order. */
  shareEachOrder?: Spread
  eachOrderMs: Spread
}

export interface Comparison {
  ok: boolean
  orders: number
  rounds: number
  styles: StyleFigures[]
}

interface Options {
  orders: number
  rounds: number
  say: (text: string) => void
  display: () => Display
}

/** One round's two runs of a style. */
interface Round {
  own: Run
  eachOrder: Run
}

/** Fewer differ by chance alone. */
const LEAST_COMMITS_APART = 10

/** Does the same work in both styles, by turns, so that both meet the machine in every mood. */
export async function compareStyles(client: ShopClient, options: Options): Promise<Comparison> {
  const { orders, rounds, say } = options
  const work = new Work(client, options)
  await client.seed({ orders })
  say(`Seeded ${orders} orders.`)
  const bytes = new Map<string, number>()
  // Also the warm-up: the first run of a Worker is slower than all others.
  for (const job of STYLES) bytes.set(job, await work.checkpointBytes(job))

  const done = new Map<string, Round[]>(STYLES.map((job) => [job, []]))
  for (let round = 1; round <= rounds; round++) {
    for (const job of round % 2 === 1 ? STYLES : STYLES.toReversed()) {
      const own = await work.run(job)
      const eachOrder = await work.run(job, { everyItems: 1 })
      done.get(job)?.push({ own, eachOrder })
      say(
        `Round ${round} of ${rounds}, ${job}: ${timeMs(own)} ms; a commit each: ${timeMs(eachOrder)} ms.`,
      )
    }
  }
  const styles: StyleFigures[] = []
  for (const job of STYLES) {
    styles.push({
      ...figures(job, done.get(job) ?? []),
      checkpointBytes: bytes.get(job) ?? 0,
      authorLines: await authorLinesOf(job),
      verification: work.verification(job),
    })
  }
  return { ok: styles.every(({ verification }) => verification.ok), orders, rounds, styles }
}

/** Runs over all orders, each verified before the orders are made pending again. */
class Work {
  readonly #client: ShopClient
  readonly #options: Options
  readonly #verified: { job: string; failed: string[] }[] = []

  constructor(client: ShopClient, options: Options) {
    this.#client = client
    this.#options = options
  }

  async run(job: string, commit?: CommitPolicy): Promise<Run> {
    await this.#client.reset()
    const { id } = await this.#client.start(job, { ...(commit && { commit }) })
    return this.#finish(id)
  }

  /** Holds a run at half its orders, looks, and lets it go on. */
  async checkpointBytes(job: string): Promise<number> {
    await this.#client.reset()
    const afterItems = Math.floor(this.#options.orders / 2)
    const { id } = await this.#client.start(job, { hold: true, interrupt: { afterItems } })
    await follow(this.#client, id, { display: this.#options.display(), until: atRest })
    const { bytes } = await this.#client.checkpoint(id)
    await this.#client.command(id, 'resume')
    await this.#finish(id)
    return bytes
  }

  verification(job: string): StyleFigures['verification'] {
    const runs = this.#verified.filter((one) => one.job === job)
    const failed = runs.flatMap((one) => one.failed)
    return { ok: failed.length === 0, runs: runs.length, failed }
  }

  async #finish(id: string): Promise<Run> {
    const run = await follow(this.#client, id, { display: this.#options.display() })
    if (run.status !== 'completed') {
      throw new CliError('compare_failed', `run ${id} of ${run.job} is ${run.status}`)
    }
    const { checks } = await this.#client.verification(id)
    const failed = checks.filter(({ ok }) => !ok).map(({ name }) => `${name} (run ${id})`)
    this.#verified.push({ job: run.job, failed })
    return run
  }
}

type Measured = Omit<StyleFigures, 'checkpointBytes' | 'authorLines' | 'verification'>

export function figures(job: string, rounds: readonly Round[]): Measured {
  const of = (take: (run: Run) => number) => spread(rounds.map(({ own }) => take(own)))
  const known = rounds.flatMap((round) => overheadOf(round) ?? [])
  return {
    job,
    timeMs: of(timeMs),
    ordersPerSecond: of((run) => (run.progress.done * 1_000) / timeMs(run)),
    commits: of(({ commits }) => commits),
    d1Statements: of(({ cost }) => cost.d1Statements),
    d1RowsWritten: of(({ cost }) => cost.d1RowsWritten),
    overhead: {
      ...(known.length > 0 && {
        perCommitMs: spread(known.map(({ perCommitMs }) => perCommitMs)),
        share: spread(known.map(({ share }) => share)),
        shareEachOrder: spread(known.map(({ shareEachOrder }) => shareEachOrder)),
      }),
      eachOrderMs: spread(rounds.map(({ eachOrder }) => timeMs(eachOrder))),
    },
  }
}

function overheadOf({ own, eachOrder }: Round) {
  const apart = eachOrder.commits - own.commits
  const perCommitMs = (timeMs(eachOrder) - timeMs(own)) / apart
  if (apart < LEAST_COMMITS_APART || perCommitMs <= 0) return undefined
  return {
    perCommitMs,
    share: Math.min(1, (perCommitMs * own.commits) / timeMs(own)),
    shareEachOrder: Math.min(1, (perCommitMs * eachOrder.commits) / timeMs(eachOrder)),
  }
}

/** As the server tells it, so that our looking adds nothing; at least the 1 ms it can tell. */
function timeMs({ startedAt, createdAt, finishedAt, updatedAt }: Run): number {
  return Math.max(1, Date.parse(finishedAt ?? updatedAt) - Date.parse(startedAt ?? createdAt))
}
