import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { displayContext } from '../context.ts'
import { CliError, UsageError } from '../errors.ts'
import { examples } from '../help.ts'
import { CODE_CONFIG, findConfigFile } from './config-file.ts'
import { codeConfigSnippet } from './code-config.ts'
import { type InitPlan, planInit } from './init.ts'
import { initText } from './init-text.ts'
import { readProject } from './project.ts'
import { isBare, planStarter } from './starter.ts'
import { refreshTypes } from './worker-types.ts'
import { writeFile } from './write-file.ts'

interface InitFlags {
  config?: string
  db?: string
  queue?: boolean
  dryRun?: boolean
}

/** `dogear init`: puts Dogear into the Worker of this folder. */
export function addInitVerb(program: Command): void {
  program
    .command('init')
    .description('put Dogear into the Worker of this folder')
    .option('--config <file>', "the Worker's wrangler.jsonc, wrangler.json or wrangler.toml")
    .option('--db <binding>', 'the D1 binding of the tables that your jobs write to')
    .option('--queue', 'with a queue, also where Dogear is without one')
    .option('--no-queue', 'without a queue: each run works from its own object')
    .option('--dry-run', 'show what it would do, and do nothing')
    .addHelpText('after', examples('init --dry-run', 'init --db BILLING_DB'))
    .action(async ({ config, db, queue, dryRun = false }: InitFlags, command: Command) => {
      const { print, paint } = displayContext(command)
      const folder = process.cwd()
      const file = findConfigFile(folder, config)
      if (!file && existsSync(join(folder, CODE_CONFIG))) {
        const snippet = codeConfigSnippet()
        print(
          { file: CODE_CONFIG, snippet },
          `${CODE_CONFIG} is code, so put this into it:\n\n${snippet}`,
        )
        return
      }
      const isStart = !file && isBare(folder)
      const plan = isStart
        ? planStarter(folder, queue)
        : await planInit(await readProject(folder, config), { db, queue, ask: askDatabase })
      const at = file ? dirname(file.path) : folder
      if (!dryRun) carryOut(plan, at)
      const shown = { dryRun, config: file?.name ?? 'wrangler.jsonc' }
      print({ ...plan, dryRun }, initText(plan, shown, paint))
    })
}

/** Writes the files, and makes the types of the bindings again. */
function carryOut(plan: InitPlan, folder: string): void {
  for (const { file, after } of plan.changes) writeFile(join(folder, file), after)
  if (!plan.changes.some(({ before }) => before !== '')) return
  const command = refreshTypes(folder)
  if (command !== undefined) {
    plan.notes.push(`The types of your bindings are of before. Type: ${command}`)
  }
}

async function askDatabase(databases: readonly string[]): Promise<string> {
  const list = databases.join(', ')
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new CliError(
      'which_database',
      `this Worker has the D1 databases ${list}; effects and checkpoints commit together only in one. ` +
        `Name the one with the tables that your jobs write to: npx dogear init --db ${databases[0] ?? 'DB'}`,
    )
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = (
      await terminal.question(`Which D1 database do your jobs write to? (${list}) `)
    ).trim()
    if (databases.includes(answer)) return answer
    throw new UsageError(`'${answer}' is none of ${list}`)
  } finally {
    terminal.close()
  }
}
