import { basename, posix } from 'node:path'
import { CliError } from '../errors.ts'
import { type EntryAdvice, entryAdvice } from './entry-advice.ts'
import { jobsFile } from './files.ts'
import { mergeJsonc, type Patch } from './merge-jsonc.ts'
import { type Project, workerName } from './project.ts'
import { type TomlAdvice, tomlAdvice } from './toml-block.ts'
import { notesOn } from './init-notes.ts'
import type { WorkerConfig } from './worker-config.ts'
import { DEFAULT_NAMES, planWiring, type WiringNames } from './wiring.ts'

type Named = Pick<WiringNames, 'db' | 'runs' | 'version'> & { queue: string }

export interface InitOptions {
  db: string | undefined
  /** Undefined leaves a Dogear without a queue as it is, and gives a new one a queue. */
  queue: boolean | undefined
  /** Which of several databases it is to be. */
  ask: (databases: readonly string[]) => Promise<string>
}

/** A file as it is to be. */
export interface FileChange {
  /** From the Worker's folder. */
  file: string
  /** Empty for a new file. */
  before: string
  after: string
}

/** What `dogear init` found, and would do. */
export interface InitPlan {
  changes: FileChange[]
  /** What a person puts into a `wrangler.toml`. */
  paste: TomlAdvice | undefined
  /** What a person changes in the entry file; undefined when it is wired. */
  entry: EntryAdvice | undefined
  notes: string[]
}

/** Plans it; nothing is written here. A Worker that lacks nothing gives an empty plan. */
export async function planInit(project: Project, options: InitOptions): Promise<InitPlan> {
  const { file, jobs } = project
  const { config } = file
  const named = namesIn(project.call?.options)
  const db = await chooseDatabase(project, named.db, options)
  const queue = options.queue ?? wantsQueue(config, named)
  const wiring = { db, named, queue, fallbackName: workerName(project) }
  const { names, patch } = planWiring(config, wiring)
  const isWired = Object.keys(patch).length === 0
  const isToml = file.format === 'toml'
  const { className } = names
  return {
    changes: [
      ...(isWired || isToml ? [] : [edited(project, patch)]),
      ...(jobs.isNew ? [{ file: jobs.path, before: '', after: jobsFile(names) }] : []),
    ],
    paste: isToml && !isWired ? tomlAdvice(file.text, patch) : undefined,
    entry: isEntryWired(project, className)
      ? undefined
      : entryAdvice({
          file: project.main,
          text: project.entry ?? '',
          specifier: specifierFrom(project.main, jobs.path),
          className,
        }),
    notes: notesOn(project, names, wiring),
  }
}

/** Which of Dogear's names the code says itself. */
function namesIn(options: Record<string, string | true> = {}): Partial<Named> {
  const said = (['db', 'runs', 'queue', 'version'] as const).flatMap((key) => {
    const name = options[key]
    return typeof name === 'string' ? [[key, name] as const] : []
  })
  return Object.fromEntries(said)
}

async function chooseDatabase(
  { file, call }: Project,
  named: string | undefined,
  { db, ask }: InitOptions,
): Promise<string> {
  const there = (file.config.d1_databases ?? []).map(({ binding }) => binding)
  const [only = DEFAULT_NAMES.db, ...others] = there
  const byDefault = call?.options && there.includes(DEFAULT_NAMES.db) ? DEFAULT_NAMES.db : undefined
  const wanted = db ?? named ?? byDefault
  if (wanted === undefined) return others.length === 0 ? only : ask(there)
  if (there.length === 0 || there.includes(wanted)) return wanted
  throw new CliError(
    'unknown_database',
    `${file.name} has no D1 binding ${wanted}; it has ${there.join(', ')}. Name one of them with --db`,
  )
}

function wantsQueue(
  { durable_objects: objects, queues }: WorkerConfig,
  named: Partial<Named>,
): boolean {
  const has = (names: readonly string[] | undefined, name: string) => names?.includes(name) ?? false
  const isThere = has(
    objects?.bindings?.map(({ name }) => name),
    named.runs ?? DEFAULT_NAMES.runs,
  )
  const sends = has(
    queues?.producers?.map(({ binding }) => binding),
    named.queue ?? DEFAULT_NAMES.queue,
  )
  return !isThere || sends || named.queue !== undefined
}

function edited({ file }: Project, patch: Patch): FileChange {
  return { file: basename(file.path), before: file.text, after: mergeJsonc(file.text, patch) }
}

/** How the entry imports it; undefined when it is the entry itself. */
function specifierFrom(main: string, path: string): string | undefined {
  return path === main ? undefined : `./${posix.basename(path).slice(0, -3)}`
}

/** Whether the entry exports the class, and hands its events to Dogear. */
function isEntryWired({ code, entry = '' }: Project, className: string): boolean {
  if (typeof code === 'string')
    return entry.includes(className) && /\.(wrap|queue|scheduled)\(/.test(entry)
  const { exports: exported, dogear } = code
  const isHanded =
    dogear?.isHandedOn ||
    dogear?.used.has('wrap') ||
    dogear?.used.has('queue') ||
    dogear?.used.has('scheduled')
  return exported.includes(className) && isHanded === true
}
