import { closeRun } from './closing.ts'
import type { End, HeldLane } from './commit.ts'
import { d1Verdict, isD1OutOfReach } from './d1-errors.ts'
import { DogearError, ensureError, serializeError } from './errors.ts'
import type { Performance } from './performance.ts'
import type { Claim, Outcome } from './protocol.ts'
import type { RunObjects } from './start.ts'

/** The slice must raise again and go on from what D1 says then. */
export type Rewind = 'rewind'

interface Deps {
  objects: RunObjects
  clock: { now(): number }
  codeVersion: string
}

/** How a slice ends: what is written about it in D1, and what its Durable Object is told. */
export class Ending {
  readonly #claim: Extract<Claim, { ok: true }>
  readonly #lane: HeldLane
  readonly #db: D1Database
  readonly #deps: Deps

  constructor(claim: Extract<Claim, { ok: true }>, lane: HeldLane, db: D1Database, deps: Deps) {
    this.#claim = claim
    this.#lane = lane
    this.#db = db
    this.#deps = deps
  }

  /** Consecutive slices without a commit. D1 may know of commits that the object never heard of. */
  get attempt(): number {
    return this.#lane.truth.commits > this.#claim.commitsBefore ? 1 : this.#claim.attempt
  }

  /** Writes the end of the run. Whatever D1 says afterwards is the end. */
  async end(end: End, performance?: Performance): Promise<Outcome | Rewind> {
    const { checkpoint } = this.#lane.truth
    const nothing = {
      effects: [],
      checkpoint,
      step: null,
      fromCursor: null,
      toCursor: null,
      items: 0,
    }
    const outcome = await this.#lane.commit({ ...(performance?.takeEnd() ?? nothing), end })
    switch (outcome.kind) {
      case 'committed':
        return this.close()
      case 'guard':
      case 'unknown':
        return 'rewind'
      case 'spent':
        return this.standBack(outcome.error)
      case 'refused':
        // Without effects it is not the job that is at fault (a migration is missing, say): wait for a person.
        return performance
          ? this.errored(ensureError(outcome.error), false)
          : this.standBack(outcome.error)
    }
  }

  /** End, children, release, in this order. */
  async close(): Promise<Outcome> {
    try {
      return await closeRun(this.#db, this.#claim.run.id, this.#deps)
    } catch (error) {
      return this.standBack(error)
    }
  }

  /** User code failed. With progress the run resumes; without, it is retried until its attempts are used up. */
  async errored(error: Error, progressed: boolean): Promise<Outcome | Rewind> {
    if (d1Verdict(error) === 'spent' || isD1OutOfReach(error)) return this.standBack(error)
    if (error instanceof DogearError) return this.ruleBroken(error)
    const last = !progressed && this.attempt >= this.#claim.run.options.retry.attempts
    return last ? this.fail(error) : { kind: 'errored', error: serializeError(error) }
  }

  /** The same code would break the same rule again, unless it is only too old for the checkpoint. */
  async ruleBroken(error: DogearError): Promise<Outcome | Rewind> {
    const outdated = this.#deps.codeVersion < this.#lane.truth.codeVersion
    if (outdated && (error.code === 'step_mismatch' || error.code === 'unknown_job')) {
      return { kind: 'interrupted', reason: 'deploy', directiveMet: false }
    }
    return this.fail(error)
  }

  fail(error: Error): Promise<Outcome | Rewind> {
    return this.end({ status: 'failed', error: serializeError(error), children: '[]' })
  }

  /** D1 or another object is out of reach: costs no attempt, and the run comes back after a while. */
  standBack(cause: unknown): Outcome {
    const { run, fence } = this.#lane.holder
    // eslint-disable-next-line no-console -- the run itself shows only that it was throttled
    console.warn(JSON.stringify({ event: 'slice.stood_back', run, fence, cause: String(cause) }))
    return { kind: 'interrupted', reason: 'throttle', directiveMet: false }
  }
}
