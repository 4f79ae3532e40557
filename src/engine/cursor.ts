import { isRecord } from './record.ts'
import { DogearError, InvalidCursorError } from './errors.ts'
import { inexact } from './inexact.ts'

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
  if (typeof value === 'bigint') return { $bigint: value.toString() }
  const found = Object.is(value, -0) ? '-0' : inexact(value)
  if (found !== undefined) return refuse(kind, path, found)
  return typeof value === 'object' && value !== null
    ? objectToWire(value, path, kind, above)
    : value
}

function objectToWire(value: object, path: string, kind: Kind, above: object[]): unknown {
  if (above.includes(value)) return refuse(kind, path, 'part of a cycle')
  if (above.length >= MAX_DEPTH) return refuse(kind, path, TOO_DEEP)
  if (value instanceof Date) return { $date: value.toISOString() }
  const inside = [...above, value]
  if (Array.isArray(value)) {
    // Array.from visits the holes of a sparse array as undefined, which is then refused.
    return Array.from(value, (item, index) => toWire(item, `${path}[${index}]`, kind, inside))
  }
  const entries = Object.entries(value)
  const wire = Object.fromEntries(
    entries.map(([key, item]) => [key, toWire(item, `${path}.${key}`, kind, inside)]),
  )
  return entries.some(([key]) => key.startsWith('$')) ? { $object: wire } : wire
}

function fromWire(wire: unknown): Cursor {
  return readWire(wire, (iso) => new Date(iso), BigInt) as Cursor
}

function shown(wire: unknown): unknown {
  return readWire(wire, String, String)
}

/** Takes apart what the codec itself has written, and only that. */
function readWire(
  wire: unknown,
  date: (iso: string) => unknown,
  bigint: (digits: string) => unknown,
): unknown {
  const read = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(read)
    if (!isRecord(value)) return value
    if ('$date' in value) return date(value['$date'] as string)
    if ('$bigint' in value) return bigint(value['$bigint'] as string)
    const plain = '$object' in value ? (value['$object'] as Record<string, unknown>) : value
    return Object.fromEntries(Object.entries(plain).map(([key, item]) => [key, read(item)]))
  }
  return read(wire)
}
