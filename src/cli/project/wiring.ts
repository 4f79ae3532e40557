import { CliError } from '../errors.ts'
import type { Patch } from './merge-jsonc.ts'
import type { ClassMigration, WorkerConfig } from './worker-config.ts'

/** What Dogear's parts are called in a Worker. */
export interface WiringNames {
  /** The D1 binding of runs and effects. */
  db: string
  /** The Durable Object binding, and the class that it is of. */
  runs: string
  className: string
  /** The queue producer's binding; undefined without a queue. */
  queue: string | undefined
  /** The binding of the version's metadata. */
  version: string
  /** The cron trigger that is Dogear's; undefined when the code names it and not by a plain text. */
  cron: string | undefined
}

export interface Wiring {
  names: WiringNames
  /** What the configuration lacks; empty when it lacks nothing. */
  patch: Patch
}

export interface WiringOptions {
  db: string
  /** What `createDogear` of this Worker says already, and what code or top level call the class. */
  named: { runs?: string; queue?: string | undefined; version?: string; className?: string }
  queue: boolean
  cron: string | undefined
  /** The Worker's name where its configuration gives none. */
  fallbackName: string
}

export const DEFAULT_NAMES = {
  db: 'DB',
  runs: 'DOGEAR_RUNS',
  queue: 'DOGEAR_QUEUE',
  version: 'DOGEAR_VERSION',
}

/** What a configuration needs so that Dogear works in this Worker, and lacks. Never changes what is there. */
export function planWiring(config: WorkerConfig, options: WiringOptions): Wiring {
  const { db, named, cron } = options
  const runs = named.runs ?? DEFAULT_NAMES.runs
  const className = classNameFor(config, runs, named.className)
  const queue = options.queue ? (named.queue ?? DEFAULT_NAMES.queue) : undefined
  const version = named.version ?? config.version_metadata?.binding ?? DEFAULT_NAMES.version
  const patch: Patch = {
    ...databaseFor(config, db),
    ...objectsFor(config, runs, className),
    ...classFor(config, className),
    ...(queue !== undefined && queueFor(config, queue, options.fallbackName)),
    ...tickFor(config, cron),
    ...(config.version_metadata ? {} : { version_metadata: { binding: version } }),
  }
  return { names: { db, runs, className, queue, version, cron }, patch }
}

function databaseFor({ d1_databases: databases = [] }: WorkerConfig, db: string): Patch {
  return databases.some(({ binding }) => binding === db) ? {} : { d1_databases: [{ binding: db }] }
}

function tickFor({ triggers }: WorkerConfig, cron: string | undefined): Patch {
  if (cron === undefined || triggers?.crons?.includes(cron)) return {}
  return { triggers: { crons: [cron] } }
}

/** What is known already, else `JobRun`, unless the Worker has a class of that name which is not Dogear's. */
export function classNameFor(config: WorkerConfig, runs: string, known?: string): string {
  const bindings = config.durable_objects?.bindings ?? []
  const bound = bindings.find(({ name }) => name === runs)
  if (bound?.script_name !== undefined) {
    throw new CliError(
      'binding_taken',
      `the binding ${runs} is an object of the Worker ${bound.script_name}; expected a class of this Worker. Rename it, or name another one: createDogear({ runs: '...' })`,
    )
  }
  if (bound) return bound.class_name
  const isBound = (name: string) => bindings.some(({ class_name }) => class_name === name)
  if (known !== undefined && !isBound(known)) return known
  return isBound('JobRun') || hasClass(config, 'JobRun') ? 'DogearJobRun' : 'JobRun'
}

function objectsFor(config: WorkerConfig, runs: string, className: string): Patch {
  const isThere = config.durable_objects?.bindings?.some(({ name }) => name === runs)
  if (isThere) return {}
  return { durable_objects: { bindings: [{ name: runs, class_name: className }] } }
}

function classFor(config: WorkerConfig, className: string): Patch {
  if (hasClass(config, className)) return {}
  // wrangler takes one of both ways, never both.
  if (Object.values(config.exports ?? {}).some(({ type }) => type === 'durable-object')) {
    return { exports: { [className]: { type: 'durable-object', storage: 'sqlite' } } }
  }
  const tag = nextTag((config.migrations ?? []).map((migration) => migration.tag))
  return { migrations: [{ tag, new_sqlite_classes: [className] }] }
}

/** Whether the configuration makes the class, by whatever kind of migration. */
export function hasClass(config: WorkerConfig, className: string): boolean {
  return (
    config.exports?.[className] !== undefined ||
    (config.migrations ?? []).some((migration) => makes(migration, className))
  )
}

function makes(migration: ClassMigration, className: string): boolean {
  const {
    new_sqlite_classes: sqlite = [],
    new_classes: plain = [],
    renamed_classes: renamed = [],
  } = migration
  return [...sqlite, ...plain, ...renamed.map(({ to }) => to)].includes(className)
}

/** `v3` after `v1` and `v2`; a name of its own where the host counts otherwise. */
function nextTag(tags: readonly string[]): string {
  const numbers = tags.map((tag) => Number(/^v(\d+)$/.exec(tag)?.[1] ?? Number.NaN))
  if (numbers.every((number) => !Number.isNaN(number))) return `v${Math.max(0, ...numbers) + 1}`
  return free('dogear', tags)
}

function queueFor(config: WorkerConfig, binding: string, fallbackName: string): Patch {
  const { producers = [], consumers = [] } = config.queues ?? {}
  const taken = [...producers, ...consumers].map(({ queue }) => queue)
  const producer = producers.find((one) => one.binding === binding)
  const queue = producer?.queue ?? free(`${config.name ?? fallbackName}-dogear`, taken)
  const isConsumed = consumers.some((consumer) => consumer.queue === queue)
  if (producer && isConsumed) return {}
  return {
    queues: {
      ...(!producer && { producers: [{ binding, queue }] }),
      ...(!isConsumed && { consumers: [consumerOf(queue)] }),
    },
  }
}

/** A message says only that a run is due, so it waits for no others. Dogear acknowledges it always. */
export function consumerOf(queue: string) {
  return { queue, max_batch_size: 10, max_batch_timeout: 0, max_retries: 3 }
}

function free(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name
  let number = 2
  while (taken.includes(`${name}-${number}`)) number += 1
  return `${name}-${number}`
}
