import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers'
import type { Effects, SetStatement } from '../src/engine/index.ts'
import {
  type PendingOrder,
  pendingOrders,
  pendingRange,
  settleOrder,
  summarizeRun,
} from '../src/shop/orders/orders.ts'
import { simulated } from './simulated.ts'

/** The same job as `process-orders`: up to which order, and how many orders per commit. */
export interface Work {
  run: string
  upTo: number
  everyItems: number
}

/** When the work began and when it was done, in ms since the epoch. */
export interface Span {
  startedAt: number
  endedAt: number
}

/**
 * Without any continuation: reads k orders, settles them, writes them in one batch, until there are
 * none. Cut off anywhere it has nothing to go on from.
 */
export async function bareLoop(
  db: D1Database,
  { run, upTo, everyItems }: Work,
): Promise<Span & { commitTimes: number[] }> {
  const startedAt = Date.now()
  const { last } = await pendingRange(db, { upTo })
  const commitTimes: number[] = []
  let after: number | null = 0
  while (after !== null) {
    after = await settleNext(db, { run, upTo: last ?? 0, everyItems }, after)
    commitTimes.push(Date.now())
  }
  await summarizeRun(db, run)
  return { startedAt, endedAt: Date.now(), commitTimes }
}

/** One slice of k orders after a given one; the last of them, or null when it was the last slice. */
async function settleNext(
  db: D1Database,
  { run, upTo, everyItems }: Work,
  after: number,
): Promise<number | null> {
  const { sql, params = [] } = pendingOrders({ upTo })
  const { results } = await db
    .prepare(`SELECT * FROM (${sql}) WHERE "id" > ?2 ORDER BY "id" LIMIT ${everyItems}`)
    .bind(...params, after)
    .all<PendingOrder>()
  if (results.length > 0) {
    const settled = new Settled()
    for (const order of results) settleOrder(settled, run, order)
    await settled.write(db)
  }
  return results.length < everyItems ? null : (results.at(-1)?.id ?? null)
}

/** The shop's own statements, in one batch over the same rows. */
class Settled implements Effects {
  #sqls: readonly string[] = []
  readonly #rows: unknown[] = []

  add<Row>(statement: SetStatement<Row>, row: Row): void {
    this.#sqls = statement.sqls
    this.#rows.push(row)
  }

  run(): never {
    throw new Error('settling an order runs no single statements')
  }

  async write(db: D1Database): Promise<void> {
    const rows = JSON.stringify(this.#rows)
    await db.batch(this.#sqls.map((sql) => db.prepare(sql).bind(rows)))
  }
}

/** As a Cloudflare Workflow: a step per slice of k orders, each returning where the next one starts. */
export class SettleOrders extends WorkflowEntrypoint<Cloudflare.Env, Work> {
  override async run({ payload }: WorkflowEvent<Work>, step: WorkflowStep): Promise<void> {
    const startedAt = Date.now()
    const db = simulated(this.env, (work) => this.ctx.waitUntil(work)).env.DB
    const { last } = await step.do('load_orders', () => pendingRange(db, payload))
    let after: number | null = 0
    for (let slice = 0; after !== null; slice++) {
      const from: number = after
      after = await step.do(`slice ${slice}`, () =>
        settleNext(db, { ...payload, upTo: last ?? 0 }, from),
      )
    }
    await step.do('finalize', () => summarizeRun(db, payload.run))
    await noteSpan(db, payload.run, { startedAt, endedAt: Date.now() })
  }
}

/** A Workflow's status brings back every step's output, so its end is looked up here instead. */
const SPANS = `CREATE TABLE IF NOT EXISTS bench_spans (
  run TEXT PRIMARY KEY, started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL)`

async function noteSpan(db: D1Database, run: string, { startedAt, endedAt }: Span): Promise<void> {
  await db.batch([
    db.prepare(SPANS),
    db.prepare('INSERT INTO bench_spans VALUES (?, ?, ?)').bind(run, startedAt, endedAt),
  ])
}

export async function spanOf(db: D1Database, run: string): Promise<Span | null> {
  await db.prepare(SPANS).run()
  return db
    .prepare('SELECT started_at AS startedAt, ended_at AS endedAt FROM bench_spans WHERE run = ?')
    .bind(run)
    .first<Span>()
}
