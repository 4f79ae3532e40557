import { Budget, type StatementBudget } from './budget.ts'
import type { Clock } from './clock.ts'
import { listChildren } from './closing.ts'
import { D1_PATIENCE_MS, HeldLane } from './commit.ts'
import { CommitPacer } from './commit-policy.ts'
import { hasProgress } from './continuation.ts'
import { decodeCursor } from './cursor.ts'
import { Ending, type Rewind } from './ending.ts'
import { DogearError, ensureError } from './errors.ts'
import type { Job } from './job.ts'
import type { StopSignal } from './latch.ts'
import { D1Usage, meteredDatabase, withDatabase } from './metered-database.ts'
import { Performance, type Tools } from './performance.ts'
import type { Claim, Outcome, RunObject, SliceMessage } from './protocol.ts'
import type { Registry } from './registry.ts'
import { Reporter } from './reporter.ts'
import { laneFence } from './run-store.ts'
import type { RunObjects } from './start.ts'

/** What a slice needs from outside. Tests replace any of it. */
export interface SliceDeps {
  env: Cloudflare.Env
  jobs: Registry
  objects: RunObjects
  clock: Clock
  /** D1 statements left in this invocation; shared by the slices of one delivery. */
  statements: StatementBudget
  /** What one slice may take of them. */
  statementShare?: number
  wallMs: number
  /** How many requests this isolate is answering; a slice makes room for them. */
  others?: () => number
  codeVersion: string
  d1PatienceMs?: number
}

type Granted = Extract<Claim, { ok: true }>

/** Raises in a row, without a commit between them, before a slice gives up for now. */
const MAX_REWINDS = 3

/**
 * One slice: claim, raise the fence, perform, commit..., release. The whole protocol of a run's
 * invocation is in this file; `performance.ts` has what happens between two commits.
 */
export async function runSlice(message: SliceMessage, deps: SliceDeps): Promise<void> {
  // A stub is broken after an exception: each call takes a new one.
  const object = () => deps.objects(message.run)
  const claim = await object().claim(message.lane, message.n)
  if (!claim.ok) return

  const usage = new D1Usage(deps.statements)
  const db = meteredDatabase(deps.env.DB, usage)
  const holder = {
    run: message.run,
    lane: message.lane,
    fence: claim.fence,
    codeVersion: deps.codeVersion,
  }
  const lane = new HeldLane(db, usage, holder, deps.clock.now, deps.d1PatienceMs ?? D1_PATIENCE_MS)
  let resumed = false
  const reporter = new Reporter(object, lane, deps.clock, () => resumed)
  reporter.stop = claim.stop
  reporter.start(claim.leaseMs)

  const slice = new Slice(claim, deps, lane, reporter, db, usage, () => {
    resumed = true
  })
  const outcome = await slice.work()
  lane.letGo()
  await reporter.close()
  await release(object, slice.raised ? lane.report(resumed) : null, claim.fence, outcome)
}

/** An object that was just reset answers the second time; a release that is lost costs a lease. */
async function release(
  object: () => RunObject,
  ...last: Parameters<RunObject['release']>
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await object().release(...last)
      return
    } catch (error) {
      if (tries === RELEASE_TRIES) throw error
    }
  }
}

const RELEASE_TRIES = 3

class Slice {
  /** D1 has answered at least once, so the lane's truth is the truth. */
  raised = false
  readonly #claim: Granted
  readonly #deps: SliceDeps
  readonly #lane: HeldLane
  readonly #reporter: Reporter
  readonly #db: D1Database
  readonly #usage: D1Usage
  readonly #ending: Ending
  readonly #noteResumed: () => void
  #commitsAtStart = 0
  /** Why the last performance had to be thrown away. */
  #cause: unknown

  constructor(
    claim: Granted,
    deps: SliceDeps,
    lane: HeldLane,
    reporter: Reporter,
    db: D1Database,
    usage: D1Usage,
    noteResumed: () => void,
  ) {
    this.#claim = claim
    this.#deps = deps
    this.#lane = lane
    this.#reporter = reporter
    this.#db = db
    this.#usage = usage
    this.#ending = new Ending(claim, lane, db, deps)
    this.#noteResumed = noteResumed
  }

  /** Raise, perform, and again after each unknown outcome. Never throws: every end is an outcome. */
  async work(): Promise<Outcome> {
    const { wallMs, statementShare, statements, clock } = this.#deps
    const limits = {
      wallMs,
      ...(statementShare && { statements: statementShare }),
      ...this.#job?.budget,
    }
    const budget = new Budget(limits, statements, this.#usage, clock.now())
    let rewinds = 0
    let commitsAtRewind = -1
    for (;;) {
      const stopped = await this.#raise()
      if (stopped) return stopped
      const outcome = await this.#perform(budget)
      if (outcome !== 'rewind') return outcome
      const { commits } = this.#lane.truth
      rewinds = commits > commitsAtRewind ? 1 : rewinds + 1
      commitsAtRewind = commits
      if (rewinds < MAX_REWINDS) continue
      // Raises are answered but this commit never is. Either D1 is in trouble, or the commit is.
      const outcomeOfCause = await this.#ending.errored(ensureError(this.#cause), false)
      return outcomeOfCause === 'rewind' ? this.#ending.standBack(this.#cause) : outcomeOfCause
    }
  }

  /** Takes the lane over in D1. An outcome when there is nothing to perform after that. */
  async #raise(): Promise<Outcome | undefined> {
    let held: boolean
    try {
      held = await this.#lane.raise()
      if (!held) return await this.#lostTo()
    } catch (error) {
      return this.#ending.standBack(error)
    }
    const { truth } = this.#lane
    if (!this.raised) {
      this.raised = true
      this.#commitsAtStart = truth.commits
      if (hasProgress(truth.checkpoint)) this.#noteResumed()
      this.#reporter.send()
    }
    if (truth.status !== 'active') return this.#ending.close()
    const { retry } = this.#claim.run.options
    if (this.#ending.attempt > retry.attempts) {
      const failed = await this.#ending.fail(
        new DogearError(
          'attempts_exhausted',
          `${retry.attempts} slices in a row ended without a commit and without an answer; the item after cursor ${truth.checkpoint.current?.cursor ?? 'start'} is the suspect`,
        ),
      )
      return failed === 'rewind'
        ? this.#ending.standBack('no clear answer to the end of the run')
        : failed
    }
    return undefined
  }

  async #perform(budget: Budget): Promise<Outcome | Rewind> {
    const job = this.#job
    if (!job)
      return this.#ending.ruleBroken(
        new DogearError('unknown_job', `Job '${this.#claim.run.job}' is not known to this code`),
      )
    const performance = new Performance(this.#tools(job, budget))
    const { latch } = performance
    try {
      const result = await this.#attemptTo(job, performance)
      if (result.ok) return await this.#complete(job, performance, result.value)
      const { signal } = latch
      if (signal?.kind === 'interrupt') await this.#shutdown(job, performance)
      if (!signal) await performance.salvage()
      return await this.#stopped(signal, result.error)
    } catch (error) {
      // A hook or the last commit failed, or was told to stop in its turn.
      return await this.#stopped(latch.signal, ensureError(error))
    } finally {
      performance.release()
    }
  }

  async #stopped(signal: StopSignal | undefined, error: Error): Promise<Outcome | Rewind> {
    switch (signal?.kind) {
      case 'rewind':
        this.#cause = signal.cause
        return 'rewind'
      case 'interrupt':
        return { ...signal, kind: 'interrupted' }
      case 'refused':
        return this.#ending.errored(signal.error, this.#progressed)
      case undefined:
        return this.#ending.errored(error, this.#progressed)
    }
  }

  /** The latch decides what happened, not what user code threw or swallowed. */
  async #attemptTo(
    job: Job,
    performance: Performance,
  ): Promise<{ ok: true; value: unknown } | { ok: false; error: Error }> {
    const { latch, continuation } = performance
    try {
      const value = await job.perform(performance)
      // An iteration has no steps of the author's to meet.
      if (!latch.signal && job.style === 'continuable') continuation.finish()
      return latch.signal ? { ok: false, error: new Error('told to stop') } : { ok: true, value }
    } catch (error) {
      return { ok: false, error: ensureError(error) }
    } finally {
      await performance.quiet()
    }
  }

  async #complete(job: Job, performance: Performance, value: unknown): Promise<Outcome | Rewind> {
    const context = performance.hookContext()
    let result = value
    if (job.style === 'continuable' || performance.started) {
      await job.onShutdown?.(context)
      const completed = await job.onComplete?.(context)
      result ??= completed
    }
    const end = await listChildren(job, this.#claim.run.id, context, result, this.#deps.jobs)
    return this.#ending.end(end, performance)
  }

  async #shutdown(job: Job, performance: Performance): Promise<void> {
    if (!job.onShutdown || !performance.started) return
    await job.onShutdown(performance.hookContext())
    await performance.commit()
  }

  /** No row came back from the raise: a newer fence is there, or there is no such run. */
  async #lostTo(): Promise<Outcome> {
    const { run, lane } = this.#lane.holder
    const fence = await laneFence(this.#db, run, lane)
    return fence === null || fence <= this.#lane.holder.fence
      ? { kind: 'state_lost' }
      : { kind: 'superseded', fence }
  }

  get #progressed(): boolean {
    return this.#lane.truth.commits > this.#commitsAtStart
  }

  get #job(): Job | undefined {
    return this.#deps.jobs.get(this.#claim.run.job)
  }

  #tools(job: Job, budget: Budget): Tools {
    const { run, cautious, interrupt } = this.#claim
    const policy = cautious ? { everyItems: 1 } : { ...job.commit, ...run.options.commit }
    return {
      job,
      params: decodeCursor(run.params),
      env: withDatabase(this.#deps.env, this.#db),
      run: { id: run.id, job: run.job, attempt: this.#ending.attempt, parent: run.parent },
      lane: this.#lane,
      budget,
      pacer: new CommitPacer(policy, this.#deps.clock.now()),
      reporter: this.#reporter,
      clock: this.#deps.clock,
      others: this.#deps.others ?? (() => 0),
      interrupt,
    }
  }
}
