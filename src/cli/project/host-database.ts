import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { CliError } from '../errors.ts'
import { noConfig } from './config-file.ts'
import { wranglerFolder } from './host-tools.ts'
import { readProject } from './project.ts'

/** What is said of a database on the command line. */
export interface DatabaseFlags {
  config?: string
  env?: string
  binding?: string
}

/** A D1 database of the Worker in a folder, as its configuration has it. */
export interface HostDatabase {
  binding: string
  /** Where wrangler runs: the folder of its configuration. */
  folder: string
  config: string
  env?: string
  /** Where the host keeps its own migrations. */
  migrationsDir: string
  /** wrangler's script, of the version that the host has. */
  wrangler: string
}

type Wrangler = typeof import('wrangler')

/** An entry of `d1_databases`. */
interface Entry {
  binding: string
  migrations_dir?: string
  migrations_table?: string
}

/** Finds the Worker's one database, the one that its `createDogear` names, or the one that is named here. */
export async function findDatabase(cwd: string, flags: DatabaseFlags): Promise<HostDatabase> {
  const { config, env, binding } = flags
  const wrangler = wranglerFolder(cwd)
  if (wrangler === undefined) {
    throw new CliError(
      'no_wrangler',
      `wrangler is not installed in ${cwd}; type: npm install --save-dev wrangler`,
    )
  }
  const { unstable_readConfig: read } = createRequire(join(cwd, 'package.json'))(
    wrangler,
  ) as Wrangler
  const { d1_databases: entries, userConfigPath: file } = read(
    {
      ...(config !== undefined && { config: resolve(cwd, config) }),
      ...(env !== undefined && { env }),
    },
    { hideWarnings: true },
  )
  if (file === undefined) throw noConfig(cwd)
  const entry = await chosen(entries as Entry[], binding, () => bindingInCode(cwd, config))
  const folder = dirname(file)
  return {
    binding: entry.binding,
    folder,
    config: file,
    ...(env !== undefined && { env }),
    migrationsDir: resolve(folder, entry.migrations_dir ?? 'migrations'),
    wrangler: join(wrangler, 'bin/wrangler.js'),
  }
}

async function bindingInCode(cwd: string, config?: string): Promise<string | undefined> {
  const db = (await readProject(cwd, config)).call?.options?.['db']
  return typeof db === 'string' ? db : undefined
}

async function chosen(
  entries: readonly Entry[],
  given: string | undefined,
  inCode: () => Promise<string | undefined>,
): Promise<Entry> {
  const apart = databases(entries)
  const [only] = apart
  if (only === undefined) {
    throw new CliError(
      'no_database',
      `the configuration of wrangler has no D1 database; npx dogear init adds one`,
    )
  }
  if (given === undefined && apart.length === 1) return only
  const names = entries.map((one) => one.binding).join(', ')
  const binding = given ?? (await inCode())
  if (binding === undefined) {
    throw new CliError(
      'which_database',
      `this Worker has the D1 databases ${names}; say in which one its runs are: --binding ${only.binding}`,
    )
  }
  const entry = entries.find((one) => one.binding === binding)
  if (entry) return entry
  const problem = `this Worker has no D1 database '${binding}'; expected one of ${names}`
  throw new CliError('no_database', problem)
}

/** An entry may stand there only to tell wrangler where the migrations of the package are. */
function databases(entries: readonly Entry[]): Entry[] {
  return entries.filter(({ migrations_table: table }) => table !== 'dogear_migrations')
}
