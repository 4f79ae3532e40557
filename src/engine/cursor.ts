import { isRecord } from './record.ts'
import { describeValue, DogearError, InvalidCursorError } from './errors.ts'

/**
 * The values a cursor may be made of. All of it comes back from storage exactly as it was set, Dates and
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
 * The use of a stored value: its name in messages, and the longest JSON it may have, in UTF-16
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
 * So many objects and arrays may lie within each other. SQLite's JSON ends at 1,000, where each of ours
 * may take two, and what walks a value by calling itself ends somewhere, too.
 */
export const MAX_DEPTH = 100

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
  return text === null ? null : shown(JSON.parse(text))
}

/** Throws for what is nested too deeply, before anything walks it that has no limit of its own. */
export function requireShallow(value: unknown, purpose: Purpose): void {
  const { noun, path } = PURPOSES[purpose]
  const above: object[] = []
  const look = (at: unknown, where: string): void => {
    if (typeof at !== 'object' || at === null || above.includes(at)) return
    if (above.length >= MAX_DEPTH) throw new InvalidCursorError(noun, purpose, where, TOO_DEEP)
    above.push(at)
    if (Array.isArray(at))
      for (const [index, item] of at.entries()) look(item, `${where}[${index}]`)
    else if (!(at instanceof Date))
      for (const [key, item] of Object.entries(at)) look(item, `${where}.${key}`)
    above.pop()
  }
  look(value, path)
}

const TOO_DEEP = `nested deeper than ${MAX_DEPTH} levels`

/** The use of the value that is encoded, as messages tell it. */
interface Kind {
  noun: string
  code: Purpose
}

function refuse(kind: Kind, path: string, found: string): never {
  throw new InvalidCursorError(kind.noun, kind.code, path, found)
}

function toWire(value: unknown, path: string, kind: Kind, above: object[]): unknown {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return value.isWellFormed()
        ? value
        : refuse(kind, path, 'a string with half a surrogate pair')
    case 'bigint':
      return { $bigint: value.toString() }
    case 'number':
      if (!Number.isFinite(value) || Object.is(value, -0))
        return refuse(kind, path, Object.is(value, -0) ? '-0' : String(value))
      return value
    case 'object':
      return value === null ? null : objectToWire(value, path, kind, above)
    case 'undefined':
    case 'function':
    case 'symbol':
      return refuse(kind, path, describeValue(value))
  }
}

function objectToWire(value: object, path: string, kind: Kind, above: object[]): unknown {
  if (above.includes(value)) return refuse(kind, path, 'part of a cycle')
  if (above.length >= MAX_DEPTH) return refuse(kind, path, TOO_DEEP)
  if (value instanceof Date) {
    return Number.isNaN(value.getTime())
      ? refuse(kind, path, 'an invalid Date')
      : { $date: value.toISOString() }
  }
  const inside = [...above, value]
  if (!Array.isArray(value)) return recordToWire(value, path, kind, inside)
  if (Object.keys(value).length > value.length)
    return refuse(kind, path, 'an array with keys of its own')
  // Array.from visits the holes of a sparse array as undefined, which is then refused.
  return Array.from(value, (item, index) => toWire(item, `${path}[${index}]`, kind, inside))
}

function recordToWire(value: object, path: string, kind: Kind, inside: object[]): unknown {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    return refuse(kind, path, describeValue(value))
  if (Object.getOwnPropertySymbols(value).length > 0)
    return refuse(kind, path, 'an object with symbol keys')
  const entries = Object.entries(value).map(([key, item]) => {
    if (!key.isWellFormed())
      return refuse(kind, path, 'an object with half a surrogate pair in a key')
    return [key, toWire(item, `${path}.${key}`, kind, inside)]
  })
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

/** The same walk as `fromWire`: only what the codec itself has written is taken apart. */
function shown(wire: unknown): unknown {
  if (Array.isArray(wire)) return wire.map(shown)
  if (!isRecord(wire)) return wire
  if ('$date' in wire) return wire['$date']
  if ('$bigint' in wire) return wire['$bigint']
  const plain = '$object' in wire ? (wire['$object'] as Record<string, unknown>) : wire
  return Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, shown(item)]))
}
