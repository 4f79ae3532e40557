import { decodeCursor } from '../cursor.ts'
import type { Created, RunObjects } from '../drive/protocol.ts'
import type { InterruptDirective, NewRun, RunOptions } from '../drive/run-record.ts'
import { untilMs } from '../durations.ts'
import { describeValue, DogearError } from '../errors.ts'
import { commitProblem } from '../job/job-settings.ts'
import { lanesProblem } from '../job/lanes-problem.ts'
import type { Job } from '../job/job.ts'
import { checkLabels, type Labels } from '../labels.ts'
import type { CommitPolicy } from '../policies/commit-policy.ts'
import { storedRetry } from '../policies/retry-policy.ts'
import { redactorOf } from '../sensitive.ts'
import { checkDirective } from './directive.ts'
import { derivedId, randomId } from './ids.ts'
import { validParams } from './params.ts'

/** Options of a start. */
export interface StartOptions {
  params?: unknown
  /** The same key with the same params gives the run that exists; with other params it is refused. */
  idempotencyKey?: string
  /** Waits before the first slice: a duration, or until a time, a `Date` or ISO 8601 with its zone. */
  wait?: string | number | Date
  hold?: boolean
  interrupt?: InterruptDirective
  commit?: RunOptions['commit']
  /** Cuts the walk of an iteration into so many lanes. @default the job's own number */
  lanes?: number
  labels?: Labels
  parent?: string
}

/**
 * Validates params and creates the run. Throws `invalid_params`, `invalid_options`, or `invalid_job` when
 * the Worker lacks a queue of the job, and nothing has changed then.
 */
export async function startRun(
  objects: RunObjects,
  job: Job,
  options: StartOptions = {},
): Promise<Started> {
  const run = await prepareRun(job, options)
  return started(job, await objects(run.id).create(run))
}

/** The answer to a start in a Worker that has the queues of the job. */
export type Started = Exclude<Created, { code: 'unknown_queue' }>

/** Throws `invalid_job` when the Worker lacks a queue of the job. */
export function started(job: Job, created: Created): Started {
  if (created.ok || created.code !== 'unknown_queue') return created
  throw missingQueue(job.name, created.queue)
}

export function missingQueue(job: string, queue: string): DogearError {
  return new DogearError(
    'invalid_job',
    `Job '${job}' names queue '${queue}', and the Worker has no such binding; expected a queue producer of wrangler.toml`,
  )
}

/** A run ready to be created; its id follows from the idempotency key, else it is random. */
export async function prepareRun(job: Job, options: StartOptions): Promise<NewRun> {
  const { idempotencyKey, parent = null } = options
  const params = await validParams(job, options.params)
  return {
    ...(idempotencyKey === undefined
      ? { id: randomId() }
      : { id: await derivedId(job.name, idempotencyKey), derived: true as const }),
    job: job.name,
    style: job.body.style,
    params,
    options: maskLabels({
      params,
      options: {
        ...runOptions(job, options),
        ...((await isCompletable(job, params)) && { completable: true }),
      },
    }),
    parent,
  }
}

/** True when a job's schema leaves its own output as it is. */
async function isCompletable(job: Job, stored: string): Promise<boolean> {
  if (!job.schema) return true
  try {
    return (await validParams(job, decodeCursor(stored))) === stored
  } catch {
    return false
  }
}

/** The options of a new run, by its job and by whoever starts it. */
export function runOptions(
  job: Job,
  { wait, hold, interrupt, commit, lanes, labels }: Omit<StartOptions, 'params' | 'parent'>,
): RunOptions {
  const directive = interrupt && checkDirective(job, interrupt)
  const wanted = lanes ?? job.lanes
  const problem = commitProblem(commit) ?? lanesOfJobProblem(job, { lanes: wanted, interrupt })
  if (problem !== undefined) throw new DogearError('invalid_options', problem)
  if (labels) checkLabels(labels)
  return {
    ...optionsOf(job),
    ...(labels && { labels }),
    ...(commit && { commit: storable(commit) }),
    ...(wanted !== undefined && wanted > 1 && { lanes: wanted }),
    ...(directive && { interrupt: directive }),
    ...(hold !== undefined && { hold }),
    ...(wait !== undefined && { waitMs: untilMs(wait, Date.now()) }),
    ...(job.onCancel && { closing: true }),
  }
}

function lanesOfJobProblem(
  job: Job,
  asked: { lanes: number | undefined; interrupt: unknown },
): string | undefined {
  const { body, errors, attributes } = job
  if (body.style === 'iteration')
    return lanesProblem({ limit: body.methods.limit, errors, attributes, ...asked })
  return (asked.lanes ?? 1) === 1
    ? undefined
    : `lanes is ${describeValue(asked.lanes)}, for a job in steps; expected an iteration`
}

/** A label that repeats a sensitive value would show it to whoever lists runs. */
export function maskLabels(run: Pick<NewRun, 'params' | 'options'>): RunOptions {
  const { labels } = run.options
  if (!labels) return run.options
  const redact = redactorOf(run)
  const masked = Object.entries(labels).map(([name, value]) => [name, redact(value)])
  return { ...run.options, labels: Object.fromEntries(masked) as Labels }
}

/** JSON has no `Infinity`: a limit that there is none of is left out. */
function storable({ everyItems, everyMs }: CommitPolicy): CommitPolicy {
  const most = Number.MAX_SAFE_INTEGER
  return {
    ...(everyItems !== undefined && { everyItems: Math.min(everyItems, most) }),
    ...(everyMs !== undefined && { everyMs: Math.min(everyMs, most) }),
  }
}

/** The options that a run takes over from its job. */
export function optionsOf({ retry, queue, resume, alerts, internal, sensitive }: Job): RunOptions {
  return {
    retry: storedRetry(retry),
    ...(queue !== undefined && { queue }),
    ...(resume.queue !== undefined && { resumeQueue: resume.queue }),
    ...(sensitive.length > 0 && { sensitive }),
    ...(alerts && { alerts }),
    ...(internal && { internal: true as const }),
  }
}
