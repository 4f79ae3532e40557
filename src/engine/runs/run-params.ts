import { decodeCursor } from '../cursor.ts'
import type { NewRun } from '../drive/run-record.ts'
import { DogearError } from '../errors.ts'
import type { Job } from '../job/job.ts'
import { redactorOf } from '../sensitive.ts'
import { validParams } from './params.ts'

/** A run's params as its job takes them today, or why it does not. */
export type TodaysParams = { ok: true; params: unknown } | { ok: false; problem: string }

/**
 * The params a run was started with, completed by its job's schema of today: code that was deployed
 * meanwhile may read one that did not exist then. Only where the schema of then left its own output as it
 * was: it would make something else of the output of a transform.
 */
export async function paramsOfToday(
  job: Job,
  run: Pick<NewRun, 'params' | 'options'>,
): Promise<TodaysParams> {
  const stored = decodeCursor(run.params)
  if (!job.schema || !run.options.completable) return { ok: true, params: stored }
  try {
    return { ok: true, params: decodeCursor(await validParams(job, stored)) }
  } catch (error) {
    if (!(error instanceof DogearError)) throw error
    const redact = redactorOf(run)
    return {
      ok: false,
      problem: redact(
        `Code of today does not take what this run was started with: ${error.message}. Deploy code that does (a new param with a default), then resume the run`,
      ),
    }
  }
}
