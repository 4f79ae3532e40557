import { judgeRuns, judgeUnclosed, pruneMetrics, sliceMetrics } from 'dogear/monitoring'
import { runObjects, startRun } from 'dogear/runs'
import { defineSchedule, runSchedules } from 'dogear/schedules'
import { deliverWebhooks, tendOutbox } from 'dogear/webhooks'
import { consume, logEvent, Registry, RunHost, sweep, workerDeps } from 'dogear/worker'
import type { EngineEvent, SliceMessage } from 'dogear/worker'
import { raisePrices, raisePricesIteration } from './raise-prices.ts'

/** The Durable Object of a run. When it ends, whoever is to be told is told at once. */
export class JobRun extends RunHost {
  protected override ended() {
    return deliverWebhooks({ env: this.env })
  }
}

const everyNewYear = defineSchedule({
  name: 'every-new-year',
  cron: '0 3 1 1 *',
  timeZone: 'Europe/Berlin',
  job: raisePrices,
  overlap: 'skip',
})

const jobs = new Registry([raisePrices, raisePricesIteration])

/** A Worker of your own: something starts runs, the queue works them, the cron looks after them. */
export default {
  async fetch(_request, env) {
    const started = await startRun(runObjects(env), raisePrices, { idempotencyKey: 'autumn' })
    return started.ok ? Response.json(started.run) : new Response(started.code, { status: 409 })
  },
  async queue(batch, env) {
    const others = await consume(batch.messages, {
      ...workerDeps(env, jobs),
      onEvent: listen,
      listener: sliceMetrics,
    })
    // Not Dogear's: here your own code handles its own. What is left alone counts as acknowledged.
    for (const message of others) message.retry()
  },
  async scheduled({ scheduledTime }, env) {
    const objects = runObjects(env)
    await runSchedules({ db: env.DB, objects, schedules: [everyNewYear] }, scheduledTime)
    const object = (run: string) => objects(run) as unknown as RunHost
    const { unclosed } = await sweep(env.DB, object, scheduledTime, 30)
    await judgeUnclosed(env.DB, unclosed, scheduledTime)
    await judgeRuns(env.DB, scheduledTime)
    await pruneMetrics(env.DB, scheduledTime)
    await tendOutbox({ env })
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
