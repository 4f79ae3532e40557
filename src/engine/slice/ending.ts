import { cutText } from '../cut-text.ts'
import { type Claim, NO_HISTORY, type Outcome } from '../drive/protocol.ts'
import { durationMs } from '../durations.ts'
import {
  DogearError,
  ensureError,
  type ErrorCode,
  type RunError,
  serializeError,
} from '../errors.ts'
import type { Job } from '../job/job.ts'
import { isMistake } from '../pass/mistakes.ts'
import type { StopSignal } from '../pass/stop-signal.ts'
import { log } from '../log.ts'
import { type ErrorRule, handlingOf, waitByRule } from '../policies/error-rules.ts'
import { NonRetryableError } from '../policies/retry-errors.ts'
import { retryOf, type RetryPolicy } from '../policies/retry-policy.ts'
import { type Redact, redactorOf } from '../sensitive.ts'
import type { Retry } from '../run.ts'
import type { Change, End } from '../store/change.ts'
import type { Lane } from '../store/store.ts'
import type { StatementBudget } from '../store/d1/metered-database.ts'
import { isD1OutOfReach, isD1Spent, isWrongSql } from '../store/d1/verdict.ts'
import { errorName, textOf } from '../thrown.ts'
import { Attempts, attemptsExhausted, erroredWith, gaveUp, retryState } from './attempts.ts'
import { closeRun, type ClosingDeps, endOfLane } from './closing.ts'
import type { SliceDeps } from './deps.ts'
import { EndWriter, failedWith } from './end-writer.ts'
import { isOfNewerCode, WAITS_FOR_CODE } from './older-code.ts'
import type { SliceState } from './slice-state.ts'
import { OwnStatements } from './spent.ts'
import { waitsForTables, whyStandAside } from './standing-aside.ts'

/** Of what a run waits for, so much is shown. */
const MAX_WHY = 300

/** A commit was not heard to be written: the slice must raise again and go on from what D1 says then. */
export interface Rewind {
  kind: 'rewind'
  /** The error that the commit met. */
  cause: unknown
}

interface Deps extends ClosingDeps, Pick<SliceDeps, 'ready'> {
  codeVersion: string
  statements: StatementBudget
  statementShare?: number
}

/** The end of a slice: what it writes about it in D1, and reports to its Durable Object. */
export class Ending {
  readonly attempts: Attempts
  readonly #claim: Extract<Claim, { ok: true }>
  readonly #job: Job | undefined
  readonly #lane: Lane
  readonly #db: D1Database
  readonly #slice: SliceState
  readonly #deps: Deps
  readonly #redact: Redact
  readonly #statements: OwnStatements
  readonly #writer: EndWriter
  readonly #retry: Required<RetryPolicy>

  constructor(
    claim: Extract<Claim, { ok: true }>,
    job: Job | undefined,
    lane: Lane,
    db: D1Database,
    slice: SliceState,
    deps: Deps,
  ) {
    this.attempts = new Attempts(claim, lane, slice)
    this.#slice = slice
    this.#claim = claim
    this.#job = job
    this.#lane = lane
    this.#db = db
    this.#deps = deps
    this.#redact = redactorOf(claim.run)
    this.#writer = new EndWriter(lane, claim, this.#redact)
    this.#retry = retryOf(claim.run.options.retry)
    this.#statements = new OwnStatements(deps.statements, deps.statementShare)
  }

  /** Slices that resumed, this one included. */
  get resumptions(): number {
    return this.#history.resumptions + (this.#slice.resumed ? 1 : 0)
  }

  get #history() {
    return this.#claim.history ?? NO_HISTORY
  }

  /** Writes the end of the run. Whatever D1 says afterwards is the end. */
  async end(
    end: End,
    pass?: { takeEnd(): Change },
    whenSpent = (cause: unknown): Promise<Outcome | Rewind> | Outcome => this.spent(cause),
  ): Promise<Outcome | Rewind> {
    const outcome = await this.#writer.end(end, pass)
    switch (outcome.kind) {
      case 'committed':
        return this.close()
      case 'guard':
      case 'unknown':
        return { kind: 'rewind', cause: outcome.error }
      case 'spent':
        return whenSpent(outcome.error)
      case 'refused':
        // Without effects it is not the job that is at fault (a migration is missing, say): wait for a person.
        return pass
          ? this.errored(ensureError(outcome.error), false)
          : this.throttled(outcome.error)
    }
  }

  /** End, children, release, in this order. A lane that is not the first only hears of the end. */
  async close(): Promise<Outcome> {
    try {
      if (this.#lane.holder.lane > 0) return await endOfLane(this.#db, this.#claim.run.id)
      return await closeRun(this.#db, this.#claim.run, this.#deps, this.#claim.fence)
    } catch (error) {
      return this.throttled(error)
    }
  }

  /** The slice was asked to stop. The run comes back, unless it has done so too often. */
  async interrupted(
    signal: Omit<Extract<StopSignal, { kind: 'interrupt' }>, 'kind'>,
  ): Promise<Outcome | Rewind> {
    // A pause is a person's, and no resumption follows by itself.
    if (signal.reason !== 'pause' && !this.#mayResume) return this.#resumedTooOften()
    // What is to be waited for without a time is waited for longer each time.
    const { wait } = signal.reason === 'throttle' ? {} : (this.#job?.resume ?? {})
    const waitMs = signal.waitMs ?? (wait === undefined ? undefined : durationMs(wait))
    return { ...signal, kind: 'interrupted', ...(waitMs !== undefined && { waitMs }) }
  }

  /**
   * User code failed. What the error itself asks for counts first, then a rule of the job for it; else a run
   * with progress resumes, and one without is retried until its attempts are used up.
   */
  async errored(error: Error, progressed = this.#slice.progressed): Promise<Outcome | Rewind> {
    // Whatever the cause: the author's word counts.
    const mayBeOfD1 = !(error instanceof NonRetryableError)
    const aside = mayBeOfD1 ? await whyStandAside(this.#deps, error) : undefined
    if (aside) return waitsForTables(aside)
    if (mayBeOfD1 && isD1Spent(error)) return this.spent(error)
    if (mayBeOfD1 && isD1OutOfReach(error)) return this.throttled(error)
    const { never, rule, waitMs } = handlingOf(error, this.#job?.errors ?? [], this.#redact)
    if (rule?.action === 'discard') return this.#discard(error)
    if (never) return this.fail(error)
    const { attempts, totalErrors } = this.#retry
    if (this.#history.errors + 1 >= totalErrors && !isMistake(error)) {
      const problem = `The run has failed ${totalErrors} times in all`
      return this.#tooMany('errors_exhausted', problem, error)
    }
    if (rule) return this.#byRule(rule, error, waitMs)
    if (isMistake(error)) return this.ruleBroken(error)
    if (mayBeOfD1 && isWrongSql(error) && !this.#hasMoved) return this.fail(error)
    if (progressed) return this.#resumeAfter(error, waitMs)
    return this.attempts.slices >= attempts
      ? this.fail(error, this.attempts.retry(attempts))
      : this.#erroredOutcome(error, waitMs)
  }

  /**
   * The step under way has got somewhere: its SQL was right then, and it is the schema that is another, since a
   * migration is ahead of the code, or behind it.
   */
  get #hasMoved(): boolean {
    return (this.#lane.state.checkpoint.current?.cursor ?? null) !== null
  }

  /** Statements are used up. The next invocation has others, unless this slice alone needed too many. */
  async spent(cause: unknown): Promise<Outcome | Rewind> {
    if (this.#slice.progressed || !this.#statements.areToBlame(cause)) {
      return {
        ...this.throttled(cause),
        ...(!this.#slice.progressed && { alone: true as const }),
      }
    }
    const error = this.#statements.tooMany(cause)
    if (this.attempts.slices < this.#retry.attempts) return this.#erroredOutcome(error)
    // Maybe not one statement is left: the next slice begins with this end then.
    return this.end(failedWith(this.#shown(error)), undefined, () => this.#erroredOutcome(error))
  }

  /** Fails a run whose slices ended too often without progress; undefined while it may be tried. */
  async exhausted(): Promise<Outcome | undefined> {
    const { lastError } = this.#claim
    const { attempts } = this.#retry
    const needsTooMany = lastError?.code === ('too_many_statements' satisfies ErrorCode)
    const rules = needsTooMany ? [] : (this.#job?.errors ?? [])
    const limit = Math.max(attempts, ...rules.map((rule) => rule.attempts))
    if (this.attempts.slices <= limit) return undefined
    const suspect = this.#lane.state.checkpoint.current?.cursor ?? 'start'
    const error = needsTooMany
      ? lastError
      : this.#shown(attemptsExhausted(limit, suspect, lastError))
    const outcome = await this.end(failedWith(error))
    return outcome.kind === 'rewind'
      ? this.throttled('no clear answer to the end of the run')
      : gaveUp(outcome, retryState(this.attempts.slices - 1, limit))
  }

  /** The same code would break the same rule again, unless it is only too old for the checkpoint. */
  async ruleBroken(error: DogearError): Promise<Outcome | Rewind> {
    const waits = this.#outdated && isOfNewerCode(error)
    return waits ? WAITS_FOR_CODE : this.fail(error)
  }

  /** What is stored does not fit this code, and nothing is lost: a person is to deploy what it fits. */
  unfit(problem: string): Outcome {
    return this.#outdated ? WAITS_FOR_CODE : { ...WAITS_FOR_CODE, pause: problem }
  }

  get #outdated(): boolean {
    return this.#deps.codeVersion < this.#lane.state.codeVersion
  }

  /** Something that no part of the slice took care of: an attempt, and the error is shown. */
  unforeseen(error: unknown): Outcome {
    return this.#erroredOutcome(ensureError(error))
  }

  /** `retry`: the attempts, when the run fails because none is left. */
  async fail(error: Error, retry?: Retry): Promise<Outcome | Rewind> {
    const outcome = await this.end(failedWith(this.#shown(error)), undefined, (cause) =>
      // What was thrown counts, not that there is no statement left to write it down.
      this.#statements.areToBlame(cause) ? this.#erroredOutcome(error) : this.throttled(cause),
    )
    return retry ? gaveUp(outcome, retry) : outcome
  }

  /** D1 or another object is out of reach: costs no attempt, and the run comes back after a while. */
  throttled(cause: unknown): Extract<Outcome, { kind: 'interrupted' }> {
    const { run, fence } = this.#lane.holder
    const why = this.#redact(textOf(cause))
    log.warn('slice.stood_back', { run, fence, error: why })
    return {
      kind: 'interrupted',
      reason: 'throttle',
      directiveMet: false,
      why: cutText(why, MAX_WHY),
    }
  }

  async #byRule(rule: ErrorRule, error: Error, waitMs?: number): Promise<Outcome | Rewind> {
    if (rule.action === 'restart') return this.#startOver(rule, error)
    const failures = this.attempts.failures
    const retry = retryState(failures, rule.attempts)
    if (failures >= rule.attempts) return this.fail(error, retry)
    return this.#erroredOutcome(error, waitMs ?? waitByRule(rule, failures, this.#redact), retry)
  }

  #resumeAfter(error: Error, waitMs?: number): Promise<Outcome | Rewind> | Outcome {
    if (this.#job?.resume.errorsAfterAdvancing === false) return this.fail(error)
    return this.#mayResume ? this.#erroredOutcome(error, waitMs) : this.#resumedTooOften(error)
  }

  get #mayResume(): boolean {
    const { resumptionsBefore = 0 } = this.#history
    return this.resumptions - resumptionsBefore < (this.#job?.resume.maxResumptions ?? Infinity)
  }

  #resumedTooOften(cause?: Error): Promise<Outcome | Rewind> {
    const problem = `Job was resumed a maximum of ${this.#job?.resume.maxResumptions} times`
    return this.#tooMany('resumptions_exhausted', problem, cause)
  }

  #tooMany(
    code: 'errors_exhausted' | 'resumptions_exhausted',
    problem: string,
    cause?: Error,
  ): Promise<Outcome | Rewind> {
    return this.fail(new DogearError(code, problem, cause && { cause }))
  }

  /** The error is kept; what was committed stands. */
  #discard(error: Error): Promise<Outcome | Rewind> {
    return this.end({
      status: 'cancelled',
      error: this.#shown(error),
      attention: `Discarded by the job's rule for ${errorName(error)}`,
      children: '[]',
    })
  }

  async #startOver(rule: ErrorRule, error: Error): Promise<Outcome | Rewind> {
    const retry = retryState(this.#lane.state.round + 1, rule.attempts)
    if (retry.failed >= rule.attempts) return this.fail(error, retry)
    const outcome = await this.#writer.startOver()
    if (outcome.kind === 'guard' || outcome.kind === 'unknown') {
      return { kind: 'rewind', cause: outcome.error }
    }
    if (outcome.kind !== 'committed') return this.throttled(outcome.error)
    return this.#erroredOutcome(error, waitByRule(rule, 1, this.#redact), retry)
  }

  #erroredOutcome(error: Error, waitMs?: number, retry?: Retry): Outcome {
    const told = retry ?? this.attempts.retry(this.#retry.attempts)
    return erroredWith(this.#shown(error), told, waitMs)
  }

  /** As it is stored and told: a message may repeat what no one is to see. */
  #shown(error: Error): RunError {
    return serializeError(error, this.#redact)
  }
}
