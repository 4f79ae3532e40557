import { excerpt } from './cut-text.ts'
import { describeValue, DogearError } from './errors.ts'

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
  if (typeof sql !== 'string' || !sql.isWellFormed()) {
    throw new DogearError(
      'invalid_effect',
      `SQL is ${typeof sql === 'string' ? 'a string with half a surrogate pair' : describeValue(sql)}; expected text`,
    )
  }
  if (isLonger(sql, MAX_SQL_BYTES)) {
    throw new DogearError(
      'effect_too_large',
      `SQL of ${utf8Length(sql)} bytes; D1 takes at most ${MAX_SQL_BYTES}: ${excerpt(sql)}`,
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
  switch (typeof value) {
    case 'boolean':
      return
    case 'string':
      if (!value.isWellFormed())
        throw unbindable(number, 'a string with half a surrogate pair', sql)
      if (isLonger(value, MAX_PARAMETER_BYTES)) throw tooLong(number, utf8Length(value), sql)
      return
    case 'number':
      if (Number.isFinite(value)) return
      break
    case 'object':
      if (value === null) return
      if (!(value instanceof ArrayBuffer)) break
      if (value.detached) throw unbindable(number, 'a detached ArrayBuffer', sql)
      if (value.byteLength > MAX_PARAMETER_BYTES) throw tooLong(number, value.byteLength, sql)
      return
    case 'undefined':
    case 'bigint':
    case 'function':
    case 'symbol':
  }
  throw unbindable(number, describeValue(value), sql)
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

/** True for a text of more bytes than that; most need no counting. */
function isLonger(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && utf8Length(text) > bytes
}

function unbindable(number: number, found: string, sql: string): DogearError {
  return new DogearError(
    'invalid_effect',
    `Parameter ${number} is ${found}; expected a string, finite number, boolean, null or ArrayBuffer: ${excerpt(sql)}`,
  )
}

function tooLong(number: number, bytes: number, sql: string): DogearError {
  return new DogearError(
    'effect_too_large',
    `Parameter ${number} has ${bytes} bytes; D1 binds at most ${MAX_PARAMETER_BYTES}: ${excerpt(sql)}`,
  )
}

/** D1's limit for one parameter, in bytes. */
export const MAX_PARAMETER_BYTES = 2_000_000

const encoder = new TextEncoder()

export function utf8Length(text: string): number {
  return encoder.encode(text).byteLength
}
