import { bindingsOf } from '../bindings.ts'
import { decodeCursor } from '../cursor.ts'
import type { VerifyContext } from '../job/context.ts'
import type { Job } from '../job/job.ts'
import { RunAttributes } from '../pass/attributes.ts'
import { migrateResults } from '../steps/migration.ts'
import { resultKey } from '../steps/result-key.ts'
import { readKeptValues } from '../store/d1/lane-row.ts'
import { lineageOf } from '../store/d1/lineage.ts'
import { paramsOfToday } from './run-params.ts'
import { skipsForJob } from './skips.ts'

type Stored = Parameters<typeof paramsOfToday>[1]

/** The context that a job's `verify` is given. Throws when its code of today does not take the run's params. */
export async function verifyContext(
  job: Job,
  stored: Stored,
  { env, run }: Pick<VerifyContext<unknown>, 'env' | 'run'>,
): Promise<VerifyContext<unknown>> {
  const { db } = bindingsOf(env)
  const today = await paramsOfToday(job, stored)
  if (!today.ok) throw new Error(today.problem)
  const kept = await readKeptValues(db, run.id)
  const results = migrateResults(kept.results, job.steps)
  return {
    params: today.params,
    env,
    run,
    lineage: (await lineageOf(db, run.id)).map(({ run: id }) => id),
    result: (...path) => {
      const text = results.get(resultKey(path))
      return text === undefined ? undefined : decodeCursor(text)
    },
    // Only who asks for them can be refused: the schema of today may not take what was kept.
    get attributes() {
      return job.attributes ? new RunAttributes(job.attributes, kept.attributes).current : {}
    },
    skips: () => skipsForJob(db, run.id),
  }
}
