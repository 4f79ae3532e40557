import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { sqlOf } from '../../schema/migration-files.ts'
import { refusalOf } from '../../schema/refusal.ts'
import { type SchemaVersion, VERSIONS } from '../../schema/versions.ts'
import { parseCount } from '../args.ts'
import { displayContext } from '../context.ts'
import { CliError } from '../errors.ts'
import { examples } from '../help.ts'
import { databaseText, statusText } from '../text/schema-text.ts'
import { copyVersions } from './copy-versions.ts'
import { findDatabase } from './host-database.ts'
import { MigratedDatabase } from './migrated-database.ts'

interface MigrateFlags {
  config?: string
  env?: string
  binding?: string
  remote?: boolean
  persistTo?: string
  from: number
  status?: boolean
  check?: boolean
  sql?: boolean
  copy?: boolean | string
}

/** `dogear migrate`: Dogear's tables, for whoever makes them by hand. */
export function addMigrateVerb(program: Command): void {
  program
    .command('migrate')
    .description("bring the tables of this folder's Worker up to date")
    .option('--binding <name>', 'the D1 binding; needed where there are several')
    .option('--config <file>', "the Worker's wrangler.jsonc, wrangler.json or wrangler.toml")
    .option('--env <name>', 'the environment of wrangler')
    .addOption(new Option('--local', 'the database on this machine (default)').conflicts('remote'))
    .option('--remote', 'the deployed database')
    .option('--persist-to <dir>', 'where wrangler dev keeps the local one')
    .option('--status', 'say which versions there are, and do nothing')
    .addOption(
      new Option('--check', 'exit 1 when it is out of date, and do nothing').conflicts('status'),
    )
    .addOption(new Option('--sql', 'print the SQL').conflicts(['status', 'check']))
    .addOption(
      new Option('--copy [dir]', 'write the SQL into your own migrations').conflicts([
        'status',
        'check',
        'sql',
      ]),
    )
    .option('--from <version>', 'with --sql and --copy: begin there', parseCount, 1)
    .addHelpText(
      'after',
      examples('migrate', 'migrate --remote', 'migrate --status --remote', 'migrate --copy'),
    )
    .action(async (flags: MigrateFlags, command: Command) => {
      const { print } = displayContext(command)
      const { sql, copy, from } = flags
      const versions = VERSIONS.filter(({ version }) => version >= from)
      if (sql) return print(...sqlAnswer(versions))
      if (copy !== undefined) return print(...(await copyAnswer(flags, versions)))
      return print(...(await databaseAnswer(flags)))
    })
}

type Answer = [document: object, text: string]

function sqlAnswer(versions: readonly SchemaVersion[]): Answer {
  const sql = versions.map(sqlOf).join('\n')
  return [{ sql }, sql.trimEnd()]
}

async function copyAnswer(
  flags: MigrateFlags,
  versions: readonly SchemaVersion[],
): Promise<Answer> {
  const cwd = process.cwd()
  const folder =
    typeof flags.copy === 'string'
      ? resolve(cwd, flags.copy)
      : (await findDatabase(cwd, flags)).migrationsDir
  const files = copyVersions(folder, versions)
  const text =
    files.length > 0
      ? `Written to ${folder}:\n${files.map((name) => `  ${name}`).join('\n')}`
      : `${folder} has all versions already`
  return [{ folder, files }, text]
}

async function databaseAnswer(flags: MigrateFlags): Promise<Answer> {
  const { remote = false, persistTo, status: onlyStatus, check } = flags
  const found = await findDatabase(process.cwd(), flags)
  const named = { binding: found.binding, remote }
  const database = new MigratedDatabase(found, {
    remote,
    ...(persistTo !== undefined && { persistTo: resolve(persistTo) }),
  })
  const before = await database.status()
  if (onlyStatus) return [{ ...named, ...before }, statusText(named, before)]
  const { state, head } = before
  if (state === 'ready') {
    const text = `${databaseText(named)}: version ${before.found}, nothing to do`
    return [{ ...named, ...before, applied: [] }, text]
  }
  if (check || state !== 'outdated') throw asCliError(refusalOf(before))
  const after = await database.upgrade(before)
  const was = before.found === 0 ? 'from nothing' : `from version ${before.found}`
  const text = `${databaseText(named)}: ${was} to version ${head}`
  return [{ ...named, ...after, applied: before.pending }, text]
}

function asCliError({ code, message }: { code: string; message: string }): CliError {
  return new CliError(code, message)
}
