import { consume, logEvent, Registry, runObjects, startRun, sweep, workerDeps } from 'dogear'
import type { EngineEvent, SliceMessage } from 'dogear'
import type { JobRun } from '../../durable-objects/job-run.ts'
import { raisePrices, raisePricesIteration } from './raise-prices.ts'

export { JobRun } from '../../durable-objects/job-run.ts'

const jobs = new Registry([raisePrices, raisePricesIteration])

/** A Worker of your own: something starts runs, the queue works them, the cron looks after them. */
export default {
  async fetch(_request, env) {
    const started = await startRun(runObjects(env), raisePrices, { idempotencyKey: 'autumn' })
    return started.ok ? Response.json(started.run) : new Response(started.code, { status: 409 })
  },
  queue: (batch, env) => consume(batch.messages, { ...workerDeps(env, jobs), onEvent: listen }),
  async scheduled(_controller, env) {
    const objects = (run: string) => runObjects(env)(run) as unknown as JobRun
    await sweep(env.DB, objects, Date.now(), 30)
  },
} satisfies ExportedHandler<Cloudflare.Env, SliceMessage>

/** Above this a commit is worth a look. */
const SLOW_MS = 200

/** The usual log, and a line for each slow commit, which the log leaves out. */
export function listen(event: EngineEvent): void {
  logEvent(event)
  if (event.type === 'commit.written' && event.durationMs > SLOW_MS)
    console.warn(JSON.stringify(event))
}
