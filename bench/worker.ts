import { Hono } from 'hono'
import type { SliceMessage } from '../src/engine/drive/protocol.ts'
import type { SimulatorSettings } from '../src/testing/simulator/index.ts'
import { createDogear } from '../src/worker/index.ts'
import { shopJobs } from '../src/shop/jobs/index.ts'
import { bareLoop, spanOf, type Work } from './baselines.ts'
import { httpJobs } from './distance-jobs.ts'
import { overheadJobs, seedCounters } from './overhead-jobs.ts'
import { resetOrders, seedOrders } from './seed.ts'
import { seedRuns } from './seed-runs.ts'
import { simulated, simulatedObject, simulateFromNow } from './simulated.ts'

export { SettleOrders } from './baselines.ts'

type Env = Cloudflare.Env & { SETTLE_ORDERS: Workflow<Work> }

const dogear = createDogear({
  jobs: [...shopJobs, ...overheadJobs, ...httpJobs],
  runs: 'RUNS',
  version: 'VERSION',
  path: '/',
  page: false,
})
const worker = dogear.wrap<SliceMessage>({})

/** How runs that are started from now on are driven. */
let way: 'queue' | 'alarm' = 'queue'

/** As far away from D1 as what calls it. */
export class JobRun extends dogear.JobRun {
  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    const bindings = simulatedObject(env, (work) => ctx.waitUntil(work))
    const alone = { ...bindings, DOGEAR_QUEUE: undefined } as unknown as Cloudflare.Env
    super(ctx, way === 'queue' ? bindings : alone)
  }
}

/** What `bench/` asks for besides the API. Started on the loopback address only, never deployed. */
const app = new Hono<{ Bindings: Env }>()
  .basePath('/bench')
  .post('/seed', async (c) => {
    const { orders } = await c.req.json<{ orders: number }>()
    await seedOrders(c.env.DB, orders)
    return c.json({ orders })
  })
  .post('/counters', async (c) => {
    const { count } = await c.req.json<{ count: number }>()
    await seedCounters(c.env.DB, count)
    return c.json({ count })
  })
  .post('/runs', async (c) => {
    const { from, to } = await c.req.json<{ from: number; to: number }>()
    await seedRuns(c.env.DB, from, to)
    return c.json({ from, to })
  })
  .post('/reset', async (c) => {
    const { upTo } = await c.req.json<{ upTo: number }>()
    await resetOrders(c.env.DB, upTo)
    return c.json({ upTo })
  })
  .post('/simulate', async (c) => {
    const settings = await c.req.json<SimulatorSettings>()
    simulateFromNow(settings)
    return c.json(settings)
  })
  .post('/driving', async (c) => {
    const { way: asked } = await c.req.json<{ way: typeof way }>()
    way = asked
    return c.json({ way })
  })
  .post('/bare', async (c) => {
    const { DB } = simulated(c.env, (work) => c.executionCtx.waitUntil(work)).env
    return c.json(await bareLoop(DB, await c.req.json<Work>()))
  })
  .post('/workflow', async (c) => {
    const params = await c.req.json<Work>()
    const createdAt = Date.now()
    await c.env.SETTLE_ORDERS.create({ id: params.run, params })
    return c.json({ createdAt })
  })
  .get('/workflow/:run', async (c) => c.json(await spanOf(c.env.DB, c.req.param('run'))))
  .get('/handled/:run', async (c) => c.json(await handledBy(c.env.DB, c.req.param('run'))))
  .get('/ended/:run', async (c) => c.json(await hasEnded(c.env.DB, c.req.param('run'))))
  .get('/ledger/:run', async (c) => c.json(await ledgerOf(c.env.DB, c.req.param('run'))))

app.onError((error, c) => c.text(String(error.stack), 500))

/** Proof that what was measured did its work. */
function handledBy(db: D1Database, run: string): Promise<number | null> {
  return db
    .prepare('SELECT count(DISTINCT order_id) AS orders FROM processing_log WHERE run_id = ?')
    .bind(run)
    .first<number>('orders')
}

/** Cheaper than the API's view of a run, so that waiting for an end costs the run next to nothing. */
async function hasEnded(db: D1Database, run: string): Promise<boolean> {
  const query = db.prepare('SELECT closed_at IS NOT NULL AS ended FROM dogear_runs WHERE id = ?')
  return (await query.bind(run).first<number>('ended')) === 1
}

/** A row per commit: when, under which fence (that is, in which slice), how many items. */
async function ledgerOf(db: D1Database, run: string): Promise<[string, number, number][]> {
  const query = db.prepare(
    'SELECT at, fence, items FROM dogear_ledger WHERE run_id = ? ORDER BY seq',
  )
  return query.bind(run).raw<[string, number, number]>()
}

export default {
  ...worker,
  queue(batch, env, ctx) {
    return worker.queue(batch, simulated(env, (work) => ctx.waitUntil(work)).env, ctx)
  },
  fetch(request, env, ctx) {
    return new URL(request.url).pathname.startsWith('/bench/')
      ? app.fetch(request, env, ctx)
      : worker.fetch(request, env, ctx)
  },
} satisfies ExportedHandler<Env, SliceMessage>
