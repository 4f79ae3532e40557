import type { InterruptDirective } from '../engine/drive/run-record.ts'
import { numberProblem } from '../engine/enumerators/json-value.ts'
import { UsageError } from './errors.ts'

const UNIT_MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `500ms`, `10s`, `1.5m`, `2h`, `3d` in milliseconds. */
export function parseDuration(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text) ?? []
  if (amount === undefined || unit === undefined) {
    throw new UsageError(`'${text}' is not a duration; expected one like 500ms, 10s or 2m`)
  }
  return Math.round(Number(amount) * (UNIT_MS[unit] ?? 1))
}

/** How long a run waits before it begins: ms where it is a duration of ours, else as it is for the API, which knows more. */
export function parseDelay(text: string): number | string {
  return /^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text) ? parseDuration(text) : text
}

/** A number from 1 up, as an option has it. Throws a `UsageError` for any other text. */
export function parseCount(text: string): number {
  const count = Number(text)
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw new UsageError(`'${text}' is not a count; expected a whole number of at least 1`)
  }
  return count
}

export const parseSeed = (text: string): number => parseWhole(text, 'a seed')
/** A commit of a ledger; 0 is before the first. */
export const parseSeq = (text: string): number => parseWhole(text, "a commit's seq")
export const parseLane = (text: string): number => parseWhole(text, 'the number of a lane')

export const parseEventNumber = (text: string): number => parseWhole(text, "an event's number")

function parseWhole(text: string, what: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw new UsageError(`'${text}' is not ${what}; expected a whole number`)
  }
  return number
}

/** `order:500`: stop just before that order. Which units there are is the job's business. */
export function parseInterruptAt(text: string): string {
  if (!/^[a-z][a-z0-9_-]*:\S+$/.test(text)) {
    throw new UsageError(`'${text}' is not a place to stop at; expected UNIT:VALUE like order:500`)
  }
  return text
}

/** One `K=V`, added to those before it. A value that is JSON is taken as JSON, else as a string. */
export function parseParam(text: string, before: Record<string, unknown> = {}) {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`'${text}' is not a param; expected KEY=VALUE like upTo=500`)
  return Object.fromEntries([
    ...Object.entries(before),
    [text.slice(0, at), jsonOrString(text.slice(at + 1))],
  ])
}

/** One `NAME:VALUE` of a run's labels, added to those before it. */
export function parseLabel(text: string, before: Record<string, string> = {}) {
  const at = text.indexOf(':')
  if (at < 1 || at === text.length - 1) {
    throw new UsageError(`'${text}' is not a label; expected NAME:VALUE like campaign:spring`)
  }
  return Object.fromEntries([
    ...Object.entries(before),
    [text.slice(0, at), text.slice(at + 1)] as const,
  ])
}

/** A time as the API takes it: `2026-02-02`, `2026-02-02T10:00Z`, or `2h` for two hours ago, `3d` for three days. */
export function parseTime(text: string, now = Date.now()): string {
  if (/^\d+(\.\d+)?(ms|s|m|h|d)$/.test(text))
    return new Date(now - parseDuration(text)).toISOString()
  const time = /^\d{4}-\d\d-\d\d(T.+)?$/.test(text) ? Date.parse(text) : NaN
  if (Number.isNaN(time)) {
    throw new UsageError(
      `'${text}' is not a time; expected one like 2026-02-02T10:00Z, or 2h or 3d for so long ago`,
    )
  }
  return new Date(time).toISOString()
}

function jsonOrString(text: string): unknown {
  try {
    // As a number it would be another one.
    return numberProblem(text) === undefined ? JSON.parse(text) : text
  } catch {
    return text
  }
}

/** The directive for the `--interrupt-...` options, of which only one may be given. */
export function interruptDirective(options: {
  interruptAfter?: number
  interruptAfterItems?: number
  interruptAt?: string
}): InterruptDirective | undefined {
  const { interruptAfter: afterMs, interruptAfterItems: afterItems, interruptAt: at } = options
  const given: InterruptDirective = {
    ...(afterMs !== undefined && { afterMs }),
    ...(afterItems !== undefined && { afterItems }),
    ...(at !== undefined && { at }),
  }
  const count = Object.keys(given).length
  if (count > 1) {
    throw new UsageError(
      '--interrupt-after, --interrupt-after-items and --interrupt-at exclude each other',
    )
  }
  return count === 1 ? given : undefined
}
