import { Argument, type Command as Verb } from 'commander'
import { type Command, COMMANDS } from '../../engine/run.ts'
import { visible } from '../../engine/plain-text.ts'
import type { Client, RunFilter } from '../../client/index.ts'
import { type Context, contextOf } from '../context.ts'
import { UsageError } from '../errors.ts'
import { followStarted } from '../follow-started.ts'
import { examples } from '../help.ts'
import { inert } from '../text/inert.ts'
import { runText } from '../text/run-text.ts'
import { filterOf, type RunFilterOptions, withRunFilter } from './run-filter.ts'
import { complain, say } from '../output.ts'
import { confirmed, isAnswered } from '../question.ts'
import { requireCompleted } from './runs.ts'
import { countOf, dryRunText, kindsText, steeredRuns } from './steered-runs.ts'

/** `steer`: one command to all runs that fit. */
export function addSteerVerb(program: Verb): void {
  const verb = program
    .command('steer')
    .description('give a command to all runs that fit; that is a resumable run of its own')
    .addArgument(new Argument('<what>', 'what to tell them').choices(COMMANDS))
  withRunFilter(verb)
    .option('--dry-run', 'say how many runs that is, and name a few; do nothing')
    .option('--yes', 'do not ask before, as it does on a terminal')
    .option('--no-wait', 'start it and return')
    .addHelpText(
      'after',
      examples(
        'steer cancel --job my-job --dry-run',
        'steer pause --job my-job --yes',
        'steer retry --error page_failed --since 2h',
        'steer retry --search "import acme" --dry-run',
      ),
    )
    .action(async (what: Command, { wait, dryRun, yes, ...options }: SteerOptions, command) => {
      const filter = filterOf(options)
      if (Object.keys(filter).length === 0) {
        throw new UsageError(
          'steer wants to know which runs: name --status, --job, --label, --schedule, --error, --since, --until or --search',
        )
      }
      const context = contextOf(command)
      const { client, json, look, print } = context
      if (dryRun) {
        const found = await steeredRuns(client, filter)
        print({ command: what, filter, ...found }, dryRunText(what, found, look))
      } else if (yes || json || !isAnswered() || (await wanted(what, filter, context))) {
        await steer(what, filter, wait, context)
      }
    })
}

interface SteerOptions extends RunFilterOptions {
  wait: boolean
  dryRun?: boolean
  yes?: boolean
}

/** Asks, and says so when nothing is done. */
async function wanted(what: Command, filter: RunFilter, { client }: Context): Promise<boolean> {
  const found = await steeredRuns(client, filter)
  if (found.count === 0) say('No run fits; nothing was done.')
  else if (
    await confirmed(
      `${what} ${countOf(found)}${await where(client)}: ${kindsText(what, inert(found))}?`,
    )
  )
    return true
  else {
    complain('Nothing was done.')
    process.exitCode = 1
  }
  return false
}

/** ` in production`, where the Worker says what it is. */
async function where(client: Client): Promise<string> {
  const { environment } = await client.session()
  return environment ? ` in ${visible(environment.name)}` : ''
}

async function steer(
  what: Command,
  filter: RunFilter,
  wait: boolean,
  context: Context,
): Promise<void> {
  const { client, paint, print } = context
  const started = await client.bulk(what, filter)
  const run = wait ? await followStarted(started, context) : started
  print(run, runText(run, paint))
  if (wait) requireCompleted(run)
}
