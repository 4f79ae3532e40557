import { durationMs } from '../durations.ts'
import { DogearError, ensureError } from '../errors.ts'
import { log } from '../log.ts'
import type { Redact } from '../redactor.ts'
import { type Expected, numberProblem, RATE, WHOLE, WHOLE_OR_NONE } from './expected-numbers.ts'
import { NonRetryableError, RetryAfterError } from './retry-errors.ts'

/** An error class, or a test of an error. */
export type ErrorMatch = (abstract new (...args: never[]) => Error) | ((error: Error) => boolean)

/** A job's answer to errors of one kind. Made by `retryOn`, `discardOn` and `restartOn`. */
export interface ErrorRule {
  readonly action: 'retry' | 'discard' | 'restart'
  readonly matches: (error: Error) => boolean
  /** Tries, or rounds, in a row before the run fails. */
  readonly attempts: number
  /** Milliseconds before the given attempt (1 is the first retry). */
  readonly waitMs: (attempt: number, random: () => number) => number
}

/** Options of `retryOn`. */
export interface RetryOptions {
  /**
   * Milliseconds, a text like `'10s'`, `'polynomially'` (attempt⁴ + 2 seconds), or a function of the
   * attempt (1 is the first) that gives one of these.
   * @default '3s'
   */
  wait?: Wait | ((attempt: number) => Wait)
  /**
   * Tries in a row before the run fails, the first one included: 1 is never
   * again, `Infinity` for ever. Progress begins again. @default 5
   */
  attempts?: number
  /** Up to this part of the wait is added at random. @default 0.15 */
  jitter?: number
}

type Wait = number | string

/**
 * Retries errors that match, after a wait of their own, whether or not there was progress. After Rails'
 * `retry_on`, whose attempts count in total; here they are counted again after progress.
 */
export function retryOn(match: ErrorMatch | ErrorMatch[], options: RetryOptions = {}): ErrorRule {
  const { wait = '3s', attempts = 5, jitter = 0.15 } = options
  requireNumber('attempts', attempts, WHOLE_OR_NONE)
  requireNumber('jitter', jitter, RATE)
  if (typeof wait !== 'function') checkWait(wait)
  return {
    action: 'retry',
    matches: matcher(match),
    attempts,
    waitMs: (attempt, random) => {
      const base = waitMsOf(typeof wait === 'function' ? atOnce(wait(attempt)) : wait, attempt)
      return Math.round(base * (1 + random() * jitter))
    },
  }
}

/**
 * Gives up a run on errors that match, without a retry: it ends as `cancelled` and keeps the error. What
 * it has committed stands. After Rails' `discard_on`.
 */
export function discardOn(match: ErrorMatch | ErrorMatch[]): ErrorRule {
  return { action: 'discard', matches: matcher(match), attempts: 1, waitMs: () => 0 }
}

/**
 * Starts the run over on errors that match: checkpoint, step results, attributes and skips are
 * forgotten, and every item is handled again. What was committed before stands, so its effects must
 * allow repetition by their own conditions. After `attempts` rounds the run fails. (Rails has it as an
 * open proposal: rails#55879.)
 */
export function restartOn(
  match: ErrorMatch | ErrorMatch[],
  { attempts = 3, wait = '3s' }: { attempts?: number; wait?: Wait } = {},
): ErrorRule {
  requireNumber('attempts', attempts, WHOLE)
  const waitMs = checkWait(wait)
  return { action: 'restart', matches: matcher(match), attempts, waitMs: () => waitMs }
}

/** The test of an error that these make together. Throws `invalid_job` for what is none. */
export function matcher(match: ErrorMatch | ErrorMatch[]): (error: Error) => boolean {
  const matches = Array.isArray(match) ? match : [match]
  if (matches.length === 0 || matches.some((one) => typeof one !== 'function')) {
    throw invalidRule('expected an error class, a test of an error, or an array of these')
  }
  return (error) =>
    matches.some((one) => (isErrorClass(one) ? error instanceof one : atOnce(one(error))))
}

/** A promise is true, whatever it comes to: an async test would match every error. */
function atOnce<T>(answer: T): T {
  if (!(answer instanceof Promise)) return answer
  answer.catch(() => undefined)
  throw invalidRule('it answered with a promise; expected an answer at once')
}

function isErrorClass(match: ErrorMatch): match is abstract new (...args: never[]) => Error {
  const { prototype } = match as { prototype?: unknown }
  return match === (Error as unknown) || prototype instanceof Error
}

function waitMsOf(wait: Wait, attempt: number): number {
  return wait === 'polynomially' ? (attempt ** 4 + 2) * 1_000 : durationMs(wait)
}

/** A wait that can be meant, where the rule is made. */
function checkWait(wait: Wait): number {
  try {
    return waitMsOf(wait, 1)
  } catch (error) {
    throw invalidRule(ensureError(error).message)
  }
}

/**
 * True when the test finds that the error matches. A test that throws (it was written for the errors of one
 * library, and met another's) is one that does not match: what is shown is the error itself.
 */
export function isMatch(matches: (error: Error) => boolean, error: Error, redact: Redact): boolean {
  return asked(() => matches(error), 'matches', redact) ?? false
}

/** The first rule for this error. */
function ruleFor(rules: readonly ErrorRule[], error: Error, redact: Redact): ErrorRule | undefined {
  return rules.find(({ matches }) => isMatch(matches, error, redact))
}

/** Milliseconds before the next attempt; undefined when the rule's own function cannot tell. */
export function waitByRule(rule: ErrorRule, attempt: number, redact: Redact): number | undefined {
  return asked(() => durationMs(rule.waitMs(attempt, Math.random)), 'wait', redact)
}

/** The answer to an error: what it asks for itself, and the job's rule for it. */
export interface Handling {
  /** It says itself that nothing is to be tried again. */
  never: boolean
  rule: ErrorRule | undefined
  /** The wait that it asks for itself; undefined when it does not, or for none that can be meant. */
  waitMs: number | undefined
}

/** What an error asks for itself counts first; then the job's rules, as far as they go with it. */
export function handlingOf(error: Error, rules: readonly ErrorRule[], redact: Redact): Handling {
  const ruleOf = (only?: ErrorRule['action']): ErrorRule | undefined =>
    ruleFor(only ? rules.filter(({ action }) => action === only) : rules, error, redact)
  if (error instanceof NonRetryableError) {
    return { never: true, rule: ruleOf('discard'), waitMs: undefined }
  }
  if (!(error instanceof RetryAfterError)) {
    return { never: false, rule: ruleOf(), waitMs: undefined }
  }
  const { waitMs } = error
  const own = waitMs === undefined ? undefined : asked(() => durationMs(waitMs), 'wait', redact)
  return { never: false, rule: ruleOf('retry'), waitMs: own }
}

function asked<T>(question: () => T, part: string, redact: Redact): T | undefined {
  try {
    return question()
  } catch (error) {
    // The run shows the error that the rule was asked about.
    log.warn('rule.failed', { part, error }, redact)
    return undefined
  }
}

function requireNumber(name: string, value: number, expected: Expected): void {
  const problem = numberProblem(name, value, expected)
  if (problem !== undefined) throw invalidRule(problem)
}

function invalidRule(problem: string): DogearError {
  return new DogearError('invalid_job', `An error rule is malformed: ${problem}`)
}
