import { DogearError } from '../engine/errors.ts'
import { d1Verdict } from '../engine/store/d1/verdict.ts'
import { textOf } from '../engine/thrown.ts'
import { noteOf, statementsOf } from './statements.ts'
import { type SchemaStatus, statusOf } from './status.ts'
import type { SchemaVersion } from './versions.ts'

/**
 * Brings a database to the newest of these versions, one transaction for each. Answers how it is then: `ready`, unless
 * it is none of this code's business. Many may do so at once: who is second finds it done.
 */
export async function upgrade(
  db: D1Database,
  versions: readonly SchemaVersion[],
): Promise<SchemaStatus> {
  const look = () => statusOf(async (sql) => (await db.prepare(sql).all()).results, versions)
  let status = await look()
  while (status.state === 'outdated') {
    const { unversioned, found, pending } = status
    const next = unversioned ? found : (pending[0] as number)
    const version = versions.find((one) => one.version === next) as SchemaVersion
    const failed = await applied(db, unversioned ? noteOf(version) : statementsOf(version))
    const before = status
    // eslint-disable-next-line no-await-in-loop -- each version stands on the one before
    status = await look()
    if (failed && !isFurther(status, before)) throw failureOf(failed.error, next)
  }
  return status
}

/** D1's error, when it has refused the statements: none of them counts then. */
async function applied(
  db: D1Database,
  statements: readonly string[],
): Promise<{ error: unknown } | undefined> {
  try {
    await db.batch(statements.map((sql) => db.prepare(sql)))
    return undefined
  } catch (error) {
    return { error }
  }
}

/** Somebody else was faster. */
function isFurther(now: SchemaStatus, before: SchemaStatus): boolean {
  return now.found > before.found || (before.unversioned && !now.unversioned)
}

function failureOf(error: unknown, version: number): unknown {
  // D1 out of reach is no fault of the version.
  if (d1Verdict(error) === 'unknown') return error
  return new DogearError(
    'schema_failed',
    `Version ${version} of Dogear's tables could not be applied, and nothing of it was kept: ${textOf(error)}. ` +
      `It is tried again with the next request; by hand: \`npx dogear migrate\` (with \`--remote\` for a deployed Worker)`,
    { cause: error },
  )
}
