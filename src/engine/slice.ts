import { Budget, type StatementBudget } from './budget.ts'
import type { Clock } from './clock.ts'
import { closeRun, listChildren } from './closing.ts'
import { D1_PATIENCE_MS, HeldLane, type End } from './commit.ts'
import { CommitPacer } from './commit-policy.ts'
import { hasProgress } from './continuation.ts'
import { decodeCursor } from './cursor.ts'
import { d1Verdict } from './d1-errors.ts'
import { DogearError, ensureError, serializeError } from './errors.ts'
import type { Job } from './job.ts'
import type { StopSignal } from './latch.ts'
import { D1Usage, meteredDatabase } from './metered-database.ts'
import { Performance, type Tools } from './performance.ts'
import type { Claim, Outcome, SliceMessage } from './protocol.ts'
import type { Registry } from './registry.ts'
import { Reporter } from './reporter.ts'
import { retryWaitMs } from './retry.ts'
import { laneFence } from './run-store.ts'
import type { RunObjects } from './start.ts'

/** What a slice needs from outside. Tests replace any of it. */
export interface SliceDeps {
  env: Cloudflare.Env
  jobs: Registry
  objects: RunObjects
  clock: Clock
  random: () => number
  /** D1 statements left in this invocation; shared by the slices of one delivery. */
  statements: StatementBudget
  /** What one slice may take of them. */
  statementShare?: number
  wallMs: number
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
  const object = deps.objects(message.run)
  const claim = await object.claim(message.lane, message.n)
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

  const slice = new Slice(claim, deps, lane, reporter, db, () => {
    resumed = true
  })
  const outcome = await slice.work()
  await reporter.close()
  await object.release(slice.raised ? lane.report(resumed) : null, claim.fence, outcome)
}

class Slice {
  /** D1 has answered at least once, so the lane's truth is the truth. */
  raised = false
  readonly #claim: Granted
  readonly #deps: SliceDeps
  readonly #lane: HeldLane
  readonly #reporter: Reporter
  readonly #db: D1Database
  readonly #noteResumed: () => void
  #commitsAtStart = 0

  constructor(
    claim: Granted,
    deps: SliceDeps,
    lane: HeldLane,
    reporter: Reporter,
    db: D1Database,
    noteResumed: () => void,
  ) {
    this.#claim = claim
    this.#deps = deps
    this.#lane = lane
    this.#reporter = reporter
    this.#db = db
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
    const budget = new Budget(limits, statements, clock.now())
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
      if (rewinds >= MAX_REWINDS) return this.#standBack('no clear answer from D1')
    }
  }

  /** Takes the lane over in D1. An outcome when there is nothing to perform after that. */
  async #raise(): Promise<Outcome | undefined> {
    let held: boolean
    try {
      held = await this.#lane.raise()
      if (!held) return await this.#lostTo()
    } catch (error) {
      return this.#standBack(error)
    }
    const { truth } = this.#lane
    if (!this.raised) {
      this.raised = true
      this.#commitsAtStart = truth.commits
      if (hasProgress(truth.checkpoint)) this.#noteResumed()
      this.#reporter.send()
    }
    if (truth.status !== 'active') return this.#close()
    const { retry } = this.#claim.run.options
    if (this.#attempt > retry.attempts) {
      return this.#fail(
        new DogearError(
          'attempts_exhausted',
          `${retry.attempts} slices in a row ended without a commit and without an answer; the item after cursor ${truth.checkpoint.current?.cursor ?? 'start'} is the suspect`,
        ),
      )
    }
    return undefined
  }

  async #perform(budget: Budget): Promise<Outcome | 'rewind'> {
    const job = this.#job
    if (!job)
      return this.#ruleBroken(
        new DogearError('unknown_job', `Job '${this.#claim.run.job}' is not known to this code`),
      )
    const performance = new Performance(this.#tools(job, budget))
    const { latch } = performance
    try {
      const result = await this.#attemptTo(() => job.perform(performance), performance)
      if (result.ok) return await this.#complete(job, performance, result.value)
      const { signal } = latch
      if (signal?.kind === 'interrupt') await this.#shutdown(job, performance)
      if (!signal) await performance.salvage()
      return await this.#stopped(signal, result.error)
    } catch (error) {
      // A hook or the last commit failed, or was told to stop in its turn.
      return await this.#stopped(latch.signal, ensureError(error))
    } finally {
      latch.close()
    }
  }

  async #stopped(signal: StopSignal | undefined, error: Error): Promise<Outcome | 'rewind'> {
    switch (signal?.kind) {
      case 'rewind':
        return 'rewind'
      case 'interrupt':
        return { ...signal, kind: 'interrupted' }
      case 'refused':
        return this.#errored(signal.error)
      case undefined:
        return this.#errored(error)
    }
  }

  /** The latch decides what happened, not what user code threw or swallowed. */
  async #attemptTo(
    perform: () => Promise<unknown>,
    { latch, continuation }: Performance,
  ): Promise<{ ok: true; value: unknown } | { ok: false; error: Error }> {
    try {
      const value = await perform()
      // An iteration has no steps of the author's to meet.
      if (!latch.signal && this.#job?.style === 'continuable') continuation.finish()
      return latch.signal ? { ok: false, error: new Error('told to stop') } : { ok: true, value }
    } catch (error) {
      return { ok: false, error: ensureError(error) }
    }
  }

  async #complete(job: Job, performance: Performance, value: unknown): Promise<Outcome | 'rewind'> {
    performance.openToHooks()
    let result = value
    if (job.style === 'continuable' || performance.started) {
      await job.onShutdown?.(performance.context)
      const completed = await job.onComplete?.(performance.context)
      result ??= completed
    }
    const end = await listChildren(
      job,
      this.#claim.run.id,
      performance.context,
      result,
      this.#deps.jobs,
    )
    return this.#end(end, performance)
  }

  async #shutdown(job: Job, performance: Performance): Promise<void> {
    if (!job.onShutdown || !performance.started) return
    performance.openToHooks()
    await job.onShutdown(performance.context)
    await performance.commit()
  }

  /** Writes the end of the run. Whatever D1 says afterwards is the end. */
  async #end(end: End, performance?: Performance): Promise<Outcome | 'rewind'> {
    const nothing = {
      effects: [],
      checkpoint: this.#lane.truth.checkpoint,
      step: null,
      fromCursor: null,
      toCursor: null,
      items: 0,
    }
    const outcome = await this.#lane.commit({ ...(performance?.takeEnd() ?? nothing), end })
    switch (outcome.kind) {
      case 'committed':
        return this.#close()
      case 'guard':
      case 'unknown':
        return 'rewind'
      case 'spent':
        return this.#standBack(outcome.error)
      case 'refused':
        return this.#errored(ensureError(outcome.error))
    }
  }

  /** End, children, release, in this order. */
  async #close(): Promise<Outcome> {
    try {
      return await closeRun(this.#db, this.#claim.run.id, this.#deps)
    } catch (error) {
      return this.#standBack(error)
    }
  }

  async #errored(error: Error): Promise<Outcome | 'rewind'> {
    if (d1Verdict(error) === 'spent') return this.#standBack(error)
    if (error instanceof DogearError) return this.#ruleBroken(error)
    const progressed = this.#lane.truth.commits > this.#commitsAtStart
    if (!progressed && this.#attempt >= this.#claim.run.options.retry.attempts)
      return this.#failOrRewind(error)
    return { kind: 'errored', error: serializeError(error) }
  }

  /** The same code would break the same rule again, unless it is only too old for the checkpoint. */
  async #ruleBroken(error: DogearError): Promise<Outcome | 'rewind'> {
    const outdated = this.#deps.codeVersion < this.#lane.truth.codeVersion
    if (outdated && (error.code === 'step_mismatch' || error.code === 'unknown_job')) {
      return { kind: 'interrupted', reason: 'deploy', directiveMet: false, waitMs: this.#backoff() }
    }
    return this.#failOrRewind(error)
  }

  #failOrRewind(error: Error): Promise<Outcome | 'rewind'> {
    return this.#end({ status: 'failed', error: serializeError(error), children: '[]' })
  }

  async #fail(error: Error): Promise<Outcome> {
    const outcome = await this.#failOrRewind(error)
    return outcome === 'rewind' ? this.#standBack('no clear answer to the end of the run') : outcome
  }

  /** No row came back from the raise: a newer fence is there, or there is no such run. */
  async #lostTo(): Promise<Outcome> {
    const { run, lane } = this.#lane.holder
    const fence = await laneFence(this.#db, run, lane)
    return fence === null ? { kind: 'state_lost' } : { kind: 'superseded', fence }
  }

  /** D1 or another object is out of reach: costs no attempt, and the run comes back after a while. */
  #standBack(cause: unknown): Outcome {
    const { run, fence } = this.#lane.holder
    // eslint-disable-next-line no-console -- the run itself shows only that it was throttled
    console.warn(JSON.stringify({ event: 'slice.stood_back', run, fence, cause: String(cause) }))
    return { kind: 'interrupted', reason: 'throttle', directiveMet: false, waitMs: this.#backoff() }
  }

  #backoff(): number {
    return retryWaitMs(this.#claim.run.options.retry, this.#claim.attempt, this.#deps.random)
  }

  /** Consecutive slices without a commit; D1 may know of commits that the Durable Object never heard of. */
  get #attempt(): number {
    return this.#lane.truth.commits > this.#claim.commitsBefore ? 1 : this.#claim.attempt
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
      env: new Proxy(this.#deps.env, {
        get: (env, key) => (key === 'DB' ? this.#db : Reflect.get(env, key)),
      }),
      run: { id: run.id, job: run.job, attempt: this.#attempt, parent: run.parent },
      lane: this.#lane,
      budget,
      pacer: new CommitPacer(policy, this.#deps.clock.now()),
      reporter: this.#reporter,
      clock: this.#deps.clock,
      interrupt,
    }
  }
}
