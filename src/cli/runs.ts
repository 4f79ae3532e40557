import { type Command as Verb, Option } from 'commander'
import { isEnded, STATUSES } from '../engine/run.ts'
import type { Run, RunsQuery } from './api.ts'
import {
  interruptDirective,
  parseCount,
  parseDuration,
  parseInterruptAt,
  parseParam,
} from './args.ts'
import { contextOf } from './context.ts'
import { errorLine } from './errors.ts'
import { follow } from './follow.ts'
import { jobsText, runsText, runText } from './render.ts'

interface RunOptions {
  param?: Record<string, unknown>
  wait?: boolean
  hold?: boolean
  interruptAfter?: number
  interruptAfterItems?: number
  interruptAt?: string
}

/** The verbs that start and list runs: jobs, run, runs. */
export function addRunsVerbs(program: Verb): void {
  program
    .command('jobs')
    .description('list the jobs that can be run')
    .addHelpText('after', '\nExample: dogear jobs')
    .action(async (_options, command) => {
      const { client, print } = contextOf(command)
      const answer = await client.jobs()
      print(answer, jobsText(answer.jobs))
    })

  program
    .command('run')
    .description('start a run of a job')
    .argument('<job>', 'the name of the job')
    .option('--param <key=value>', 'a param; JSON is taken as JSON (repeatable)', parseParam)
    .option('--wait', 'wait until the run ends or is held; exit 1 if it ends uncompleted')
    .option('--hold', 'once interrupted as asked here, stay so until `resume`')
    .option('--interrupt-after <duration>', 'interrupt after this time: 10s, 500ms', parseDuration)
    .option('--interrupt-after-items <n>', 'interrupt after this many items', parseCount)
    .option(
      '--interrupt-at <unit:value>',
      'interrupt just before this item: order:500, customer:42, customer:42/order:18',
      parseInterruptAt,
    )
    .addHelpText('after', '\nExample: dogear run process-orders --hold --interrupt-after-items 300')
    .action(async (job: string, options: RunOptions, command) => {
      const interrupt = interruptDirective(options)
      const { client, display, paint, print } = contextOf(command)
      let run = await client.start(job, {
        ...(options.param && { params: options.param }),
        ...(options.hold && { hold: true }),
        ...(interrupt && { interrupt }),
      })
      if (options.wait) run = await follow(client, run.id, { display: display(), until: atRest })
      print(run, runText(run, paint))
      if (options.wait && isEnded(run.status)) requireCompleted(run)
    })

  program
    .command('runs')
    .description('list runs, the newest first')
    .addOption(new Option('--status <status>', 'only those in this status').choices(STATUSES))
    .option('--job <job>', 'only those of this job')
    .option('--limit <n>', 'at most this many', parseCount, 20)
    .option('--cursor <cursor>', 'go on where an earlier list ended')
    .addHelpText('after', '\nExample: dogear runs --status failed --job process-orders')
    .action(async (options: RunsQuery, command) => {
      const { client, paint, print } = contextOf(command)
      const answer = await client.runs(options)
      const more = answer.nextCursor === null ? '' : `\nMore: --cursor ${answer.nextCursor}`
      print(answer, runsText(answer.runs, paint) + more)
    })
}

/** Nothing more happens by itself. */
export function atRest(run: Run): boolean {
  return isEnded(run.status) || run.status === 'paused' || run.held === true
}

/** A run that ended otherwise makes the command fail, with the run itself still on stdout. */
export function requireCompleted({ id, status, error }: Run): void {
  if (status === 'completed') return
  console.error(errorLine(error?.code ?? `run_${status}`, `run ${id} is ${status}`))
  process.exitCode = 1
}
