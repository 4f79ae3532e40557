import { ALERT_EVENTS } from '../monitoring/alert-kinds.ts'

// By hand: a schema library would be most of the code of a Worker that only runs jobs.

/** The events that endpoints can receive. */
export const EVENT_TYPES = [
  'run.completed',
  'run.failed',
  'run.cancelled',
  ...Object.values(ALERT_EVENTS),
] as const

/** An endpoint as the setting has it, once nothing is wrong with it. */
export interface WrittenEndpoint {
  name: string
  url: string
  secret: string | string[]
  events?: string[]
  jobs?: string[]
}

const MAX_ENDPOINTS = 20
const MAX_SECRETS = 3
const MIN_SECRET_BYTES = 24
const MAX_SECRET_BYTES = 64

/** What is wrong with a value at a place; the values themselves are never said. */
type Check = (value: unknown, at: string) => string[]

/** What is wrong with the setting: `[0.url] is not a URL that ...`. Nothing, and it is a list of `WrittenEndpoint`. */
export function problemsOf(setting: unknown): string[] {
  if (!Array.isArray(setting)) return ['[] Invalid input: expected an array']
  if (setting.length > MAX_ENDPOINTS) return [`[] Too many: expected at most ${MAX_ENDPOINTS}`]
  const problems = setting.flatMap((entry, index) => endpointProblems(entry, `${index}`))
  const names = new Set(setting.map((entry) => (entry as WrittenEndpoint | null)?.name))
  const double = problems.length === 0 && names.size < setting.length
  return double ? ['[] two endpoints have the same name'] : problems
}

function endpointProblems(entry: unknown, at: string): string[] {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    return [`[${at}] Invalid input: expected an object`]
  }
  const fields = entry as Record<string, unknown>
  const problems = Object.entries(FIELDS).flatMap(([field, { check, optional }]) =>
    optional && fields[field] === undefined ? [] : check(fields[field], `${at}.${field}`),
  )
  // Names of fields may be anything, a secret in the wrong place too.
  const foreign = Object.keys(fields).some((field) => !Object.hasOwn(FIELDS, field))
  return foreign ? [...problems, `[${at}] has a field that is not known`] : problems
}

const text =
  (fits: (value: string) => boolean, expected: string): Check =>
  (value, at) =>
    typeof value === 'string' && fits(value) ? [] : [`[${at}] ${expected}`]

const list =
  (check: Check, most = Infinity): Check =>
  (value, at) => {
    if (!Array.isArray(value)) return [`[${at}] Invalid input: expected an array`]
    if (value.length === 0) return [`[${at}] Invalid input: expected at least one`]
    if (value.length > most) return [`[${at}] Invalid input: expected at most ${most}`]
    return value.flatMap((item, index) => check(item, `${at}.${index}`))
  }

const secret = text(
  (value) => secretBytes(value) !== null,
  `is not 'whsec_' and ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} bytes in base64`,
)

const FIELDS: Record<keyof WrittenEndpoint, { check: Check; optional?: boolean }> = {
  name: {
    check: text(
      (value) => /^[\w.@-]{1,64}$/.test(value),
      'is not a name of 1 to 64 letters, digits, dots, dashes, underscores and @',
    ),
  },
  url: {
    check: text(
      isAllowed,
      'is not a URL that begins with https:// (or http:// and a loopback host), without a password',
    ),
  },
  secret: {
    check: (value, at) =>
      typeof value === 'string' || !Array.isArray(value)
        ? secret(value, at)
        : list(secret, MAX_SECRETS)(value, at),
  },
  events: {
    check: list(
      text(
        (value) => (EVENT_TYPES as readonly string[]).includes(value),
        `Invalid option: expected one of ${EVENT_TYPES.join(', ')}`,
      ),
    ),
    optional: true,
  },
  jobs: {
    check: list(
      text((value) => value.length >= 1 && value.length <= 64, 'is not the name of a job'),
    ),
    optional: true,
  },
}

function isAllowed(address: string): boolean {
  const url = URL.parse(address)
  if (!url || url.username !== '' || url.password !== '') return false
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback)
}

/** The key that a secret stands for; null when it is none. */
export function secretBytes(written: string): Uint8Array<ArrayBuffer> | null {
  if (!written.startsWith('whsec_')) return null
  try {
    const bytes = atob(written.slice('whsec_'.length))
    const fits = bytes.length >= MIN_SECRET_BYTES && bytes.length <= MAX_SECRET_BYTES
    return fits ? Uint8Array.from(bytes, (char) => char.charCodeAt(0)) : null
  } catch {
    return null
  }
}
