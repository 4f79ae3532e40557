import { describeValue, DogearError } from './errors.ts'

/** D1's limit for one parameter, in bytes. */
export const MAX_PARAMETER_BYTES = 2_000_000

/**
 * A row as it is now, since its owner may change it before the commit, and about how long its JSON is.
 * Runs once per effect: a flat row is only copied, and the rows of a commit become JSON together, which
 * takes a fifth of the time that one by one takes.
 */
export function snapshot(row: unknown): { copy: unknown; characters: number } {
  const characters = isPlain(row) ? flatLength(row) : NaN
  // A UTF-16 unit takes at most three bytes of UTF-8, and an escaped one six characters.
  if (characters * 18 <= MAX_PARAMETER_BYTES) return { copy: { ...(row as object) }, characters }
  const json = JSON.stringify(row) as string | undefined
  if (json === undefined) {
    throw new DogearError(
      'invalid_effect',
      `Effect row is ${describeValue(row)}; expected a value that JSON can hold`,
    )
  }
  requireFinite(row)
  if (json.length * 3 > MAX_PARAMETER_BYTES && utf8Length(json) > MAX_PARAMETER_BYTES - 2) {
    throw new DogearError(
      'effect_too_large',
      `Effect row of ${utf8Length(json)} bytes; D1 binds at most ${MAX_PARAMETER_BYTES} bytes in one parameter`,
    )
  }
  return { copy: JSON.parse(json), characters: json.length + 1 }
}

/** About the length of a flat object's JSON; NaN for one that is not flat. */
function flatLength(row: Record<string, unknown>): number {
  let length = 3
  for (const key in row) {
    const value = row[key]
    length += key.length + 4
    if (typeof value === 'string') length += value.length + 2
    else if (typeof value === 'number') length += 8
    else if (value === null || typeof value === 'boolean') length += 5
    else if (value !== undefined) return NaN
    if (typeof value === 'number' && !Number.isFinite(value)) requireFinite(value, key)
  }
  return length
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}

/** JSON writes what it cannot hold as null. */
function requireFinite(value: unknown, name = 'the value'): void {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return
    throw new DogearError(
      'invalid_effect',
      `Effect row has ${name} ${value}; expected finite numbers`,
    )
  }
  if (typeof value !== 'object' || value === null) return
  for (const key in value) requireFinite((value as Record<string, unknown>)[key], key)
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

const encoder = new TextEncoder()

export function utf8Length(text: string): number {
  return encoder.encode(text).byteLength
}
