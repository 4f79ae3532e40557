import type { Command } from 'commander'
import type { Run } from '../../client/index.ts'
import { isEnded } from '../../engine/run.ts'
import { parseSeq } from '../args.ts'
import { type Context, contextOf } from '../context.ts'
import { followStarted } from '../follow-started.ts'
import { examples } from '../help.ts'
import { ledgerText } from '../text/ledger-text.ts'
import { runText } from '../text/run-text.ts'
import { gathered, moreText, withLane, withPaging } from './paging.ts'
import { addRunVerb, RUN_MEANING } from './run.ts'
import { atRest, requireCompleted } from './runs.ts'
import { startOptions, type StartVerbOptions, withStartOptions } from './start-options.ts'

/** The verbs on a run's ledger, and those that begin a new run in it: ledger, fork, restart. */
export function addForkVerbs(program: Command): void {
  addLedgerVerb(program)
  addForkVerb(program)
  addRestartVerb(program)
}

function addLedgerVerb(program: Command): void {
  const verb = addRunVerb(
    program,
    'ledger',
    'list the commits of a run, the newest first',
    async (id, { client, look, print }, wanted) => {
      const page = await gathered('commits', wanted, (one) => client.ledger(id, one))
      print(page, ledgerText(page.commits, look) + moreText(page))
    },
  )
  withLane(withPaging(verb, 100))
}

function addForkVerb(program: Command): void {
  const fork = program
    .command('fork')
    .description('start a new run that goes on from a commit of another one')
    .argument('<run>', `the other run: ${RUN_MEANING}`)
    .requiredOption('--seq <n>', 'the commit, as `ledger` lists it; 0: before the first', parseSeq)
  withStartOptions(fork)
    .addHelpText(
      'after',
      examples('fork last --seq 12', 'fork last --seq 12 --param upTo=500 --wait'),
    )
    .action(async (run: string, options: StartVerbOptions & { seq: number }, command) => {
      const context = contextOf(command)
      const { seq } = options
      const id = await context.runId(run)
      await shown(
        await context.client.fork(id, { seq, ...startOptions(options) }, keyOf(options)),
        options,
        context,
      )
    })
}

function addRestartVerb(program: Command): void {
  const restart = program
    .command('restart')
    .description('start a new run that does a step of another one again, and what follows')
    .argument('<run>', `the other run: ${RUN_MEANING}`)
    .requiredOption('--step <name>', 'the first step to be done again')
  withStartOptions(restart)
    .addHelpText(
      'after',
      examples('restart last --step finalize', 'restart last --step process_orders --wait'),
    )
    .action(async (run: string, options: StartVerbOptions & { step: string }, command) => {
      const context = contextOf(command)
      const { step } = options
      const id = await context.runId(run)
      const given = { step, ...startOptions(options) }
      const started = await context.client.restart(id, given, keyOf(options))
      await shown(started, options, context)
    })
}

function keyOf({ idempotencyKey }: StartVerbOptions) {
  return { idempotencyKey }
}

/** Shows the new run, when it has come to rest if that was asked for. */
async function shown(started: Run, { wait }: StartVerbOptions, context: Context): Promise<void> {
  const { paint, print } = context
  const run = wait ? await followStarted(started, context, atRest) : started
  print(run, runText(run, paint))
  if (wait && isEnded(run.status)) requireCompleted(run)
}
