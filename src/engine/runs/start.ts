import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { CommitPolicy } from '../pass/commit-pacer.ts'
import { decodeCursor, encodeCursor, requireShallow } from '../cursor.ts'
import { untilMs } from '../durations.ts'
import { describeValue, DogearError } from '../errors.ts'
import type { Job } from '../job/job.ts'
import { commitProblem } from '../job/job-settings.ts'
import { checkLabels, type Labels } from '../labels.ts'
import type {
  Created,
  InterruptDirective,
  NewRun,
  RunObject,
  RunOptions,
} from '../drive/protocol.ts'
import { storedRetry } from '../policies/retry-policy.ts'
import { isSensitive, redactor, redactorOf, type Redact } from '../sensitive.ts'
import { textOf } from '../thrown.ts'
import { parseStopPlace, placeForms } from '../steps/stop-place.ts'

/** What a run may be started with. */
export interface StartOptions {
  params?: unknown
  /** The same key with the same params gives the run that exists; with other params it is refused. */
  idempotencyKey?: string
  /** Waits before the first slice: a duration, or until a time, a `Date` or ISO 8601 with its zone. */
  wait?: string | number | Date
  hold?: boolean
  interrupt?: InterruptDirective
  commit?: RunOptions['commit']
  labels?: Labels
  parent?: string
}

/** Finds the Durable Object of a run. */
export type RunObjects = (run: string) => RunObject

/**
 * Validates params and creates the run. Throws `invalid_params`, `invalid_options`, or `invalid_job` when
 * the Worker lacks a queue of the job, and nothing has changed then.
 */
export async function startRun(
  objects: RunObjects,
  job: Job,
  options: StartOptions = {},
): Promise<Exclude<Created, { code: 'unknown_queue' }>> {
  const run = await prepareRun(job, options)
  const created = await objects(run.id).create(run)
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
    style: job.style,
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

/** Whether a job's schema leaves what it has made of params as it is. */
async function isCompletable(job: Job, stored: string): Promise<boolean> {
  if (!job.schema) return true
  try {
    return (await validParams(job, decodeCursor(stored))) === stored
  } catch {
    return false
  }
}

/** What a run is created with, as its job and whoever starts it say. */
export function runOptions(
  job: Job,
  { wait, hold, interrupt, commit, labels }: Omit<StartOptions, 'params' | 'parent'>,
): RunOptions {
  const directive = interrupt && checkDirective(job, interrupt)
  const problem = commitProblem(commit)
  if (problem !== undefined) throw new DogearError('invalid_options', problem)
  if (labels) checkLabels(labels)
  return {
    ...ofJob(job),
    ...(labels && { labels }),
    ...(commit && { commit: storable(commit) }),
    ...(directive && { interrupt: directive }),
    ...(hold !== undefined && { hold }),
    ...(wait !== undefined && { waitMs: untilMs(wait, Date.now()) }),
    ...(job.onCancel && { closing: true }),
  }
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

/** What a run takes over from its job when it is created. */
export function ofJob({ retry, queue, resume, alerts, sensitive }: Job): RunOptions {
  return {
    retry: storedRetry(retry),
    ...(queue !== undefined && { queue }),
    ...(resume.queue !== undefined && { resumeQueue: resume.queue }),
    ...(sensitive.length > 0 && { sensitive }),
    ...(alerts && { alerts }),
  }
}

/** Not the values: they may be secret, or too deep to be written down. */
function describeParams(given: unknown): string {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
    ? Object.keys(given).slice(0, 5).join(', ')
    : describeValue(given)
}

/** What the job's schema makes of the params, encoded. Throws `invalid_params`. */
export async function validParams(job: Job, params: unknown): Promise<string> {
  const given = params ?? {}
  if (!job.schema) {
    if (typeof given !== 'object' || Object.keys(given).length > 0) {
      throw new DogearError(
        'invalid_params',
        `Job '${job.name}' takes no params, found ${describeParams(given)}`,
      )
    }
    return '{}'
  }
  // A validator that walks what it is given has no limit of its own.
  requireShallow(given, 'invalid_params')
  // A validator may repeat what it was given.
  const redact = redactor(given, job.sensitive)
  const result = await validated(job.schema, given, redact)
  if (result.issues) {
    const issues = result.issues.map(({ message, path = [] }) => {
      const keys = path.map((part) => String(typeof part === 'object' ? part.key : part))
      const problem = isSensitive(keys, job.sensitive) ? 'is not valid' : redact(message)
      return keys.length > 0 ? `${redact(keys.join('.'))}: ${problem}` : problem
    })
    throw new DogearError(
      'invalid_params',
      `Params of job '${job.name}' are not valid: ${issues.join('; ')}`,
    )
  }
  return encodeCursor(result.value, 'invalid_params')
}

/** A validator that throws has found what it does not take; the error itself would be logged as it is. */
async function validated(
  schema: NonNullable<Job['schema']>,
  given: unknown,
  redact: Redact,
): Promise<StandardSchemaV1.Result<unknown>> {
  try {
    return await schema['~standard'].validate(given)
  } catch (error) {
    return { issues: [{ message: `the validator threw ${redact(textOf(error))}` }] }
  }
}

function checkDirective(job: Job, directive: InterruptDirective): InterruptDirective {
  const { afterItems, afterMs, at } = directive
  const given = [afterItems, afterMs, at].filter((value) => value !== undefined)
  if (given.length !== 1) {
    throw new DogearError(
      'invalid_options',
      `interrupt has ${given.length} of afterItems, afterMs and at; expected exactly one`,
    )
  }
  if (at !== undefined && !parseStopPlace(at, job.unit)) {
    throw new DogearError(
      'invalid_options',
      `interrupt.at is '${at}'; job '${job.name}' counts in '${job.unit}', expected ${placeForms(job.unit)}`,
    )
  }
  return at !== undefined && job.unitSize !== undefined
    ? beforeUnit(job.unit, job.unitSize, at)
    : directive
}

/** Units of a size are named by their number: before the 30th of 50 items each, 1,450 are done. */
function beforeUnit(unit: string, size: number, at: string): InterruptDirective {
  const number = Number(at.slice(unit.length + 1))
  if (Number.isSafeInteger(number) && number >= 1) return { afterItems: (number - 1) * size }
  throw new DogearError(
    'invalid_options',
    `interrupt.at is '${at}'; expected '${unit}:NUMBER' with a whole number from 1 up`,
  )
}

export function randomId(): string {
  return hex(crypto.getRandomValues(new Uint8Array(16)))
}

/** The run id that follows from its parts: creating it twice is creating it once. */
export async function derivedId(...parts: string[]): Promise<string> {
  const digest = await crypto.subtle.digest(
    'SHA-256',
    new TextEncoder().encode(JSON.stringify(parts)),
  )
  return hex(new Uint8Array(digest, 0, 16))
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
