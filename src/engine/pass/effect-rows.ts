import { DogearError } from '../errors.ts'
import { inexact, isPlain } from '../inexact.ts'
import { MAX_PARAMETER_BYTES, utf8Length } from '../statement.ts'

/** SQLite's JSON ends at 1,000 levels, those around the row included. */
const MAX_DEPTH = 900

/**
 * A row as it is now, since its owner may change it before the commit, and about how long its JSON is.
 * Throws for what JSON would leave out, or write as something else. Runs once per effect: a flat row is
 * only copied, and the rows of a commit become JSON together, which takes a fifth of the time that one
 * by one takes.
 */
export function snapshot(row: unknown): { copy: unknown; characters: number } {
  const characters = isPlain(row) ? flatLength(row) : NaN
  // A UTF-16 unit takes at most three bytes of UTF-8, and an escaped one six characters.
  if (characters * 18 <= MAX_PARAMETER_BYTES) return { copy: { ...(row as object) }, characters }
  const copy = toJson(row, '', [])
  if (copy === undefined) throw notJson('', 'undefined')
  const json = JSON.stringify(copy)
  if (json.length * 3 > MAX_PARAMETER_BYTES && utf8Length(json) > MAX_PARAMETER_BYTES - 2) {
    throw new DogearError(
      'effect_too_large',
      `Effect row of ${utf8Length(json)} bytes; D1 binds at most ${MAX_PARAMETER_BYTES} bytes in one parameter`,
    )
  }
  return { copy, characters: json.length + 1 }
}

/** About the length of a flat object's JSON; NaN for one that needs a closer look. */
function flatLength(row: Record<string, unknown>): number {
  let length = 3
  for (const key in row) {
    const value = row[key]
    length += key.length + 4
    if (typeof value === 'string') {
      if (!value.isWellFormed()) return NaN
      length += value.length + 2
    } else if (typeof value === 'number') {
      if (!Number.isFinite(value)) return NaN
      length += 8
    } else if (value === null || typeof value === 'boolean') length += 5
    else if (value !== undefined) return NaN
    if (!key.isWellFormed()) return NaN
  }
  return Object.getOwnPropertySymbols(row).length === 0 ? length : NaN
}

/** A value of its own that JSON holds exactly; undefined for what JSON leaves out of an object. */
function toJson(value: unknown, path: string, above: readonly object[]): unknown {
  if (value === undefined) return undefined
  if (typeof value === 'object' && value !== null) return objectToJson(value, path, above)
  requireExact(value, path)
  return value
}

function objectToJson(value: object, path: string, above: readonly object[]): unknown {
  if (above.includes(value)) throw notJson(path, 'part of a cycle')
  if (above.length >= MAX_DEPTH) throw notJson(path, `more than ${MAX_DEPTH} levels deep`)
  const inside = [...above, value]
  if (value instanceof Date) requireExact(value, path)
  if (!Array.isArray(value)) {
    const { toJSON } = value as { toJSON?: unknown }
    if (typeof toJSON === 'function' && !ArrayBuffer.isView(value)) {
      return toJson(Reflect.apply(toJSON, value, [path]), path, inside)
    }
  }
  requireExact(value, path)
  if (Array.isArray(value)) return arrayToJson(value, path, inside)
  const within = path === '' ? '' : `${path}.`
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, toJson(item, `${within}${key}`, inside)]),
  )
}

function arrayToJson(array: unknown[], path: string, inside: readonly object[]): unknown[] {
  // Array.from visits the holes of a sparse array as undefined, which is then refused.
  return Array.from(array, (item, index) => {
    const at = `${path}[${index}]`
    const copy = toJson(item, at, inside)
    if (copy === undefined) throw notJson(at, 'undefined')
    return copy
  })
}

function requireExact(value: unknown, path: string): void {
  const found = inexact(value)
  if (found !== undefined) throw notJson(path, found)
}

function notJson(path: string, found: string): DogearError {
  return new DogearError(
    'invalid_effect',
    `Effect row has ${path === '' ? 'the value' : path} ${found}; expected what JSON holds exactly: ` +
      `null, booleans, finite numbers, well-formed strings, Dates, and arrays and plain objects of these`,
  )
}

/** The rows as JSON arrays, in as many parts as it takes for each to fit one parameter. */
export function jsonParameters(rows: readonly unknown[]): string[] {
  const json = JSON.stringify(rows)
  // Below this no counting is needed.
  if (json.length * 3 <= MAX_PARAMETER_BYTES) return [json]
  return utf8Length(json) <= MAX_PARAMETER_BYTES ? [json] : split(rows)
}

function split(rows: readonly unknown[]): string[] {
  const parts: string[][] = []
  let part: string[] = []
  let bytes = 2
  for (const row of rows.map((value) => JSON.stringify(value))) {
    const size = utf8Length(row) + 1
    if (part.length > 0 && bytes + size > MAX_PARAMETER_BYTES) {
      parts.push(part)
      part = []
      bytes = 2
    }
    part.push(row)
    bytes += size
  }
  return [...parts, part].map((texts) => `[${texts.join(',')}]`)
}
