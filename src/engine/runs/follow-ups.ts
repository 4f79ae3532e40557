import type { RunObjects } from '../drive/protocol.ts'
import type { NewRun } from '../drive/run-record.ts'
import { DogearError } from '../errors.ts'
import { missingRuns } from '../store/d1/children-queries.ts'

/**
 * So many runs one slice creates: an invocation has 1,000 requests to other objects on the Free plan, and
 * works ten slices at a time.
 */
const PER_SLICE = 80

/**
 * Creates those of the listed runs that D1 does not have. False when some are left for the next slice:
 * it goes on where this one came to, whatever ended this one.
 */
export async function createMissing(
  db: D1Database,
  objects: RunObjects,
  listed: readonly NewRun[],
): Promise<boolean> {
  const missing = await missingOf(db, listed)
  if (missing.length === 0) return true
  const created = await createSome(objects, missing.slice(0, PER_SLICE))
  const left = await missingOf(db, missing)
  if (left.length === missing.length) {
    throw new DogearError(
      'state_lost',
      `${created} follow-up runs were created, and D1 has no row of them yet; expected them soon`,
    )
  }
  return left.length === 0
}

/** The number that are created then; an invocation that has used up its requests has come far enough. */
async function createSome(objects: RunObjects, runs: readonly NewRun[]): Promise<number> {
  for (const [created, run] of runs.entries()) {
    const answer = await objects(run.id)
      .create(run)
      .catch((error: unknown) => {
        if (created === 0) throw error
      })
    if (!answer) return created
    if (answer.ok) continue
    throw new DogearError('idempotency_conflict', `Child run ${run.id} exists with other params`)
  }
  return runs.length
}

async function missingOf(db: D1Database, runs: readonly NewRun[]): Promise<NewRun[]> {
  const missing = await missingRuns(
    db,
    runs.map(({ id }) => id),
  )
  return runs.filter(({ id }) => missing.has(id))
}
