/**
 * A whole Worker for your jobs: `createWorker`, and the Durable Object that it drives runs by. Its parts are
 * here, too, for a Worker that has a queue consumer and a cron of its own. See `docs/samples/worker.ts`.
 *
 * @module
 */
import { pruneAudit } from './api/access/audit-log.ts'
import type { ApiAddition } from './api/addition.ts'
import { api } from './api/index.ts'
import { steerRuns } from './api/steer-runs.ts'
import { bindingsOf, bindWorker, type FindBindings } from './engine/bindings.ts'
import { consume, workerDeps } from './engine/slice/consumer.ts'
import { logEvent } from './engine/events.ts'
import { Registry } from './engine/job/registry.ts'
import { runObjects } from './engine/drive/run-objects.ts'
import { sweep } from './engine/runs/sweep.ts'
import type { Job } from './engine/index.ts'
import type { SliceMessage } from './engine/drive/protocol.ts'
import { judgeRuns, judgeUnclosed, pruneMetrics, sliceMetrics } from './monitoring/index.ts'
import { checkSchedules, runSchedules, type Schedule } from './schedules/index.ts'
import { deliverWebhooks, tendOutbox } from './webhooks/index.ts'
import { RunHost } from '../durable-objects/run-host.ts'
import { log } from './engine/log.ts'

export { RunHost } from '../durable-objects/run-host.ts'
export { logEvent } from './engine/events.ts'
export { Registry } from './engine/job/registry.ts'
export { sweep } from './engine/runs/sweep.ts'
export { consume, isDogearMessage, workerDeps } from './engine/slice/consumer.ts'
export type { ApiAddition } from './api/addition.ts'
export type { FindBindings } from './engine/bindings.ts'
export type { SliceMessage } from './engine/drive/protocol.ts'
export type { EngineEvent, LoggedEvent } from './engine/events.ts'

const RETENTION_DAYS = 30

/** The Durable Object of a run; webhooks tell its end. Export it from your Worker. */
export class JobRun extends RunHost {
  protected override ended(): Promise<void> {
    return deliverWebhooks({ env: this.env })
  }
}

/** `JobRun` of a Worker that calls its bindings otherwise: `export const JobRun = jobRun(bindings)`. */
export function jobRun(bindings: FindBindings): typeof JobRun {
  return class extends JobRun {
    constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
      super(ctx, bindWorker(env, bindings))
    }
  }
}

export interface WorkerOptions {
  /** Runs that start by the clock. */
  schedules?: readonly Schedule[]
  /**
   * Finds what Dogear needs among the Worker's bindings: `(env) => ({ db: env.BILLING_DB, runs: env.JOBS,
   * queue: env.SLICES })`, and `version` if it has one. Give it to `jobRun`, too.
   * @default `DB`, `RUNS`, `QUEUE` and `VERSION`
   */
  bindings?: FindBindings
  /** Routes of your own beside the API's. */
  api?: ApiAddition
}

/**
 * A Worker that serves the API for these jobs, with what is added to it, works their runs, and starts
 * those that are scheduled.
 */
export function createWorker(
  jobs: readonly Job[],
  options: WorkerOptions = {},
): ExportedHandler<Cloudflare.Env, SliceMessage> {
  const registry = new Registry([...jobs, steerRuns])
  const schedules = checkSchedules(options.schedules ?? [], registry)
  const app = api(registry, { schedules }, options.api)
  let requests = 0
  return {
    async fetch(request, env, ctx) {
      requests += 1
      try {
        return await app.fetch(request, bindWorker(env, options.bindings), ctx)
      } finally {
        requests -= 1
      }
    },
    async queue(batch, env) {
      bindWorker(env, options.bindings)
      const foreign = await consume(batch.messages, {
        ...workerDeps(env, registry),
        others: () => requests,
        onEvent: logEvent,
        listener: sliceMetrics,
      })
      for (const message of foreign) {
        // Nobody here handles it, and left alone it would be taken for handled: the queue's dead letters get it.
        message.retry()
        log.error('message.foreign', { queue: batch.queue })
      }
    },
    async scheduled({ scheduledTime }, env) {
      const { db } = bindingsOf(bindWorker(env, options.bindings))
      const objects = runObjects(env)
      // The trigger may come early by this machine's clock, and late by its own.
      const now = Math.max(Date.now(), scheduledTime)
      const works = await Promise.allSettled([
        runSchedules({ db, objects, schedules }, now),
        lookForLostRuns(env, now),
        pruneMetrics(db, now),
        pruneAudit(db, now),
        tellPeople(env, now),
      ])
      for (const work of works) if (work.status === 'rejected') throw work.reason
    },
  } satisfies ExportedHandler<Cloudflare.Env, SliceMessage>
}

async function lookForLostRuns(env: Cloudflare.Env, now: number): Promise<void> {
  const objects = (run: string) => runObjects(env)(run) as unknown as RunHost
  const { db } = bindingsOf(env)
  const { unclosed } = await sweep(db, objects, now, RETENTION_DAYS)
  await judgeUnclosed(db, unclosed, now)
}

/** In this order, so that what is found is sent at once; what was found before is sent all the same. */
async function tellPeople(env: Cloudflare.Env, now: number): Promise<void> {
  try {
    await judgeRuns(bindingsOf(env).db, now)
  } finally {
    await tendOutbox({ env })
  }
}
