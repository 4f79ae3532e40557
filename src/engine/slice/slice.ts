import type { Claim, Outcome, SliceMessage } from '../drive/protocol.ts'
import { DogearError, ensureError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { Job } from '../job/job.ts'
import { Budget } from '../pass/budget.ts'
import type { Latch } from '../pass/latch.ts'
import { inLastHook } from '../pass/lending.ts'
import { Pass } from '../pass/pass.ts'
import { RefusedCommits } from '../pass/refused-commits.ts'
import { Scope, within } from '../pass/scope.ts'
import type { StopSignal } from '../pass/stop-signal.ts'
import { paramsOfToday } from '../runs/run-params.ts'
import { hasProgress } from '../steps/continuation.ts'
import { whereabouts } from '../steps/position.ts'
import { perform } from '../styles/perform.ts'
import { SLICE_D1_TIMEOUT_MS, HeldLane } from '../store/d1/held-lane.ts'
import { D1Usage, meteredDatabase } from '../store/d1/metered-database.ts'
import { listChildren } from './closing.ts'
import type { SliceDeps } from './deps.ts'
import { emitter } from './emitter.ts'
import { Ending, type Rewind } from './ending.ts'
import { KillSwitch } from './kill-switch.ts'
import { passDeps, type SliceParts } from './parts.ts'
import { release } from './release.ts'
import { Reporter } from './reporter.ts'
import { tellOutcome, tellStart } from './slice-events.ts'

type Granted = Extract<Claim, { ok: true }>

/** Raises in a row, without a commit between them, before a slice gives up for now. */
const MAX_REWINDS = 3

/**
 * One slice: claim, raise the fence, perform, commit..., release. The whole protocol of a run's
 * invocation is in this file; `pass.ts` has what happens between two commits.
 */
export async function runSlice(message: SliceMessage, deps: SliceDeps): Promise<void> {
  // A stub is broken after an exception: each call takes a new one.
  const object = () => deps.objects(message.run)
  const claim = await object().claim(message.lane, message.n)
  if (!claim.ok) return

  const startedAt = deps.clock.now()
  const { run, lane: number } = message
  const holder = { run, lane: number, fence: claim.fence, codeVersion: deps.codeVersion }
  const killSwitch = new KillSwitch()
  const usage = new D1Usage(deps.statements, killSwitch)
  const db = meteredDatabase(deps.env.DB, usage)
  const lane = new HeldLane(
    db,
    usage,
    holder,
    deps.clock.now,
    deps.d1PatienceMs ?? SLICE_D1_TIMEOUT_MS,
  )
  const job = deps.jobs.get(claim.run.job)
  const ending = new Ending(claim, job, lane, db, deps)
  const reporter = new Reporter(object, lane, deps.clock, () => ending.resumed, killSwitch)
  reporter.stop = claim.stop
  reporter.start(claim.leaseMs)

  const isolation = { active: false, advanced: () => ending.attempts.progressed }
  const budget = new Budget(limits(job, deps), deps.statements, usage, startedAt)
  const parts = { claim, deps, lane, reporter, db, usage, ending, budget, isolation, startedAt }
  const slice = new Slice(job, parts)
  const killed = killSwitch.ended.then(() => slice.kill())
  let outcome: Outcome | undefined
  try {
    outcome = (await Promise.race([slice.work(), killed])) ?? undefined
  } catch (error) {
    // Nothing is known to come here. What does must not keep the lease: its run would look busy for long.
    outcome = ending.unforeseen(error)
  } finally {
    lane.letGo()
    await reporter.close()
  }
  if (!outcome) return
  const last = slice.raised ? lane.report(ending.resumed) : null
  await release(object, last, claim.fence, outcome, reporter.untold)
}

/** A job's own limit on wall time counts when it is the shorter one. After job-iteration. */
function limits(job: Job | undefined, { wallMs, statementShare }: SliceDeps) {
  return {
    ...(statementShare && { statements: statementShare }),
    ...job?.budget,
    wallMs: Math.min(wallMs, job?.budget.wallMs ?? Infinity),
  }
}

class Slice {
  /** D1 has answered at least once, so the lane's state is what it says. */
  raised = false
  readonly #job: Job | undefined
  readonly #parts: SliceParts
  readonly #claim: Granted
  readonly #emit: Emit
  #commitsAtStart = 0
  readonly #refused: RefusedCommits
  #latch: Latch | undefined

  constructor(job: Job | undefined, parts: SliceParts) {
    this.#job = job
    this.#refused = new RefusedCommits(job?.skip !== undefined)
    this.#parts = parts
    this.#claim = parts.claim
    this.#emit = parts.lane.emit = emitter(parts)
  }

  /** This slice has committed something. */
  get #committed(): boolean {
    return this.#parts.lane.state.commits > this.#commitsAtStart
  }

  /** The process is gone, as it were: user code that still runs comes no further. */
  kill(): void {
    this.#latch?.kill()
  }

  /** Raise, perform, and again after each unknown outcome. Never throws: every end is an outcome. */
  async work(): Promise<Outcome> {
    tellStart(this.#emit, this.#claim)
    const outcome = await this.#untilOutcome()
    tellOutcome(this.#emit, outcome, this.#parts, this.#commitsAtStart)
    return outcome
  }

  async #untilOutcome(): Promise<Outcome> {
    const { lane, ending } = this.#parts
    let rewinds = 0
    let commitsAtRewind = -1
    for (;;) {
      const stopped = await this.#raise()
      if (stopped) return stopped
      const outcome = await this.#perform()
      if (outcome === 'halve') continue
      if (outcome !== 'rewind') return outcome
      const { commits } = lane.state
      rewinds = commits > commitsAtRewind ? 1 : rewinds + 1
      commitsAtRewind = commits
      if (rewinds < MAX_REWINDS) continue
      // Raises are answered but this commit never is. Either D1 is in trouble, or the commit is.
      const outcomeOfCause = await ending.errored(ensureError(ending.unanswered), false)
      return outcomeOfCause === 'rewind' ? ending.throttled(ending.unanswered) : outcomeOfCause
    }
  }

  /** Takes the lane over in D1. An outcome when there is nothing to perform after that. */
  async #raise(): Promise<Outcome | undefined> {
    const { lane, ending, reporter } = this.#parts
    try {
      if (!(await lane.raise())) return await this.#lostTo()
    } catch (error) {
      return ending.throttled(error)
    }
    const { state } = lane
    if (!this.raised) {
      this.raised = true
      this.#commitsAtStart = state.commits
      ending.attempts.progressAtStart = state.progress
      // What a fork begins with is none of its own progress.
      ending.resumed = state.commits > 0 && hasProgress(state.checkpoint)
      reporter.send()
    }
    if (state.status !== 'active') return ending.close()
    return ending.exhausted()
  }

  async #perform(): Promise<Outcome | Rewind | 'halve'> {
    const job = this.#job
    const { ending, lane } = this.#parts
    if (!job)
      return ending.ruleBroken(
        new DogearError('unknown_job', `Job '${this.#claim.run.job}' is not known to this code`),
      )
    let pass: Pass
    try {
      const given = await paramsOfToday(job, this.#claim.run)
      if (!given.ok) return ending.unfit(given.problem)
      pass = new Pass(passDeps(this.#parts, job, this.#refused, given.params))
    } catch (error) {
      // What is stored does not fit the job's schema of today.
      return ending.errored(ensureError(error), false)
    }
    if (ending.resumed && !this.#committed) {
      this.#emit('run.resumed', {
        ...whereabouts(lane.state.checkpoint),
        ...pass.tools.history(),
      })
    }
    const { latch } = pass
    this.#latch = latch
    try {
      const result = await this.#attemptTo(job, pass)
      if (result.ok) return await this.#complete(job, pass, result.value)
      const { signal } = latch
      if (signal?.kind === 'interrupt') await this.#shutdown(job, pass)
      if (signal && signal.kind !== 'broken') return await this.#stopped(signal, result.error)
      // The commit of what was done before it may be told to stop in its turn.
      latch.signal = undefined
      await pass.salvage()
      return await ending.errored(signal?.error ?? result.error)
    } catch (error) {
      // A hook or the last commit failed, or was told to stop in its turn.
      return await this.#stopped(latch.signal, ensureError(error))
    }
  }

  async #stopped(
    signal: StopSignal | undefined,
    error: Error,
  ): Promise<Outcome | Rewind | 'halve'> {
    const { ending, lane } = this.#parts
    switch (signal?.kind) {
      case 'rewind':
        ending.unanswered = signal.cause
        return this.#refused.halveUnclear(signal, lane.state.commits) ? 'halve' : 'rewind'
      case 'interrupt': {
        const { kind: _kind, ...stop } = signal
        return ending.interrupted(stop)
      }
      case 'refused':
        return this.#refused.halve(signal) ? 'halve' : ending.errored(ensureError(signal.cause))
      case 'broken':
        return ending.errored(signal.error)
      case 'spent':
        return ending.spent(signal.error)
      case undefined:
        return ending.errored(error)
    }
  }

  /** The latch decides what happened, not what user code threw or swallowed. */
  async #attemptTo(
    job: Job,
    pass: Pass,
  ): Promise<{ ok: true; value: unknown } | { ok: false; error: Error }> {
    const { latch, continuation } = pass
    try {
      // A scope of its own: whoever delivered the message may be inside that of another slice.
      const performing = within(new Scope(), () => perform(job, pass))
      const value = await Promise.race([performing, latch.abandoned])
      // An iteration has no steps of the author's to meet.
      if (!latch.signal && job.body.style === 'continuable') continuation.finish()
      return latch.signal ? { ok: false, error: new Error('told to stop') } : { ok: true, value }
    } catch (error) {
      return { ok: false, error: ensureError(error) }
    } finally {
      await pass.quiet()
    }
  }

  async #complete(job: Job, pass: Pass, value: unknown): Promise<Outcome | Rewind> {
    const { ending, deps } = this.#parts
    let result = value
    const begun = job.body.style === 'continuable' || pass.started
    if (begun) await inLastHook(pass, (context) => job.onShutdown?.(context))
    if (pass.aborted?.complete === false) {
      return ending.end({ status: 'completed', children: '[]' }, pass)
    }
    if (begun) result ??= await inLastHook(pass, (context) => job.onComplete?.(context))
    const end = await inLastHook(pass, (context) =>
      listChildren(job, this.#claim.run, context, result, deps.jobs),
    )
    return ending.end(end, pass)
  }

  async #shutdown(job: Job, pass: Pass): Promise<void> {
    if (!job.onShutdown || !pass.started || pass.dead) return
    await inLastHook(pass, (context) => job.onShutdown?.(context))
    await pass.commitShutdown()
  }

  /** No row came back from the raise: a newer fence is there, or there is no such run. */
  async #lostTo(): Promise<Outcome> {
    const { lane } = this.#parts
    const fence = await lane.currentFence()
    return fence === null || fence <= lane.holder.fence
      ? { kind: 'state_lost' }
      : { kind: 'superseded', fence }
  }
}
