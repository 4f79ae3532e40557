import { DogearError } from './errors.ts'

/** The bindings that Dogear works with, whatever their names. */
export interface Bindings {
  /** The database of runs, in which effects and checkpoint commit together. */
  readonly db: D1Database
  /** The Durable Object class `JobRun`. */
  readonly runs: Pick<DurableObjectNamespace, 'getByName'>
  /**
   * The queue that messages of runs go to, unless a job names another. Where the Worker has none, each run's
   * object works its slices itself.
   */
  readonly queue: Pick<Queue, 'send'> | undefined
  /** `version_metadata`. Without it a deploy under way is not told from other changes of the code. */
  readonly version: Pick<WorkerVersionMetadata, 'id' | 'timestamp'> | undefined
}

/** What a Worker calls them. */
export interface BindingNames {
  readonly db: string
  readonly runs: string
  readonly queue: string
  readonly version: string
  /** The Worker has said that it has this queue, so it must. */
  readonly needsQueue: boolean
}

interface Kind {
  what: string
  /** Methods that the platform's own object of this kind has, and no other. */
  can: readonly string[]
}

const D1: Kind = { what: 'a D1 database', can: ['prepare', 'batch'] }
const OBJECTS: Kind = { what: 'a Durable Object namespace', can: ['getByName', 'idFromName'] }
const QUEUE: Kind = { what: 'a queue producer', can: ['sendBatch'] }

/** Where nobody says otherwise: the names that `dogear init` gives. */
export const DEFAULT_NAMES: BindingNames = {
  db: 'DB',
  runs: 'DOGEAR_RUNS',
  queue: 'DOGEAR_QUEUE',
  version: 'DOGEAR_VERSION',
  needsQueue: false,
}

/** Those of this repository's own `wrangler.toml`, which is older than `init`. */
const SHORT_NAMES: BindingNames = {
  ...DEFAULT_NAMES,
  runs: 'RUNS',
  queue: 'QUEUE',
  version: 'VERSION',
}

const named = new WeakMap<object, BindingNames>()

function namesIn(env: object): BindingNames {
  return named.get(env) ?? (DEFAULT_NAMES.runs in env ? DEFAULT_NAMES : SHORT_NAMES)
}

/**
 * The same bindings as a view of its own, in which Dogear finds what it needs by these names. `env` stays as it
 * is, so that several of a Worker's parts can each have names of their own.
 */
export function withNames<Env extends object>(env: Env, names: BindingNames): Env {
  const view = new Proxy(env, {})
  named.set(view, names)
  return view
}

/** The same Worker, if it had no queue. */
export function withoutQueue<Env extends object>(env: Env): Env {
  return withNames(env, { ...namesIn(env), queue: '', needsQueue: false })
}

/** Lets `env` go by the names of `other`, of which it is a changed copy. */
export function namedAs<Env extends object>(env: Env, other: object): Env {
  const names = named.get(other)
  if (names) named.set(env, names)
  return env
}

/**
 * The bindings of a Worker. Reading one that is missing, or of another kind, throws `missing_binding`: what was
 * looked for, what there is, and what to type.
 */
export function bindingsOf(env: object): Bindings {
  const names = namesIn(env)
  const at = (name: string): unknown => Reflect.get(env, name)
  const found = (part: 'db' | 'runs' | 'queue', kind: Kind): unknown => {
    const binding = at(names[part])
    if (isOf(kind, binding)) return binding
    throw missing(env, part, names[part], kind)
  }
  return {
    get db() {
      return found('db', D1) as D1Database
    },
    get runs() {
      return found('runs', OBJECTS) as Bindings['runs']
    },
    get queue() {
      const absent = at(names.queue) === undefined && !names.needsQueue
      return absent ? undefined : (found('queue', QUEUE) as Bindings['queue'])
    },
    get version() {
      return at(names.version) as Bindings['version']
    },
  }
}

/** The name of the queue that runs' messages go to. */
export function queueNameOf(env: object): string {
  return namesIn(env).queue
}

/** Throws `missing_binding` for a Worker that has no queue, where it must have one. */
export function requireQueue(env: object): void {
  const names = namesIn(env)
  if (!bindingsOf(env).queue) throw missing(env, 'queue', names.queue, QUEUE)
}

/** A Worker with another database in place of Dogear's, under whatever names it has it. */
export function withDatabase<Env extends object>(env: Env, db: D1Database): Env {
  const own = bindingsOf(env).db
  const other = new Proxy(env, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      return value === own ? db : value
    },
  })
  return namedAs(other, env)
}

/** True for a queue that messages can be sent to. */
export function isQueue(value: unknown): value is Pick<Queue, 'send'> {
  return isOf(QUEUE, value)
}

function missing(
  env: object,
  part: 'db' | 'runs' | 'queue',
  name: string,
  kind: Kind,
): DogearError {
  const there = Object.entries(env).flatMap(([key, value]) => (isOf(kind, value) ? [key] : []))
  const has = there.length === 0 ? 'none' : there.join(', ')
  return new DogearError(
    'missing_binding',
    `Dogear looked for ${kind.what} at env.${name} and found none; the Worker has ${has} of that kind. ` +
      `Run 'npx dogear init' to add it to the Worker's configuration, or name another one: createDogear({ ${part}: 'NAME' })`,
  )
}

function isOf({ can }: Kind, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  // A service binding has every method that it is asked for: those of its own Worker.
  return !('fetch' in value) && can.every((name) => name in value)
}
