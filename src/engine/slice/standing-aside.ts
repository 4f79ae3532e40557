import type { Outcome } from '../drive/protocol.ts'
import type { DogearError, ErrorCode } from '../errors.ts'
import { log } from '../log.ts'
import type { SliceDeps } from './deps.ts'
import { WAITS_FOR_CODE } from './older-code.ts'

/** What tables are refused with that this code must not work on, or that it would not find. */
const OF_TABLES: readonly unknown[] = [
  'schema_outdated',
  'schema_too_new',
  'schema_strange',
  'schema_failed',
] satisfies ErrorCode[]

/**
 * Why this code must not work on the database as it is; undefined when it may. `failed`: an error that its tables
 * may be the cause of. D1 out of reach is no reason: the slice itself then says so.
 */
export async function whyStandAside(
  { ready }: Pick<SliceDeps, 'ready'>,
  failed?: unknown,
): Promise<DogearError | undefined> {
  try {
    await ready?.(failed)
    return undefined
  } catch (error) {
    const { code } = error as Partial<DogearError>
    if (OF_TABLES.includes(code)) return error as DogearError
    log.warn('schema.unknown', { error })
    return undefined
  }
}

/** The run comes back after a while, and costs no attempt: newer code, or the tables, may be there then. */
export function waitsForTables({ message }: DogearError): Outcome {
  return { ...WAITS_FOR_CODE, why: message }
}
