import { bindingsOf, withNames } from '../engine/bindings.ts'
import { clockOf, keepTimeBy } from '../engine/clock.ts'
import { runObjects } from '../engine/drive/run-objects.ts'
import { DogearError } from '../engine/errors.ts'
import { logEvent } from '../engine/events.ts'
import { Registry } from '../engine/job/registry.ts'
import type { Job } from '../engine/job/job.ts'
import { startRun } from '../engine/runs/start.ts'
import {
  type ConsumerDeps,
  consume,
  isDogearMessage,
  workerDeps,
} from '../engine/slice/consumer.ts'
import type { TablesReady } from '../api/request/tables.ts'
import { sliceMetrics } from '../monitoring/index.ts'
import { checkSchedules, type Schedule } from '../schedules/index.ts'
import { Schema } from '../schema/schema.ts'
import { tick } from './clockwork.ts'
import { isCanary } from './canary.ts'
import { partition } from './messages.ts'
import type { Dogear, DogearOptions } from './dogear.ts'
import { SignsOfLife } from './signs-of-life.ts'
import { jobRunOf } from './job-run.ts'
import { namesOf } from './names.ts'
import { wrapped } from './wrap.ts'

const EVERY_MINUTE = '* * * * *'

/** What people and other programs see of a Dogear: API and page. One that has none only runs jobs. */
export interface Surface {
  /** Jobs of its own. */
  readonly jobs: readonly Job[]
  /** What it does each minute. */
  tick(db: D1Database, now: number): Promise<void>
  /** True for a request below its path. */
  owns(request: Request): boolean
  serve(
    parts: SurfaceParts,
  ): (request: Request, env: Cloudflare.Env, ctx: ExecutionContext) => Promise<Response>
}

export interface SurfaceParts {
  registry: Registry
  schedules: readonly Schedule[]
  ready: TablesReady
  /** The cron trigger that is Dogear's. */
  cron: string
}

/** Ties a Worker's jobs, its bindings and what it shows to the world together. */
export function assemble(options: DogearOptions, surface?: Surface): Dogear {
  const { cron = EVERY_MINUTE, onEvent = logEvent } = options
  const registry = new Registry([...options.jobs, ...(surface?.jobs ?? [])])
  const schedules = checkSchedules(options.schedules ?? [], registry)
  const bind = binder(options)
  const schema = new Schema({ mode: options.schema ?? 'auto' })
  const ready: TablesReady = (env, failed) => schema.ready(bindingsOf(env).db, failed)
  const serve = surface?.serve({ registry, schedules, ready, cron })
  const life = new SignsOfLife()
  let requests = 0
  const deps = (env: Cloudflare.Env): ConsumerDeps => ({
    ...workerDeps(env, registry),
    others: () => requests,
    ready: (failed) => ready(env, failed),
    onEvent,
    listener: sliceMetrics,
  })

  const dogear: Dogear = {
    JobRun: jobRunOf({ bind, deps, ready }),
    bind,
    owns: (request) => surface?.owns(request) ?? false,
    async fetch(request, env, ctx) {
      if (!serve) return new Response(null, { status: 404 })
      requests += 1
      try {
        return await serve(request, bind(env), ctx)
      } finally {
        requests -= 1
      }
    },
    async queue({ messages }, env) {
      const bound = bind(env)
      const [canaries, others] = partition(messages, isCanary)
      const [foreign] = await Promise.all([
        consume(others, deps(bound)),
        others.some(isDogearMessage) && life.note(bound, 'message'),
        canaries.length > 0 && life.note(bound, 'canary', 0),
      ])
      for (const canary of canaries) canary.ack()
      // Slices take their time: a long delivery has not stopped taking messages.
      if (foreign.length < others.length) await life.note(bound, 'message')
      return foreign
    },
    async scheduled({ cron: rung, scheduledTime }, env) {
      // By hand, on this machine, it can be rung without saying which.
      if (rung !== cron && rung !== '') return false
      const bound = bind(env)
      // The trigger may come early by this machine's clock, and late by its own.
      const now = Math.max(Date.now(), scheduledTime)
      await ready(bound)
      await life.note(bound, 'tick')
      await tick(bound, schedules, now, (db) => surface?.tick(db, now))
      return rung === cron
    },
    wrap: (host) => wrapped(host, dogear),
    async start(env, job, settings) {
      requireListed(registry, job)
      const bound = bind(env)
      await ready(bound)
      const created = await startRun(runObjects(bound), job, settings)
      if (created.ok) return created.run
      throw new DogearError(
        created.code,
        `A run of job '${job.name}' with idempotency key '${settings?.idempotencyKey}' exists and has other params; expected the same, or another key`,
      )
    },
    get: (env, run) => runObjects(bind(env))(run).describe(),
  }
  return dogear
}

/** One view of an `env`, however often it is asked for: what is remembered by it stays. */
function binder(options: DogearOptions): (env: Cloudflare.Env) => Cloudflare.Env {
  const names = namesOf(options)
  const views = new WeakMap<object, Cloudflare.Env>()
  return (env) => {
    const known = views.get(env)
    if (known) return known
    const view = withNames(env, names)
    keepTimeBy(view, clockOf(env))
    views.set(env, view).set(view, view)
    return view
  }
}

function requireListed(registry: Registry, job: Job): void {
  if (registry.get(job.name) === job) return
  throw new DogearError(
    'unknown_job',
    `Job '${job.name}' is not one of this Worker's, so nobody could work its runs; expected it in createDogear({ jobs: [...] })`,
  )
}
