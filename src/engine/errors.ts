import { cutText } from './cut-text.ts'
import { notesOf } from './error-notes.ts'
import type { FailedItem } from './failed-item.ts'
import { showAll, type Redact } from './redactor.ts'
import { describeValue, ensureError, errorName, part, textOf } from './thrown.ts'

export { describeValue, ensureError } from './thrown.ts'

/**
 * Every error the engine raises on purpose. `code` is stable: compare it, never the message or the
 * class, since errors lose their class on the way out of a Durable Object.
 */
export type ErrorCode =
  | 'unknown_job'
  | 'invalid_job'
  | 'invalid_schedule'
  | 'invalid_params'
  | 'invalid_options'
  | 'idempotency_conflict'
  | 'unknown_run'
  | 'invalid_transition'
  | 'not_forkable'
  | 'no_item_to_pass_over'
  | 'other_item'
  | 'invalid_cursor'
  | 'unadvanceable_cursor'
  | 'invalid_step'
  | 'step_mismatch'
  | 'step_not_awaited'
  | 'checkpoint_not_awaited'
  | 'invalid_result'
  | 'invalid_attribute'
  | 'invalid_effect'
  | 'effect_too_large'
  | 'too_many_statements'
  | 'effect_outside_step'
  | 'invalid_enumerator'
  | 'invalid_record'
  | 'item_gone'
  | 'page_failed'
  | 'run_released'
  | 'attempts_exhausted'
  | 'resumptions_exhausted'
  | 'errors_exhausted'
  | 'skips_exhausted'
  | 'state_lost'
  | 'missing_binding'
  | 'schema_outdated'
  | 'schema_too_new'
  | 'schema_strange'
  | 'schema_failed'

/** Base of all errors of the engine. Its message says what was found and what was expected. */
export class DogearError extends Error {
  override readonly name: string = 'DogearError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * A rule of steps was broken: order, nesting, a name twice (Rails' `InvalidStepError`). Never
 * resumed by itself after progress, because running the same code again cannot cure it.
 */
export class InvalidStepError extends DogearError {
  override readonly name = 'InvalidStepError'

  constructor(message: string, code: ErrorCode = 'invalid_step') {
    super(code, message)
  }
}

/** Names in the data of whoever sent it may be of any length. */
const MAX_PATH = 120

/** A cursor (or result, or params) that would not come back as it was set. `path` names the bad value. */
export class InvalidCursorError extends DogearError {
  override readonly name = 'InvalidCursorError'
  readonly path: string

  constructor(noun: string, code: ErrorCode, path: string, found: string) {
    const place = cutText(path, MAX_PATH, '…')
    super(
      code,
      `${noun} cannot be stored: ${place} is ${found}; expected null, a boolean, a finite number, ` +
        `a string, a bigint, a Date, or arrays and plain objects of these`,
    )
    this.path = place
  }
}

/** `advance` found a cursor with no successor (Rails' `UnadvanceableCursorError`). */
export class UnadvanceableCursorError extends DogearError {
  override readonly name = 'UnadvanceableCursorError'

  constructor(step: string, value: unknown) {
    super(
      'unadvanceable_cursor',
      `Step '${step}' cannot advance from ${describeValue(value)}; expected a safe integer or a bigint. ` +
        `Use step.set(cursor) for other cursors`,
    )
  }
}

/** The errors of one job that are the same but for numbers, ids and times. */
export interface ErrorGroup {
  /** 16 hexadecimal digits, the same for the same job, code or name, template and function. */
  id: string
  /** The message, with `<n>`, `<id>`, `<time>` and `<email>` for what differs from run to run. */
  template: string
  /** Where it was thrown, when that is code of the author's or of a package's. */
  frame?: string
}

/** An error as a run keeps and shows it. */
export interface RunError {
  name: string
  code?: string
  message: string
  stack?: string
  /** The item of a walk that failed with it. */
  at?: FailedItem
  /** The statement that D1 refused. */
  statement?: string
  cause?: RunError
  /** Of the error that a run has failed with. */
  group?: ErrorGroup
}

const MAX_NAME = 200
const MAX_MESSAGE = 2_000
const MAX_STACK = 8_000
const MAX_STATEMENT = 500
const MAX_PLACE = 1_000

/**
 * The storable form of an error: cut to size rather than refused, with its chain of causes. Redacted before
 * it is cut, or half a value would be left that nobody knows any more.
 */
export function serializeError(error: Error, redact: Redact = showAll, depth = 3): RunError {
  const [cause, stack] = ['cause', 'stack'].map((name) => part(error, name))
  const code = codeOf(error)
  const { at, statement } = notesOf(error)
  return {
    name: cutText(redact(errorName(error)), MAX_NAME),
    ...(code !== undefined && { code: cutText(redact(code), MAX_NAME) }),
    message: cutText(redact(messageOf(error, redact)), MAX_MESSAGE),
    ...(typeof stack === 'string' && { stack: cutText(redact(stack), MAX_STACK) }),
    ...(at && { at: shownItem(at, redact) }),
    ...(statement !== undefined && {
      statement: cutText(redact(statement.replaceAll(/\s+/g, ' ').trim()), MAX_STATEMENT, '…'),
    }),
    ...(cause !== undefined &&
      depth > 0 && { cause: serializeError(ensureError(cause), redact, depth - 1) }),
  }
}

/** A place is whole or missing: cut or masked it would name another item, or none. */
function shownItem({ place, ...at }: FailedItem, redact: Redact): FailedItem {
  const names = place !== undefined && place.length <= MAX_PLACE && redact(place) === place
  return {
    ...at,
    cursor: cutText(redact(at.cursor), MAX_PATH, '…'),
    ...(names && { place }),
  }
}

/** The error that names the item which failed: this one, or one that it was made of. */
export function errorAtItem(
  error: RunError | undefined | null,
): (RunError & { at: FailedItem }) | undefined {
  for (let one = error; one; one = one.cause)
    if (one.at) return one as RunError & { at: FailedItem }
  return undefined
}

/** Some libraries number theirs: gRPC, MySQL. The platform's own numbers say less than its names. */
function codeOf(error: Error): string | undefined {
  const code = part(error, 'code')
  if (typeof code === 'number' && !(error instanceof DOMException)) return String(code)
  return typeof code === 'string' ? code : undefined
}

/** So many of an error's several reasons are shown. */
const MAX_REASONS = 10

/** Errors that stand for several may hold others that do, or themselves. */
const MAX_REASONS_DEPTH = 3

/** The message of an error; of one that stands for several, the messages of each. */
function messageOf(error: Error, redact: Redact, depth = MAX_REASONS_DEPTH): string {
  const message = textOf(part(error, 'message'))
  try {
    const reasons = depth > 0 ? reasonsOf(error) : []
    if (reasons.length === 0) return message
    const texts = reasons
      .slice(0, MAX_REASONS)
      .map((reason) => reasonText(reason, redact, depth - 1))
    const more = reasons.length > MAX_REASONS ? ` and ${reasons.length - MAX_REASONS} more` : ''
    return `${message === '' ? '' : `${message}: `}${texts.join('; ')}${more}`
  } catch {
    return message
  }
}

/** Of an `AggregateError` its errors; of a `SuppressedError` the one that hid the other, and that one. */
function reasonsOf(error: Error): unknown[] {
  const errors = part(error, 'errors')
  if (Array.isArray(errors)) return errors
  if (errorName(error) !== 'SuppressedError') return []
  return [part(error, 'error'), part(error, 'suppressed')]
}

function reasonText(reason: unknown, redact: Redact, depth: number): string {
  const error = ensureError(reason)
  return cutText(redact(`${errorName(error)}: ${messageOf(error, redact, depth)}`), MAX_MESSAGE / 4)
}
