import { describeValue, DogearError, InvalidCursorError } from './errors.ts'

/**
 * What a cursor may be made of. All of it comes back from storage exactly as it was set, Dates and
 * bigints included; everything else is refused where it is set.
 */
export type Cursor =
  | null
  | boolean
  | number
  | string
  | bigint
  | Date
  | readonly Cursor[]
  | { readonly [key: string]: Cursor }

/**
 * What a stored value is for: how it is called in messages, and how long its JSON may be, in UTF-16
 * units. Cursors are written by every commit, results are read by every raise; both must stay small.
 */
const PURPOSES = {
  invalid_cursor: { noun: 'Cursor', path: 'cursor', limit: 32_768 },
  invalid_result: { noun: 'Result', path: 'result', limit: 262_144 },
  invalid_attribute: { noun: 'Attributes', path: 'attributes', limit: 65_536 },
  invalid_params: { noun: 'Params', path: 'params', limit: 65_536 },
} as const

export type Purpose = keyof typeof PURPOSES

/**
 * The JSON text of a value, or an `InvalidCursorError` with the path of what would not round-trip.
 * Plain JSON values are stored as themselves; Date and bigint as `{"$date"}` and `{"$bigint"}`.
 */
export function encodeCursor(value: unknown, purpose: Purpose = 'invalid_cursor'): string {
  // Most cursors are ids, and this runs once per item.
  if (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0))
    return String(value)
  const { noun, path, limit } = PURPOSES[purpose]
  const text = JSON.stringify(toWire(value, path, { noun, code: purpose }, []))
  if (text.length > limit) {
    throw new DogearError(
      purpose,
      `${noun} of ${text.length} characters; expected at most ${limit}. Keep a position, not the data itself`,
    )
  }
  return text
}

/** The value that `encodeCursor` was given. */
export function decodeCursor(text: string): Cursor {
  return fromWire(JSON.parse(text))
}

/** A stored cursor as people read it in the API and on the page: Dates in ISO 8601, bigints as digits. */
export function displayCursor(text: string | null): unknown {
  return text === null
    ? null
    : JSON.parse(text, (_key, value: unknown) => {
        if (!isRecord(value)) return value
        if ('$date' in value) return value['$date']
        if ('$bigint' in value) return value['$bigint']
        return '$object' in value ? value['$object'] : value
      })
}

function toWire(
  value: unknown,
  path: string,
  kind: { noun: string; code: Purpose },
  above: object[],
): unknown {
  const refuse = (found: string): never => {
    throw new InvalidCursorError(kind.noun, kind.code, path, found)
  }
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return value.isWellFormed() ? value : refuse('a string with half a surrogate pair')
    case 'bigint':
      return { $bigint: value.toString() }
    case 'number':
      if (!Number.isFinite(value) || Object.is(value, -0))
        return refuse(Object.is(value, -0) ? '-0' : String(value))
      return value
    case 'object':
      break
    case 'undefined':
    case 'function':
    case 'symbol':
      return refuse(describeValue(value))
  }
  if (value === null) return null
  if (above.includes(value)) return refuse('part of a cycle')
  if (value instanceof Date) {
    return Number.isNaN(value.getTime())
      ? refuse('an invalid Date')
      : { $date: value.toISOString() }
  }
  const inside = [...above, value]
  if (Array.isArray(value)) {
    if (Object.keys(value).length > value.length) return refuse('an array with keys of its own')
    // Array.from visits the holes of a sparse array as undefined, which is then refused.
    return Array.from(value, (item, index) => toWire(item, `${path}[${index}]`, kind, inside))
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return refuse(describeValue(value))
  if (Object.getOwnPropertySymbols(value).length > 0) return refuse('an object with symbol keys')
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    toWire(item, `${path}.${key}`, kind, inside),
  ])
  const wire = Object.fromEntries(entries) as Record<string, unknown>
  return Object.keys(wire).some((key) => key.startsWith('$')) ? { $object: wire } : wire
}

function fromWire(wire: unknown): Cursor {
  if (Array.isArray(wire)) return wire.map(fromWire)
  if (!isRecord(wire)) return wire as Cursor
  if ('$date' in wire) return new Date(wire['$date'] as string)
  if ('$bigint' in wire) return BigInt(wire['$bigint'] as string)
  const plain = '$object' in wire ? (wire['$object'] as Record<string, unknown>) : wire
  return Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, fromWire(item)]))
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
