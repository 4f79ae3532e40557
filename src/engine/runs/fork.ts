import { decodeCursor } from '../cursor.ts'
import { isRecord } from '../record.ts'
import { cutText } from '../cut-text.ts'
import type { RunObjects } from '../drive/protocol.ts'
import type { NewRun, Origin } from '../drive/run-record.ts'
import { DogearError } from '../errors.ts'
import type { Job } from '../job/job.ts'
import type { RunView } from '../run.ts'
import { hiddenOf } from '../sensitive.ts'
import { readRun } from '../store/d1/stored-run.ts'
import { beginningAt, notForkable, originsAt, seqBefore } from './fork-point.ts'
import { derivedId, randomId } from './ids.ts'
import { validParams } from './params.ts'
import { maskLabels, runOptions, started, type Started, type StartOptions } from './start.ts'

/** Differences of a fork from the run that it goes on from. */
export interface ForkOptions extends Pick<
  StartOptions,
  'labels' | 'hold' | 'interrupt' | 'idempotencyKey'
> {
  /** Laid over the params of the run that is forked; the job's schema of today validates the whole. */
  params?: Record<string, unknown>
}

/** Dependencies of a fork's start. */
export interface ForkDeps {
  db: D1Database
  objects: RunObjects
}

/**
 * Starts a new run that goes on from a commit of another one: with its checkpoint, step results,
 * attributes, progress and skips as of then, under an id of its own. The other run is not touched, and
 * may be under way. `seq` 0 is its beginning. Whatever the other run did after that commit is done
 * again: what protects D1 is the effects' own condition in SQL.
 *
 * Throws `not_forkable` when the state of then is not known exactly, `invalid_params` and
 * `invalid_options` as a start does; nothing has changed then.
 */
export async function forkRun(
  deps: ForkDeps,
  job: Job,
  run: RunView,
  { seq, ...options }: ForkOptions & { seq: number },
): Promise<Started> {
  if (!Number.isSafeInteger(seq) || seq < 0) {
    throw new DogearError('invalid_options', `seq is ${seq}; expected a whole number from 0 up`)
  }
  requireSameStyle(job, run)
  const { db, objects } = deps
  const origins = await originsAt(db, run.id, seq)
  const fork = await prepareFork(db, job, run, origins, options)
  const object = () => objects(fork.id)
  // What was created before stands, also when its origin could not be forked any more.
  const known = options.idempotencyKey === undefined ? null : await object().known(fork)
  const created = known ?? (await object().fork(fork, await beginningAt(db, origins[0])))
  return started(job, created)
}

/**
 * Starts a new run that does a step of another one again, and what follows it; the steps before it stand
 * with their results. A fork of the commit before the step's first one, in the last round in which it
 * was begun. Throws as `forkRun` does, and `invalid_options` for a step that has not begun.
 */
export async function redoFromStep(
  deps: ForkDeps,
  job: Job,
  run: RunView,
  { step, ...options }: ForkOptions & { step: string },
): Promise<Started> {
  if (run.style === 'iteration') {
    throw new DogearError(
      'invalid_options',
      `Job '${run.job}' is an iteration and has no steps to restart from; start a new run of it, or fork run ${run.id} from a commit of its ledger`,
    )
  }
  const { renamed = {} } = job.steps
  const former = Object.keys(renamed).filter((name) => renamed[name] === step)
  const seq = await seqBefore(deps.db, run.id, [step, ...former])
  if (seq !== undefined) return forkRun(deps, job, run, { ...options, seq })
  const begun = [...run.completedSteps, ...(run.step === null ? [] : [run.step])]
  throw new DogearError(
    'invalid_options',
    `Run ${run.id} has no commit of a step '${cutText(step, 100)}'; expected ${begun.length === 0 ? 'a run that has begun a step' : `one of: ${begun.join(', ')}`}`,
  )
}

async function prepareFork(
  db: D1Database,
  job: Job,
  run: RunView,
  origins: readonly Origin[],
  { idempotencyKey, params, ...options }: ForkOptions,
): Promise<NewRun> {
  const forked = await readRun(db, run.id)
  if (!forked) throw notForkable(`The rows of run ${run.id} are gone from D1`)
  const {
    commit,
    completable,
    redriveOf,
    redriveAfterSeq,
    redriveUpToSeq,
    sensitive = [],
  } = forked.options
  const masked = [...new Set([...sensitive, ...job.sensitive])]
  // Untouched they are as the run has them: a schema may take its own output for something else.
  const stored =
    params === undefined ? forked.params : await validParams(job, laidOver(forked, params))
  return {
    ...(idempotencyKey === undefined
      ? { id: randomId() }
      : { id: await derivedId(run.id, 'fork', idempotencyKey), derived: true as const }),
    job: job.name,
    style: job.body.style,
    params: stored,
    options: maskLabels({
      params: stored,
      options: {
        ...runOptions(job, { ...options, ...(commit && { commit }) }),
        ...(masked.length > 0 && { sensitive: masked }),
        // Its cursors and results may repeat what was in the other run's params.
        ...hiddenOf(forked, masked),
        ...(completable && { completable }),
        // Its cursor is that of a walk over these skips.
        ...(redriveOf !== undefined && { redriveOf }),
        ...(redriveAfterSeq !== undefined && { redriveAfterSeq }),
        ...(redriveUpToSeq !== undefined && { redriveUpToSeq }),
        origins,
      },
    }),
    // Nobody's follow-up: who waits for the other run's end does not wait for this one's.
    parent: redriveOf ?? null,
  }
}

function laidOver({ params }: NewRun, changes: Record<string, unknown>): unknown {
  const known = decodeCursor(params)
  return isRecord(known) ? { ...known, ...changes } : changes
}

function requireSameStyle(job: Job, { id, style }: RunView): void {
  if (job.body.style === style) return
  throw notForkable(
    `Run ${id} is of style '${style}', and job '${job.name}' is of style '${job.body.style}' by now; expected the same, since the checkpoint of one says nothing to the other`,
  )
}
