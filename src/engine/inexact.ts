import { describeValue } from './thrown.ts'

/** In words why JSON would not hold a value exactly, what is within it left aside; undefined when it does. */
export function inexact(value: unknown): string | undefined {
  switch (typeof value) {
    case 'boolean':
      return undefined
    case 'string':
      return value.isWellFormed() ? undefined : 'a string with half a surrogate pair'
    case 'number':
      return Number.isFinite(value) ? undefined : String(value)
    case 'object':
      return value === null ? undefined : inexactObject(value)
    case 'bigint':
    case 'undefined':
    case 'function':
    case 'symbol':
      return describeValue(value)
  }
}

function inexactObject(value: object): string | undefined {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : undefined
  const hasSymbols = Object.getOwnPropertySymbols(value).length > 0
  if (Array.isArray(value)) {
    const hasMore = hasSymbols || Object.keys(value).length > value.length
    return hasMore ? 'an array with keys of its own' : undefined
  }
  if (!isPlain(value)) return describeValue(value)
  if (hasSymbols) return 'an object with symbol keys'
  return Object.keys(value).every((key) => key.isWellFormed())
    ? undefined
    : 'an object with half a surrogate pair in a key'
}

/** An object as a literal makes it. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
