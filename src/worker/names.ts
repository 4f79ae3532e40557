import { type BindingNames, DEFAULT_NAMES } from '../engine/bindings.ts'

/** True where no types of the Worker's bindings were generated: then any name may be right. */
type Untyped = keyof Cloudflare.Env extends never ? true : false

/** The names of the Worker's bindings of one kind, as `wrangler types` has found them. */
export type NameOf<Kind> = Untyped extends true
  ? string
  : {
      [Name in keyof Cloudflare.Env]-?: Cloudflare.Env[Name] extends Kind | undefined ? Name : never
    }[keyof Cloudflare.Env] &
      string

/** Any Durable Object namespace. Its class is not looked at: that is exported by a file which imports this name. */
interface Objects {
  newUniqueId(): unknown
  idFromName(name: string): unknown
}

/** The Worker's bindings that Dogear works with, by their names. The compiler knows which there are. */
export interface NamedBindings {
  /**
   * The D1 database of the runs. A job's effects must be in the same one: only there can an effect and its
   * checkpoint commit together.
   * @default 'DB'
   */
  db?: NameOf<D1Database>
  /**
   * The Durable Object namespace of the class `JobRun`.
   * @default 'DOGEAR_RUNS'
   */
  runs?: NameOf<Objects>
  /**
   * The queue that the runs' messages go to. It needs a consumer: this Worker. Where the Worker has none, each run's
   * object works its own slices, from its alarm.
   * @default 'DOGEAR_QUEUE', if there is one
   */
  queue?: NameOf<Queue>
  /**
   * `version_metadata`, by which a deploy under way is known from other changes of the code.
   * @default 'DOGEAR_VERSION', if there is one
   */
  version?: NameOf<WorkerVersionMetadata>
}

/** The names to look for. */
export function namesOf({ db, runs, queue, version }: NamedBindings): BindingNames {
  return {
    db: db ?? DEFAULT_NAMES.db,
    runs: runs ?? DEFAULT_NAMES.runs,
    queue: queue ?? DEFAULT_NAMES.queue,
    version: version ?? DEFAULT_NAMES.version,
    needsQueue: queue !== undefined,
  }
}
