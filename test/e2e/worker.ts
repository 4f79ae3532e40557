import { z } from 'zod'
import type { SliceMessage } from '../../src/engine/drive/protocol.ts'
import { defineIteration } from '../../src/engine/index.ts'
import { shopJobs } from '../../src/shop/jobs/index.ts'
import { shopApi } from '../../src/shop/api/index.ts'
import { createDogear } from '../../src/worker/index.ts'
import { append, appendRecords, appendSteps } from '../support/jobs.ts'
import { withWitness } from './support/witnessed-database.ts'

type Env = Cloudflare.Env & { WITNESS_PORT: string; PARTNER_PORT: string }

/** Asks somebody over HTTP about each item, six at once. */
const askPartner = defineIteration({
  name: 'ask-partner',
  params: z.strictObject({ items: z.number() }),
  concurrency: 6,
  buildEnumerator: ({ cursor, params, enumerators }) => enumerators.times(params.items, { cursor }),
  async eachIteration(index, { env, effects, run, idempotencyKey }) {
    const { PARTNER_PORT } = env as Env
    const headers = { 'idempotency-key': idempotencyKey }
    const answer = await fetch(`http://127.0.0.1:${PARTNER_PORT}/${index + 1}`, { headers })
    await answer.text()
    append(effects, run.id, index + 1)
  },
})

const dogear = createDogear({
  jobs: [...shopJobs, appendSteps, appendRecords, askPartner],
  runs: 'RUNS',
  queue: 'QUEUE',
  version: 'VERSION',
  path: '/',
  api: shopApi,
  page: false,
})
const worker = dogear.wrap<SliceMessage>({})
export const { JobRun } = dogear

/**
 * The Worker as it is, with three jobs more, whose effects are plain appends; with a witness of its
 * commits; and with routes that tell what is in D1.
 */
export default {
  ...worker,
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url)
    if (pathname === '/e2e/prepare') return Response.json(await prepare(env.DB, request))
    if (pathname === '/e2e/ledger') return Response.json(await readLedger(env.DB))
    if (pathname === '/e2e/appended') return Response.json(await readAppended(env.DB))
    return worker.fetch(request, env, context)
  },
  async queue(batch, env, context) {
    await withWitness(env, Number(env.WITNESS_PORT), async (witnessed) => {
      await worker.queue(batch, witnessed, context)
    })
  },
} satisfies ExportedHandler<Env, SliceMessage>

async function prepare(db: D1Database, request: Request): Promise<object> {
  const { numbers } = await request.json<{ numbers: number }>()
  await db.batch([
    // Nothing here is unique, on purpose: what the engine did twice would stand here twice.
    db.prepare('CREATE TABLE appended (run_id TEXT NOT NULL, item INTEGER NOT NULL)'),
    db.prepare('CREATE TABLE numbers (id INTEGER PRIMARY KEY)'),
    db
      .prepare(
        `INSERT INTO numbers WITH RECURSIVE n (id) AS
           (SELECT 1 UNION ALL SELECT id + 1 FROM n WHERE id < ?) SELECT id FROM n`,
      )
      .bind(numbers),
  ])
  return { numbers }
}

async function readLedger(db: D1Database): Promise<object> {
  const { results } = await db
    .prepare('SELECT run_id AS run, seq, fence, items FROM dogear_ledger')
    .all<{ run: string; seq: number; fence: number; items: number }>()
  return results
}

async function readAppended(db: D1Database): Promise<object> {
  const { results } = await db
    .prepare(
      `SELECT run_id AS run, count(*) AS rows, count(DISTINCT item) AS distinctItems,
         min(item) AS first, max(item) AS last
       FROM appended GROUP BY run_id`,
    )
    .all()
  return results
}
