import { api } from './api/index.ts'
import { steerRuns } from './api/steer-runs.ts'
import {
  consume,
  logEvent,
  Registry,
  runObjects,
  sweep,
  workerDeps,
  type Job,
  type SliceMessage,
} from './engine/index.ts'
import type { JobRun } from '../durable-objects/job-run.ts'

const RETENTION_DAYS = 30

/** A Worker that serves the API for these jobs and works their runs. */
export function createWorker(jobs: readonly Job[]): ExportedHandler<Cloudflare.Env, SliceMessage> {
  const registry = new Registry([...jobs, steerRuns])
  const app = api(registry)
  let requests = 0
  return {
    async fetch(request, env, ctx) {
      requests += 1
      try {
        return await app.fetch(request, env, ctx)
      } finally {
        requests -= 1
      }
    },
    queue: (batch, env) =>
      consume(batch.messages, {
        ...workerDeps(env, registry),
        others: () => requests,
        onEvent: logEvent,
      }),
    async scheduled(_controller, env) {
      await sweep(
        env.DB,
        (run) => runObjects(env)(run) as unknown as JobRun,
        Date.now(),
        RETENTION_DAYS,
      )
    },
  } satisfies ExportedHandler<Cloudflare.Env, SliceMessage>
}
