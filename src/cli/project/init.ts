import { basename } from 'node:path'
import { CliError } from '../errors.ts'
import { expectedBy } from './checks/expected.ts'
import { type EntryAdvice, entryAdvice } from './entry-advice.ts'
import { entryParts } from './entry-parts.ts'
import { jobsFile } from './files.ts'
import { specifierOf } from './jobs-path.ts'
import { type NextSteps, nextSteps } from './next-steps.ts'
import { mergeJsonc, type Patch } from './merge-jsonc.ts'
import { type Project, workerName } from './project.ts'
import { tickOf } from './tick.ts'
import { KEYS, unknownTo } from './unknown-names.ts'
import { type TomlAdvice, tomlAdvice } from './toml-block.ts'
import { notesOn } from './init-notes.ts'
import type { WorkerConfig } from './worker-config.ts'
import { DEFAULT_NAMES, planWiring, type Wiring, type WiringNames } from './wiring.ts'

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
  next: NextSteps
}

/** Plans it; nothing is written here. A Worker that lacks nothing gives an empty plan. */
export async function planInit(project: Project, options: InitOptions): Promise<InitPlan> {
  const { file, jobs } = project
  const { config } = file
  const named = namesIn(project.call?.options)
  const db = await chooseDatabase(project, named.db, options)
  const queue = options.queue ?? wantsQueue(config, named)
  const { className: exported } = expectedBy(project)
  const wiring = {
    db,
    named: { ...named, ...(exported !== undefined && { className: exported }) },
    queue,
    cron: tickOf(project),
    fallbackName: workerName(project),
  }
  const top = knownOf(project, planWiring(config, wiring))
  const { names, patch } = top
  const isWired = Object.keys(patch).length === 0
  const isToml = file.format === 'toml'
  const { className } = names
  return {
    changes: [
      ...(isWired || isToml ? [] : [edited(project, patch)]),
      ...(jobs.isNew ? [{ file: jobs.path, before: '', after: jobsFile(names) }] : []),
    ],
    paste: isToml && !isWired ? tomlAdvice(file.text, patch) : undefined,
    entry: entryAdvice(
      {
        file: project.main,
        text: project.entry ?? '',
        specifier: specifierOf(project.main, jobs.path),
        className,
      },
      entryParts(project, { className, sends: names.queue !== undefined }),
    ),
    notes: notesOn(project, top, wiring),
    next: nextSteps(project),
  }
}

/** Without what the code names by no plain text: nobody knows how that is to be called. */
function knownOf(project: Project, { names, patch }: Wiring): Wiring {
  const unknown = unknownTo(project).flatMap((name) => KEYS[name])
  const known = Object.entries(patch).filter(([key]) => !unknown.includes(key))
  return { names, patch: Object.fromEntries(known) }
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
  const { text, mark } = file
  return { file: basename(file.path), before: mark + text, after: mark + mergeJsonc(text, patch) }
}
