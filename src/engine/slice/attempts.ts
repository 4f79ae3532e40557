import type { Claim } from '../drive/protocol.ts'
import { DogearError, type RunError } from '../errors.ts'
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

  /** A slice has, since the first of those that were counted. */
  get #gotFurther(): boolean {
    const { commitsBefore, progressBefore } = this.#claim
    const { commits, progress } = this.#lane.state
    return progressBefore === undefined ? commits > commitsBefore : progress > progressBefore
  }
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
