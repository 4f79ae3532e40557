import { CliError } from '../errors.ts'

/** What Dogear reads of a Worker's configuration, as wrangler's file has it. */
export interface WorkerConfig {
  name?: string
  main?: string
  compatibility_date?: string
  d1_databases?: D1Entry[]
  durable_objects?: { bindings?: { name: string; class_name: string; script_name?: string }[] }
  migrations?: ClassMigration[]
  exports?: Record<string, { type?: string; storage?: string }>
  queues?: { producers?: Producer[]; consumers?: Consumer[] }
  triggers?: { crons?: string[] }
  version_metadata?: { binding: string }
  vars?: Record<string, unknown>
  secrets?: { required?: string[] }
  ratelimits?: { name: string }[]
  assets?: { not_found_handling?: string; run_worker_first?: boolean | string[] }
  dev?: { port?: number; local_protocol?: string }
  env?: Record<string, WorkerConfig>
}

export interface D1Entry {
  binding: string
  database_name?: string
  database_id?: string
  migrations_table?: string
}

/** A migration of Durable Object classes. Not to be confused with those of D1. */
export interface ClassMigration {
  tag: string
  new_sqlite_classes?: string[]
  new_classes?: string[]
  renamed_classes?: { from: string; to: string }[]
  deleted_classes?: string[]
}

export interface Producer {
  binding: string
  queue: string
}

export interface Consumer {
  queue: string
  max_batch_size?: number
  max_batch_timeout?: number
  max_retries?: number
}

/** The tick at which Dogear looks after its runs and starts those that are due. */
export const TICK = '* * * * *'

/** The oldest `compatibility_date` with calls of methods on Durable Objects, which Dogear is made of. */
export const OLDEST_DATE = '2024-04-03'

const LISTS = [
  ['d1_databases'],
  ['durable_objects', 'bindings'],
  ['migrations'],
  ['queues', 'producers'],
  ['queues', 'consumers'],
  ['triggers', 'crons'],
  ['ratelimits'],
]
const TABLES = ['durable_objects', 'exports', 'queues', 'triggers', 'version_metadata', 'env']

/** Throws `invalid_config` where Dogear would read a list or an object and something else is there. */
export function checkedConfig(config: unknown, file: string): WorkerConfig {
  if (!isTable(config)) throw invalidConfig(file, 'it', 'an object')
  for (const key of TABLES) {
    if (config[key] !== undefined && !isTable(config[key]))
      throw invalidConfig(file, key, 'an object')
  }
  for (const path of LISTS) {
    const value = path.reduce<unknown>(
      (table, key) => (isTable(table) ? table[key] : undefined),
      config,
    )
    if (value !== undefined && !Array.isArray(value)) {
      throw invalidConfig(file, path.join('.'), 'a list')
    }
  }
  for (const [name, section] of Object.entries(config['env'] ?? {})) {
    checkedConfig(section, `env.${name} of ${file}`)
  }
  return config
}

/** What a named environment takes from the top level, unless it has its own: that replaces the top level's. */
export const INHERITED = [
  'main',
  'compatibility_date',
  'migrations',
  'exports',
  'triggers',
  'assets',
] as const

/** The configuration that `wrangler deploy --env NAME` uses: a named environment inherits no binding. */
export function environmentOf(config: WorkerConfig, name: string): WorkerConfig {
  const inherited = INHERITED.filter((key) => config[key] !== undefined)
  return {
    ...(config.name !== undefined && { name: `${config.name}-${name}` }),
    ...Object.fromEntries(inherited.map((key) => [key, config[key]])),
    ...config.env?.[name],
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalidConfig(file: string, what: string, expected: string): CliError {
  return new CliError(
    'invalid_config',
    `${file} is no configuration of a Worker: expected ${what} to be ${expected}`,
  )
}
