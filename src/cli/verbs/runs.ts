import type { Command as Verb } from 'commander'
import { isEnded } from '../../engine/run.ts'
import { ApiError, type Client, type Run, type StartOptions } from '../../client/index.ts'
import { parseCount, parseDelay } from '../args.ts'
import { type Context, contextOf } from '../context.ts'
import { addListVerb } from './run-list.ts'
import { didYouMean } from '../did-you-mean.ts'
import { errorLine } from '../errors.ts'
import { followStarted } from '../follow-started.ts'
import { examples } from '../help.ts'
import { standingText } from '../text/bar.ts'
import { jobText } from '../text/job-text.ts'
import { jobsText } from '../text/render.ts'
import { runText } from '../text/run-text.ts'
import { startOf } from './start-of.ts'
import { startOptions, type StartVerbOptions, withStartOptions } from './start-options.ts'
import { complain } from '../output.ts'

/** The verbs that start and list runs: jobs, run, runs. */
export function addRunsVerbs(program: Verb): void {
  addJobsVerb(program)
  addStartVerb(program)
  addListVerb(program)
}

function addJobsVerb(program: Verb): void {
  program
    .command('jobs')
    .description('list the jobs that can be run; or show one, and how its runs do')
    .argument('[job]', 'just this one')
    .addHelpText('after', examples('jobs', 'jobs my-job', 'jobs --json'))
    .action(async (job: string | undefined, _options, command) => {
      const { client, look, print } = contextOf(command)
      if (job !== undefined) {
        const details = await client.job(job)
        return print(details, jobText(details, look))
      }
      const answer = await client.jobs()
      print(answer, jobsText(answer.jobs, look))
    })
}

function addStartVerb(program: Verb): void {
  const verb = program
    .command('run')
    .description('start a run of a job')
    .argument('<job>', 'the name of the job')
  withStartOptions(verb)
    .option(
      '--from <run>',
      'as that run: its params, labels and commit policy, and what is given here',
    )
    .option(
      '--delay <time>',
      "before its first slice: 5m, '5 minutes', or until a time: 2026-12-24T18:00Z",
      parseDelay,
    )
    .option('--lanes <n>', 'cut the walk of an iteration into so many lanes', parseCount)
    .option('--commit-every <n>', 'commit after this many items; 1 is slow and sure', parseCount)
    .option('--commit-every-ms <n>', 'commit when so much time has passed', parseCount)
    .addHelpText(
      'after',
      examples(
        'run my-job --wait',
        'run my-job --param upTo=500 --interrupt-after 2s',
        'run my-job --interrupt-after-items 300 --hold --wait',
        'run my-job --interrupt-at order:500 --hold',
        'run generate-reports --interrupt-at customer:42/order:18 --hold',
        'run my-job --from last --param upTo=500',
        "run my-job --delay '5 minutes' --idempotency-key 2026-12-24",
      ),
    )
    .action(async (job: string, options: RunVerbOptions, command) => {
      const context = contextOf(command)
      const { paint, print } = context
      let run = await start(context.client, job, await givenFor(job, options, context), options)
      if (options.wait) run = await followStarted(run, context, atRest)
      print(run, runText(run, paint))
      if (options.wait && isEnded(run.status)) requireCompleted(run)
    })
}

interface RunVerbOptions extends StartVerbOptions {
  from?: string
  delay?: number | string
  lanes?: number
  commitEvery?: number
  commitEveryMs?: number
}

/** What the run is started with: as another one, where that was asked for, with what was typed laid over. */
async function givenFor(
  job: string,
  options: RunVerbOptions,
  { client, runId }: Context,
): Promise<StartOptions> {
  const { from, delay, lanes, commitEvery: everyItems, commitEveryMs: everyMs } = options
  const typed = startOptions(options)
  const like = from === undefined ? {} : await startOf(job, await runId(from), typed, client)
  const commit = {
    ...like.commit,
    ...(everyItems !== undefined && { everyItems }),
    ...(everyMs !== undefined && { everyMs }),
  }
  return {
    ...like,
    ...typed,
    ...((like.params ?? typed.params) && { params: { ...like.params, ...typed.params } }),
    ...((like.labels ?? typed.labels) && { labels: { ...like.labels, ...typed.labels } }),
    ...(delay !== undefined && { wait: delay }),
    ...(Object.keys(commit).length > 0 && { commit }),
    ...(lanes !== undefined && { lanes }),
  }
}

/** Starts a run; a name that is not known comes back with the one that may have been meant. */
async function start(
  client: Client,
  job: string,
  options: StartOptions,
  { idempotencyKey }: StartVerbOptions,
): Promise<Run> {
  try {
    return await client.start(job, options, { idempotencyKey })
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.code !== 'unknown_job' && error.code !== 'invalid_params') throw error
    const { jobs } = await client.jobs()
    const properties = jobs.find(({ name }) => name === job)?.params?.properties
    const known = properties === undefined ? jobs.map(({ name }) => name) : Object.keys(properties)
    const typed = properties === undefined ? [job] : Object.keys(options.params ?? {})
    const unknown = typed.find((name) => !known.includes(name))
    if (unknown === undefined) throw error
    const { code, status, detail } = error
    const better = detail + didYouMean(unknown, known)
    const problem = { ...error.problem, detail: better }
    throw new ApiError(code, status, better, { cause: error, problem })
  }
}

/** Nothing more happens by itself. */
export function atRest(run: Run): boolean {
  return isEnded(run.status) || run.status === 'paused' || run.held === true
}

/** A run that ended otherwise makes the command fail, with the run itself still on stdout. */
export function requireCompleted(run: Run): void {
  const { id, status, error } = run
  if (status === 'completed') return
  complain(errorLine(error?.code ?? `run_${status}`, `run ${id} ${standingText(run)}`))
  process.exitCode = 1
}
