import type { RunObjects } from '../drive/protocol.ts'
import { DogearError } from '../errors.ts'
import type { Job } from '../job/job.ts'
import { isEnded, type RunView } from '../run.ts'
import { readRun } from '../store/d1/stored-run.ts'
import { notYetRedriven } from '../store/d1/skip-queries.ts'
import { derivedId } from './ids.ts'
import { optionsOf, started, type Started } from './start.ts'

/**
 * Starts a run of the same job, with the same params, that handles just the items which `run` has
 * skipped since the last re-drive. Asking twice gives the same run. Throws `invalid_transition` while `run` is under way or when
 * it has skipped nothing, `invalid_options` for a job in steps.
 */
export async function redriveRun(
  objects: RunObjects,
  db: D1Database,
  job: Job,
  run: RunView,
): Promise<Started> {
  if (job.body.style !== 'iteration') {
    throw new DogearError(
      'invalid_options',
      `Job '${job.name}' is written in steps; only an iteration's skipped items can be handled again`,
    )
  }
  if (!isEnded(run.status) || run.progress.skipped === 0) {
    throw new DogearError(
      'invalid_transition',
      `Run ${run.id} is ${run.status} and has skipped ${run.progress.skipped} items; expected one that has ended and has skipped some`,
    )
  }
  const definition = await readRun(db, run.id)
  if (!definition) throw new DogearError('state_lost', `The rows of run ${run.id} are gone from D1`)
  if ((definition.options.lanes ?? 1) > 1 && run.status !== 'completed') {
    throw new DogearError(
      'invalid_transition',
      `Run ${run.id} is worked in lanes, and is ${run.status}; expected one that has completed`,
    )
  }
  const { upToSeq, afterSeq } = await notYetRedriven(db, run.id)
  const { sensitive: masked = [], hidden } = definition.options
  const sensitive = [...new Set([...masked, ...job.sensitive])]
  const id = await derivedId(run.id, 'redrive', String(upToSeq))
  const created = await objects(id).create({
    id,
    derived: true,
    job: job.name,
    style: job.body.style,
    // As the run has them: validated then; a schema may take its own output for something else.
    params: definition.params,
    options: {
      ...optionsOf(job),
      ...(sensitive.length > 0 && { sensitive }),
      ...(hidden && { hidden }),
      redriveOf: run.id,
      redriveAfterSeq: afterSeq,
      redriveUpToSeq: upToSeq,
    },
    parent: run.id,
  })
  return started(job, created)
}
