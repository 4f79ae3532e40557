import type { Claim, Outcome } from '../drive/protocol.ts'
import { DogearError, type RunError } from '../errors.ts'
import { limitOf } from '../policies/retry-policy.ts'
import type { Retry } from '../run.ts'
import type { Lane } from '../store/store.ts'

/**
 * Counts the tries at a run that did not get further. D1 counts the commits that were progress: a
 * finished step or item, a moved cursor, a changed attribute. So it knows of some that the run's object never
 * heard of.
 */
export class Attempts {
  readonly #claim: Extract<Claim, { ok: true }>
  readonly #lane: Pick<Lane, 'state'>
  readonly #slice: { readonly progressed: boolean }

  constructor(
    claim: Extract<Claim, { ok: true }>,
    lane: Pick<Lane, 'state'>,
    slice: { readonly progressed: boolean },
  ) {
    this.#claim = claim
    this.#lane = lane
    this.#slice = slice
  }

  /** Consecutive slices without progress, this one included. */
  get slices(): number {
    return this.#gotFurther ? 1 : this.#claim.attempt
  }

  /** Failures in a row of what fails now, this time included. */
  get failures(): number {
    if (this.#slice.progressed || this.#gotFurther) return 1
    return this.#claim.attempt + (this.#claim.stumbled ? 1 : 0)
  }

  /** What is told of them. After progress the first attempt is yet to come. */
  retry(limit: number): Retry {
    return retryState(this.#slice.progressed ? 0 : this.slices, limit)
  }

  /** A slice has, since the first of those that were counted. */
  get #gotFurther(): boolean {
    const { commitsBefore, progressBefore } = this.#claim
    const { commits, progress } = this.#lane.state
    return progressBefore === undefined ? commits > commitsBefore : progress > progressBefore
  }
}

/** What is told of attempts that failed: how many in a row, and how many may. */
export function retryState(failed: number, limit: number): Retry {
  return { failed, limit: limitOf(limit) }
}

/** Slices went and were not heard of again. What the last one that was heard of said is the best clue. */
export function attemptsExhausted(
  limit: number,
  suspect: string,
  lastError: RunError | undefined,
): DogearError {
  return new DogearError(
    'attempts_exhausted',
    `${limit} slices in a row ended without progress and without an answer; the item after cursor ${suspect} is the suspect`,
    lastError && { cause: Object.assign(new Error(), lastError) },
  )
}

/** The end of a slice whose run is tried again. */
export function erroredWith(error: RunError, retry: Retry, waitMs?: number): Outcome {
  return { kind: 'errored', error, retry, ...(waitMs !== undefined && { waitMs }) }
}

/** No attempt is left. D1 may know another end. */
export function gaveUp<T extends { kind: string }>(outcome: T, retry: Retry): T {
  const failed = 'status' in outcome && outcome.status === 'failed'
  return failed ? { ...outcome, retry } : outcome
}
