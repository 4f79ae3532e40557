import { DogearError } from './errors.ts'

/** The bindings that Dogear needs of a Worker, whatever their names. */
export interface Bindings {
  /** The database of runs, in which effects and checkpoint commit together. */
  readonly db: D1Database
  /** The Durable Object class `JobRun`. */
  readonly runs: Pick<DurableObjectNamespace, 'getByName'>
  /** The queue that messages of runs go to, unless a job names another. */
  readonly queue: Pick<Queue, 'send'>
  /** `[version_metadata]`. Without it a deploy under way is not told from other changes of the code. */
  readonly version?: Pick<WorkerVersionMetadata, 'id' | 'timestamp'> | undefined
}

/** Finds them among a Worker's bindings. What is declared there may still be missing, or of another kind. */
export type FindBindings = (env: Cloudflare.Env) => Bindings

interface Kind {
  what: string
  /** Methods that the platform's own object of this kind has, and no other. */
  can: readonly string[]
}

const D1: Kind = { what: 'a D1 database', can: ['prepare', 'batch'] }
const OBJECTS: Kind = { what: 'a Durable Object namespace', can: ['getByName', 'idFromName'] }
const QUEUE: Kind = { what: 'a queue producer', can: ['sendBatch'] }

/** The bindings by the names of this repository's `wrangler.toml`, which others may have, too. */
const byDefault: FindBindings = ({ DB: db, RUNS: runs, QUEUE: queue, VERSION: version }) => ({
  db,
  runs,
  queue,
  version,
})

const bound = new WeakMap<object, Bindings>()

/**
 * From here on `bindingsOf(env)` are those that `find` finds; without one, those by the default names. Gives
 * `env` back, which stays as it is: user code finds its own bindings there.
 */
export function bindWorker<Env extends object>(env: Env, find: FindBindings | undefined): Env {
  if (find && !bound.has(env)) bound.set(env, checked(env, find(env as Cloudflare.Env), false))
  return env
}

/**
 * The bindings of a Worker, by the default names unless it was bound otherwise. Reading one that is missing, or
 * of another kind, throws `missing_binding`.
 */
export function bindingsOf(env: object): Bindings {
  return bound.get(env) ?? checked(env, byDefault(env as Cloudflare.Env), true)
}

/** Throws `missing_binding` in a Worker that could not work a run. */
export function requireBindings(env: object): void {
  const { db: _db, queue: _queue } = bindingsOf(env)
}

/** A Worker with another database in place of Dogear's, under whatever names it has it. */
export function withDatabase<Env extends object>(env: Env, db: D1Database): Env {
  const bindings = bindingsOf(env)
  const own = bindings.db
  const other = new Proxy(env, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      return value === own ? db : value
    },
  })
  bound.set(other, Object.create(bindings, { db: { value: db } }) as Bindings)
  return other
}

/** True for a queue that messages can be sent to. */
export function isQueue(value: unknown): value is Pick<Queue, 'send'> {
  return isOf(QUEUE, value)
}

function checked(env: object, given: Bindings, named: boolean): Bindings {
  const found = <Name extends keyof Bindings>(name: Name, kind: Kind): Bindings[Name] => {
    if (isOf(kind, given[name])) return given[name]
    throw missing(env, name, kind, named)
  }
  return {
    get db() {
      return found('db', D1)
    },
    get runs() {
      return found('runs', OBJECTS)
    },
    get queue() {
      return found('queue', QUEUE)
    },
    version: given.version,
  }
}

const DEFAULT_NAMES = { db: 'DB', runs: 'RUNS', queue: 'QUEUE', version: 'VERSION' } as const

function missing(env: object, name: keyof Bindings, kind: Kind, named: boolean): DogearError {
  const there = Object.entries(env).flatMap(([key, value]) => (isOf(kind, value) ? [key] : []))
  const sought = named ? `env.${DEFAULT_NAMES[name]}` : `'${name}' of createWorker's bindings`
  const has = there.length === 0 ? 'none' : there.join(', ')
  return new DogearError(
    'missing_binding',
    `Dogear looked for ${kind.what} at ${sought} and found none; the Worker has ${has} of that kind. ` +
      `Expected it in the Worker's configuration, and by another name in createWorker(jobs, { bindings: (env) => ({ ${name}: env.NAME, ... }) })`,
  )
}

function isOf({ can }: Kind, value: unknown): boolean {
  return typeof value === 'object' && value !== null && can.every((name) => name in value)
}
