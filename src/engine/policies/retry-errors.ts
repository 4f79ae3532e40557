import { untilMs } from '../durations.ts'
import { retryAfterMs } from '../retry-after.ts'

/**
 * Errors by effect: user code throws them where it knows best what is to happen to the run. They win over the
 * job's rules, which know errors by their kind only.
 */

/**
 * Never tried again: the run fails at once, whatever `retry` and `errors` say, and with progress too. What
 * it has committed stands. Two things of a job still count: `skip`, which passes over the item without
 * another attempt, and `discardOn`, which retries nothing either. A person may retry the run.
 *
 * ```ts
 * if (response.status === 410) throw new NonRetryableError(`customer ${id} has left`)
 * ```
 *
 * After the `NonRetryableError` of Cloudflare Workflows and Restate's `TerminalError`.
 */
export class NonRetryableError extends Error {
  override readonly name: string

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = nameOf(new.target, NonRetryableError, 'NonRetryableError')
  }
}

/**
 * Tried again after a time of its own, in place of the waits of `retry` and of a `retryOn` that matches: a
 * duration, or at a time, or when a response's Retry-After says so (without one, after the usual wait). The
 * run waits, and no item is skipped for it. It is an attempt like any other failure: `retry.attempts` in a row
 * without progress, or those of the `retryOn`, and the run fails. `discardOn` and `restartOn` do not count.
 * Throws `invalid_options` for what is no such time.
 *
 * ```ts
 * if (response.status === 429) throw new RetryAfterError('the supplier is busy', response)
 * ```
 *
 * For a wait that costs no attempt, however often, let the walk yield `Throttled`. After Inngest's
 * `RetryAfterError`, and `retryAfter` of Restate's `RetryableError`; both count attempts, too.
 */
export class RetryAfterError extends Error {
  override readonly name: string
  /** Milliseconds from when it was made; undefined: the usual wait. */
  readonly waitMs: number | undefined

  constructor(message: string, after: number | string | Date | Response, options?: ErrorOptions) {
    super(message, options)
    this.name = nameOf(new.target, RetryAfterError, 'RetryAfterError')
    this.waitMs = after instanceof Response ? retryAfterMs(after) : untilMs(after, Date.now())
  }
}

/** A class of the author's own keeps its name; ours is written out, since bundlers shorten names. */
function nameOf(made: { name: string }, ours: object, name: string): string {
  return made === ours ? name : made.name
}
