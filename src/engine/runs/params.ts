import type { StandardSchemaV1 } from '@standard-schema/spec'
import { encodeCursor, requireShallow } from '../cursor.ts'
import { describeValue, DogearError } from '../errors.ts'
import type { Job } from '../job/job.ts'
import { isSensitive, type Redact, redactor } from '../sensitive.ts'
import { textOf } from '../thrown.ts'

/** Not the values: they may be secret, or too deep to be written down. */
function describeParams(given: unknown): string {
  return typeof given === 'object' && given !== null && !Array.isArray(given)
    ? Object.keys(given).slice(0, 5).join(', ')
    : describeValue(given)
}

/** The params as the job's schema gives them back, encoded. Throws `invalid_params`. */
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
export async function validated(
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
