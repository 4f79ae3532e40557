import type { RunError } from './errors.ts'
import type { EngineEvent } from './events.ts'

/** The part of an error that a log keeps: the whole of it is with the run, or with the skipped item. */
const MAX_MESSAGE = 500
const MAX_STACK = 1_000
const MAX_CAUSES = 2
/** Of any other field of an event, in characters of JSON. */
const MAX_FIELD = 8_000

/** An event as it is sent and kept: a long error, cursor or list of steps does not make a long log. */
export function shortEvent(event: EngineEvent): EngineEvent {
  const fields = Object.entries(event).map(([name, value]) => [name, short(name, value)] as const)
  return Object.fromEntries(fields) as unknown as EngineEvent
}

function short(name: string, value: unknown): unknown {
  if (name === 'error' && typeof value === 'object' && value !== null) {
    return shortError(value as RunError)
  }
  if (typeof value !== 'object' && typeof value !== 'string') return value
  const text = JSON.stringify(value)
  if (text.length <= MAX_FIELD) return value
  // Of a list, what came last is what is news.
  if (Array.isArray(value)) return newest(value)
  return `${text.slice(0, MAX_MESSAGE)}… (${text.length} characters)`
}

function newest(list: unknown[]): unknown[] {
  let left = MAX_FIELD
  const from = list.findLastIndex((part) => (left -= JSON.stringify(part).length + 1) < 0)
  return list.slice(from + 1)
}

export function shortError({ message, stack, cause, ...rest }: RunError, depth = 0): RunError {
  return {
    ...rest,
    message: cut(message, MAX_MESSAGE),
    ...(stack !== undefined && { stack: cut(stack, MAX_STACK) }),
    ...(cause !== undefined && depth < MAX_CAUSES && { cause: shortError(cause, depth + 1) }),
  }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`
}
