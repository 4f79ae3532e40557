import { grouped } from '../error-group.ts'
import { DogearError, type RunError, serializeError } from '../errors.ts'
import { isMatch, matcher } from '../policies/error-rules.ts'
import { NonRetryableError, RetryAfterError } from '../policies/retry-errors.ts'
import { MIN_ITEMS_FOR_RATE, type SkipPolicy } from '../policies/skip-policy.ts'
import type { Redact } from '../sensitive.ts'
import type { Skip } from '../store/change.ts'
import { isD1OutOfReach, isD1Spent } from '../store/d1/verdict.ts'
import { isMistake } from './mistakes.ts'

/** A skip, without its error. */
export type NewSkip = Omit<Skip, 'error' | 'group'>

/** Decides what is skipped, and gathers the skips of the commit to come. */
export class PendingSkips {
  readonly #job: string
  readonly #policy: SkipPolicy | undefined
  /** True for the errors that are skipped. */
  readonly #matches: (error: Error) => boolean
  readonly #redact: Redact
  #skips: Skip[] = []

  constructor(job: string, policy: SkipPolicy | undefined, redact: Redact) {
    this.#job = job
    this.#policy = policy
    this.#redact = redact
    this.#matches = policy?.on === undefined ? () => true : matcher(policy.on)
  }

  get attempts(): number {
    return this.#policy?.attempts ?? 1
  }

  get count(): number {
    return this.#skips.length
  }

  /** Errors of the engine are mistakes in the job's code, not in an item. */
  tolerates(error: Error): boolean {
    // It is not the item that is at fault: the run waits, and comes back to it.
    if (this.#policy === undefined || error instanceof RetryAfterError) return false
    const isItems = error instanceof NonRetryableError
    if (!isItems && (isD1OutOfReach(error) || isD1Spent(error))) return false
    // A re-drive passes over what has left the walk; errors of the others are judged as any.
    if (error instanceof DogearError && error.code === 'item_gone') return true
    const ownMistake = isMistake(error) && error.code !== 'invalid_record'
    return !ownMistake && isMatch(this.#matches, error, this.#redact)
  }

  /**
   * Throws `skips_exhausted` when this is one more than the policy allows. It has no say in what a person has asked for,
   * whose error is the one that the run kept.
   */
  add(skip: NewSkip, error: Error | RunError, before: { done: number; skipped: number }): void {
    if (!(error instanceof Error)) return this.#note(skip, error)
    const { maxSkips = Infinity, maxSkipRate = 1 } = this.#policy ?? {}
    const skipped = before.skipped + this.#skips.length + 1
    const items = before.done + skipped
    const tooMany = skipped > maxSkips
    const tooOften = items >= MIN_ITEMS_FOR_RATE && skipped / items > maxSkipRate
    if (tooMany || tooOften) {
      const limit = tooMany ? `at most ${maxSkips}` : `a rate of at most ${maxSkipRate}`
      throw new DogearError(
        'skips_exhausted',
        `Item ${skip.cursor} of step '${skip.step}' failed, and would be skip ${skipped} of ${items} items; expected ${limit}: ${error.message}`,
        { cause: error },
      )
    }
    this.#note(skip, serializeError(error, this.#redact))
  }

  #note(skip: NewSkip, error: RunError): void {
    const told = grouped(this.#job, error)
    this.#skips.push({ ...skip, error: JSON.stringify(told), group: told.group.id })
  }

  take(): Skip[] {
    const skips = this.#skips
    this.#skips = []
    return skips
  }
}
