import type { EngineEvent } from '../engine/events.ts'
import type { Job } from '../engine/job/job.ts'
import type { RunView } from '../engine/run.ts'
import type { StartOptions } from '../engine/runs/start.ts'
import type { Schedule } from '../schedules/index.ts'
import type { SchemaMode } from '../schema/schema.ts'
import type { JobRun } from './job-run.ts'
import type { NamedBindings } from './names.ts'

/** Settings of a Worker's jobs. */
export interface DogearOptions extends NamedBindings {
  /** The jobs that this Worker can run. One that is not here cannot be started. */
  jobs: readonly Job[]
  /** Runs that start by the clock. */
  schedules?: readonly Schedule[]
  /**
   * The cron trigger that is Dogear's. All others are the host's: where the host has one that rings each minute, too,
   * Dogear's is written in another way.
   * @default '* * * * *'
   */
  cron?: string
  /**
   * Whose business Dogear's tables are: `auto` makes and upgrades them, `check` refuses to work on older ones and says
   * what to type, `manual` never looks. See docs/guide/tables.md.
   * @default 'auto'
   */
  schema?: SchemaMode
  /**
   * Hears what happens in the slices, after this Worker's metrics. See docs/errors-and-events.md.
   * @default `logEvent`
   */
  onEvent?: (event: EngineEvent) => void
}

/** Settings of a run that is started. What the params' schema fills in may be left out. */
export interface StartSettings<P> extends Omit<StartOptions, 'params'> {
  params?: Partial<NoInfer<P>>
}

/** A Worker that Dogear is a guest of: what stands behind `export default`. */
export type Host<Message = unknown> = ExportedHandler<Cloudflare.Env, Message>

/** It, with Dogear inside. */
export type Wrapped<Message = unknown> = Host<Message> &
  Required<Pick<Host<Message>, 'fetch' | 'queue' | 'scheduled'>>

/**
 * The jobs of a Worker. It takes only what is its own: messages of its own form, its own tick, paths below its
 * own. All else is the host's.
 */
export interface Dogear {
  /** The Durable Object of a run. Export it from your Worker: `export const { JobRun } = jobs`. */
  readonly JobRun: typeof JobRun
  /**
   * Your Worker with these jobs in it: `export default jobs.wrap({ fetch, queue, scheduled })`. Requests below the
   * path, messages of runs and the tick are handled; your own handlers get the rest.
   */
  wrap<Message = unknown>(host: Host<Message>): Wrapped<Message>
  /** True for a request below the path of API and page. */
  owns(request: Request): boolean
  /** Answers a request of API or page, also without the path in front: `app.mount('/dogear', jobs.fetch)`. */
  fetch(request: Request, env: Cloudflare.Env, ctx: ExecutionContext): Promise<Response>
  /**
   * Works the messages of runs, and answers the others, untouched and not acknowledged. What a queue handler
   * returns without a word about, Cloudflare takes for acknowledged: handle or `retry()` them.
   */
  queue<Message>(
    batch: MessageBatch<Message>,
    env: Cloudflare.Env,
  ): Promise<globalThis.Message<Message>[]>
  /** Does what is due each minute. True when the trigger was Dogear's own; all others are yours. */
  scheduled(
    controller: Pick<ScheduledController, 'cron' | 'scheduledTime'>,
    env: Cloudflare.Env,
  ): Promise<boolean>
  /**
   * Starts a run. Throws a `DogearError`, and nothing has changed then: `unknown_job`, `invalid_params`,
   * `invalid_options`, `invalid_job`, `missing_binding`, `schema_outdated` and its like, or `idempotency_conflict` for a key that is in use with
   * other params.
   */
  start<P>(env: Cloudflare.Env, job: Job<P>, settings?: StartSettings<P>): Promise<RunView>
  /** A run by its id; null when there is none. */
  get(env: Cloudflare.Env, run: string): Promise<RunView | null>
  /** The Worker's bindings as Dogear finds them, by the names of `createDogear`: for `dogear/runs`, and for tests. */
  bind(env: Cloudflare.Env): Cloudflare.Env
}
