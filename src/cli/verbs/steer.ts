import { Argument, type Command as Verb } from 'commander'
import { type Command, COMMANDS } from '../../engine/run.ts'
import type { RunFilter } from '../../client/index.ts'
import { contextOf } from '../context.ts'
import { UsageError } from '../errors.ts'
import { follow } from '../follow.ts'
import { examples } from '../help.ts'
import { runText } from '../text/run-text.ts'
import { withRunFilter } from './run-filter.ts'
import { requireCompleted } from './runs.ts'

/** `steer`: one command to all runs that fit. */
export function addSteerVerb(program: Verb): void {
  const verb = program
    .command('steer')
    .description('give a command to all runs that fit; that is a resumable run of its own')
    .addArgument(new Argument('<what>', 'what to tell them').choices(COMMANDS))
  withRunFilter(verb)
    .option('--no-wait', 'start it and return')
    .addHelpText(
      'after',
      examples('steer pause --job my-job', 'steer retry --error page_failed --since 2h'),
    )
    .action(async (what: Command, options: RunFilter & { wait: boolean }, command) => {
      const { wait, ...filter } = options
      if (Object.keys(filter).length === 0) {
        throw new UsageError(
          'steer wants to know which runs: name --status, --job, --label, --error, --since or --until',
        )
      }
      const { client, display, paint, print } = contextOf(command)
      const started = await client.bulk(what, filter)
      const run = wait ? await follow(client, started.id, { display: display() }) : started
      print(run, runText(run, paint))
      if (wait) requireCompleted(run)
    })
}
