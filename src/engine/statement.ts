import { excerpt } from './cut-text.ts'
import { describeValue, DogearError } from './errors.ts'
import { inexact } from './inexact.ts'

/** D1's limits for one statement (bytes; parameters). */
export const MAX_SQL_BYTES = 100_000
export const MAX_PARAMETERS = 100

/** Values that D1 can bind to a parameter. */
export type SqlValue = string | number | boolean | null | ArrayBuffer

/** A SQL statement with its parameters: one member of a commit's D1 batch. */
export interface Statement {
  readonly sql: string
  readonly params: readonly SqlValue[]
}

/** Throws `invalid_effect` or `effect_too_large` for what D1 would refuse, or store as something else. */
export function checkStatement(sql: string, params: readonly unknown[], maxParams: number): void {
  const found = typeof sql === 'string' ? inexact(sql) : describeValue(sql)
  if (found !== undefined) throw new DogearError('invalid_effect', `SQL is ${found}; expected text`)
  const bytes = sql.length * 3 > MAX_SQL_BYTES ? utf8Length(sql) : 0
  if (bytes > MAX_SQL_BYTES) {
    throw new DogearError(
      'effect_too_large',
      `SQL of ${bytes} bytes; D1 takes at most ${MAX_SQL_BYTES}: ${excerpt(sql)}`,
    )
  }
  if (params.length > maxParams) {
    throw new DogearError(
      'invalid_effect',
      `${params.length} parameters; expected at most ${maxParams}. Pass rows through setStatement instead: ${excerpt(sql)}`,
    )
  }
  params.forEach((value, index) => checkParameter(value, index + 1, sql))
}

function checkParameter(value: unknown, number: number, sql: string): void {
  const found = unbindable(value)
  if (found !== undefined) {
    throw new DogearError(
      'invalid_effect',
      `Parameter ${number} is ${found}; expected a string, finite number, boolean, null or ArrayBuffer: ${excerpt(sql)}`,
    )
  }
  const bytes = bytesOf(value)
  if (bytes <= MAX_PARAMETER_BYTES) return
  throw new DogearError(
    'effect_too_large',
    `Parameter ${number} has ${bytes} bytes; D1 binds at most ${MAX_PARAMETER_BYTES}: ${excerpt(sql)}`,
  )
}

/** In words what D1 cannot bind; undefined for what it can. */
function unbindable(value: unknown): string | undefined {
  if (value instanceof ArrayBuffer) return value.detached ? 'a detached ArrayBuffer' : undefined
  return typeof value === 'object' && value !== null ? describeValue(value) : inexact(value)
}

/** Of a text no more than what needs counting. */
function bytesOf(value: unknown): number {
  if (value instanceof ArrayBuffer) return value.byteLength
  const text = typeof value === 'string' ? value : ''
  return text.length * 3 > MAX_PARAMETER_BYTES ? utf8Length(text) : 0
}

/** The values as they are now: a buffer's owner may change it before the commit. */
export function ownParameters(params: readonly SqlValue[]): SqlValue[] {
  return params.map((value) => (value instanceof ArrayBuffer ? value.slice(0) : value))
}

/** About how much of a commit the values take. */
export function parametersLength(params: readonly SqlValue[]): number {
  return params.reduce<number>((sum, value) => {
    if (typeof value === 'string') return sum + value.length
    return sum + (value instanceof ArrayBuffer ? value.byteLength : 8)
  }, 0)
}

/** D1's limit for one parameter, in bytes. */
export const MAX_PARAMETER_BYTES = 2_000_000

const encoder = new TextEncoder()

export function utf8Length(text: string): number {
  return encoder.encode(text).byteLength
}
