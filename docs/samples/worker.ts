import { createDogear, logEvent, type EngineEvent } from 'dogear/worker'
import { defineSchedule } from 'dogear/schedules'
import { raisePrices, raisePricesIteration } from './raise-prices.ts'

const everyNewYear = defineSchedule({
  name: 'every-new-year',
  cron: '0 3 1 1 *',
  timeZone: 'Europe/Berlin',
  job: raisePrices,
  overlap: 'skip',
})

const jobs = createDogear({
  jobs: [raisePrices, raisePricesIteration],
  schedules: [everyNewYear],
  runs: 'RUNS',
  queue: 'QUEUE',
  version: 'VERSION',
  path: '/jobs',
  onEvent: listen,
})

export const { JobRun } = jobs

/** A Worker that hands Dogear what is Dogear's, by hand: `jobs.wrap` does the same. */
export default {
  async fetch(request, env, ctx) {
    if (jobs.owns(request)) return jobs.fetch(request, env, ctx)
    const run = await jobs.start(env, raisePrices, { idempotencyKey: 'autumn' })
    return Response.json(run)
  },
  async queue(batch, env) {
    const others = await jobs.queue(batch, env)
    // Not Dogear's: here your own code handles its own. What is left alone counts as acknowledged.
    for (const message of others) message.retry()
  },
  async scheduled(controller, env) {
    if (await jobs.scheduled(controller, env)) return
    // Another tick: your own.
  },
} satisfies ExportedHandler<Cloudflare.Env>

/** Above this a commit is worth a look. */
const SLOW_MS = 200

/** The usual log, and a line for each slow commit, which the log leaves out. */
export function listen(event: EngineEvent): void {
  logEvent(event)
  if (event.type === 'commit.written' && event.durationMs > SLOW_MS)
    console.warn(JSON.stringify(event))
}
