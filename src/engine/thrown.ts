import { cutText } from './cut-text.ts'

/**
 * What user code throws may be anything: text, nothing, an object of its own, a proxy that throws at
 * whoever looks at it. Nothing here throws, whatever it is given.
 */

const UNREADABLE = 'a value that throws when it is looked at'

/** Turns whatever was thrown into an Error that can be looked at. */
export function ensureError(thrown: unknown): Error {
  try {
    if (thrown instanceof Error) return isReadable(thrown) ? thrown : copyOf(thrown)
    if (typeof thrown === 'object' && thrown !== null) return errorOf(thrown)
    // As a whole: it is redacted before it is cut.
    const said = typeof thrown === 'string' ? JSON.stringify(thrown) : describeValue(thrown)
    return new Error(`Thrown: ${said}`)
  } catch {
    return new Error(`Thrown: ${UNREADABLE}`)
  }
}

/** The text of anything; for logs, and to know errors by what they say. */
export function textOf(value: unknown): string {
  try {
    return String(value)
  } catch {
    return describeValue(value)
  }
}

/** A short, safe rendering of any value for a message. */
export function describeValue(value: unknown): string {
  try {
    return described(value)
  } catch {
    return UNREADABLE
  }
}

function described(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(cutText(value, 80, '…'))
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'object' && value !== null) {
    const name = value.constructor?.name
    return name && name !== 'Object' ? `a ${name}` : 'an object'
  }
  return typeof value === 'bigint' ? `${value}n` : String(value)
}

/**
 * The name of an error: its own, or that of its class. A class that says nothing (`class Late extends
 * Error {}`) has inherited 'Error', by which nobody finds it.
 */
export function errorName(error: Error): string {
  const name = textOf(part(error, 'name'))
  try {
    const ofClass: unknown = error.constructor.name
    if (Object.hasOwn(error, 'name') || typeof ofClass !== 'string' || ofClass === '') return name
    return ofPlatform(name) ? ofClass : name
  } catch {
    return name
  }
}

/** One part of a value; undefined when looking at it throws. */
export function part(value: object, name: string): unknown {
  try {
    return (value as Record<string, unknown>)[name]
  } catch {
    return undefined
  }
}

/** The name is that of a class which the language itself has. */
function ofPlatform(name: string): boolean {
  const known = (globalThis as Record<string, unknown>)[name]
  return typeof known === 'function' && (known === Error || known.prototype instanceof Error)
}

const PARTS = ['name', 'message', 'stack', 'code', 'cause', 'errors'] as const

function isReadable(error: Error): boolean {
  try {
    for (const name of PARTS) void (error as unknown as Record<string, unknown>)[name]
    String(error)
    return true
  } catch {
    return false
  }
}

/** The readable parts of an error, in one that can be read. */
function copyOf(error: Error): Error {
  const message = part(error, 'message')
  const copy = new Error(
    typeof message === 'string' ? message : 'Thrown: an error that throws when it is looked at',
  )
  for (const name of PARTS) {
    const value = part(error, name)
    if (value !== undefined && typeof value !== 'object')
      Object.assign(copy, { [name]: textOf(value) })
  }
  return copy
}

/** An Error of an object that is none, as some libraries throw: `{ code, message }`. */
function errorOf(thrown: object): Error {
  const [message, name, code] = ['message', 'name', 'code'].map((key) => part(thrown, key))
  const said = typeof message === 'string' && message !== '' ? message : undefined
  const error = new Error(said ?? `Thrown: ${contents(thrown)}`, { cause: part(thrown, 'cause') })
  if (typeof name === 'string' && name !== '') error.name = name
  if (typeof code === 'string' || typeof code === 'number')
    Object.assign(error, { code: `${code}` })
  return error
}

/** A plain object's own JSON says more than that it is an object. */
function contents(value: object): string {
  try {
    const text = JSON.stringify(value)
    const telling = typeof text === 'string' && text !== '{}'
    return telling ? `${describeValue(value)} ${text}` : describeValue(value)
  } catch {
    return describeValue(value)
  }
}
