import { displayCursor } from '../cursor.ts'
import type { Outcome, SliceMessage } from '../drive/protocol.ts'
import { laneObject } from '../drive/lane-object.ts'
import { isTooOld, PROTOCOL } from '../drive/protocol-number.ts'
import { noteOf } from '../error-notes.ts'
import { DogearError, ensureError } from '../errors.ts'
import type { Job } from '../job/job.ts'
import { log } from '../log.ts'
import { Isolation } from '../pass/isolation.ts'
import type { Latch } from '../pass/latch.ts'
import { Pass } from '../pass/pass.ts'
import { RefusedCommits } from '../pass/refused-commits.ts'
import type { NotWritten, StopSignal } from '../pass/stop-signal.ts'
import { paramsOfToday } from '../runs/run-params.ts'
import { whereabouts } from '../steps/position.ts'
import type { SliceDeps } from './deps.ts'
import type { Rewind } from './ending.ts'
import { finishLane, LANE_DONE, WAITS_FOR_LANES } from './lane-ending.ts'
import { WAITS_FOR_OBJECT } from './older-code.ts'
import { passDeps } from './pass-deps.ts'
import { partsOf, type SliceParts } from './parts.ts'
import { completion, performOn, shutdown } from './performing.ts'
import { release } from './release.ts'
import { whyStandAside } from './standing-aside.ts'
import { tellOutcome, tellStart } from './slice-events.ts'

/** The next pass has smaller commits, to find the item at fault. */
type Halve = { kind: 'halve' }
const HALVE: Halve = { kind: 'halve' }

/** Raises in a row, without a commit between them, before a slice gives up for now. */
const MAX_REWINDS = 3

/**
 * One slice: claim, raise the fence, perform, commit..., release. The whole protocol of a run's
 * invocation is in this file; `pass.ts` has what happens between two commits.
 */
export async function runSlice(message: SliceMessage, deps: SliceDeps): Promise<void> {
  const aside = await whyStandAside(deps)
  // Not claimed, the message costs nothing. The run's object sends it again.
  if (aside) return log.warn('slice.stood_aside', { run: message.run, error: aside })
  // A stub is broken after an exception: each call takes a new one.
  const object = () => deps.objects(laneObject(message.run, message.lane))
  const claim = await object().claim(message.lane, message.n, PROTOCOL)
  if (!claim.ok) return
  if (isTooOld(claim.protocol, deps.minimum)) {
    return release(object, null, claim.fence, WAITS_FOR_OBJECT)
  }

  const parts = partsOf(message, claim, deps, object)
  const { lane, reporter, ending, state, killSwitch, untold } = parts
  reporter.start(claim.leaseMs)
  const slice = new Slice(parts)
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
  const last = state.raised ? state.report() : null
  await release(object, last, claim.fence, outcome, untold.all())
}

class Slice {
  readonly #parts: SliceParts
  readonly #refused: RefusedCommits
  readonly #isolation: Isolation
  #latch: Latch | undefined

  constructor(parts: SliceParts) {
    this.#parts = parts
    this.#refused = new RefusedCommits(parts.job?.skip !== undefined)
    this.#isolation = new Isolation(parts.state)
  }

  /** The process is gone, as it were: user code that still runs comes no further. */
  kill(): void {
    this.#latch?.kill()
  }

  /** Raise, perform, and again after each unknown outcome. Never throws: every end is an outcome. */
  async work(): Promise<Outcome> {
    tellStart(this.#parts)
    const outcome = await this.#untilOutcome()
    tellOutcome(this.#parts, outcome)
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
      if (outcome.kind === 'halve') continue
      if (outcome.kind !== 'rewind') return outcome
      const { commits } = lane.state
      rewinds = commits > commitsAtRewind ? 1 : rewinds + 1
      commitsAtRewind = commits
      if (rewinds < MAX_REWINDS) continue
      // Raises are answered but this commit never is. Either D1 is in trouble, or the commit is.
      const last = await ending.errored(ensureError(outcome.cause), false)
      return last.kind === 'rewind' ? ending.throttled(last.cause) : last
    }
  }

  /** Takes the lane over in D1. An outcome when there is nothing to perform after that. */
  async #raise(): Promise<Outcome | undefined> {
    const { lane, ending, reporter, state } = this.#parts
    try {
      if (!(await lane.raise())) return await this.#lostTo()
    } catch (error) {
      return ending.throttled(error)
    }
    if (!state.raised) {
      state.begin()
      reporter.send()
    }
    if (lane.state.status !== 'active') return ending.close()
    if (lane.state.finished) return LANE_DONE
    return ending.exhausted()
  }

  async #perform(): Promise<Outcome | Rewind | Halve> {
    const { ending, claim, job } = this.#parts
    if (!job) {
      const problem = `Job '${claim.run.job}' is not known to this code`
      return ending.ruleBroken(new DogearError('unknown_job', problem))
    }
    let pass: Pass
    try {
      const given = await paramsOfToday(job, claim.run)
      if (!given.ok) return ending.unfit(given.problem)
      const shared = { refused: this.#refused, isolation: this.#isolation }
      pass = new Pass(passDeps(this.#parts, job, given.params, shared))
    } catch (error) {
      // What is stored does not fit the job's schema of today.
      return ending.errored(ensureError(error), false)
    }
    this.#tellResumed(pass)
    this.#latch = pass.latch
    return this.#untilStopped(pass, job)
  }

  async #untilStopped(pass: Pass, job: Job): Promise<Outcome | Rewind | Halve> {
    const { ending, claim, deps, lane } = this.#parts
    const { latch } = pass
    try {
      const result = await performOn(pass, job)
      if (result.ok) {
        const { run } = claim
        if (lane.holder.lane > 0) return await finishLane(lane, pass, ending)
        if (lane.state.open > 0) return WAITS_FOR_LANES
        return await ending.end(
          await completion(pass, job, result.value, { run, jobs: deps.jobs }),
          pass,
        )
      }
      const { signal } = latch
      if (signal?.kind === 'interrupt') await shutdown(pass, job)
      if (signal && signal.kind !== 'broken') return await this.#stopped(signal, result.error)
      // The commit of what was done before it may be asked to stop in its turn.
      latch.signal = undefined
      await pass.salvage()
      return await ending.errored(signal?.error ?? result.error)
    } catch (error) {
      // A hook or the last commit failed, or was asked to stop in its turn.
      return await this.#stopped(latch.signal, ensureError(error))
    }
  }

  async #stopped(signal: StopSignal | undefined, error: Error): Promise<Outcome | Rewind | Halve> {
    const { ending, lane } = this.#parts
    switch (signal?.kind) {
      case 'rewind': {
        const { cause } = signal
        return this.#refused.halveUnclear(signal, lane.state.commits)
          ? HALVE
          : { kind: 'rewind', cause }
      }
      case 'interrupt': {
        const { kind: _kind, ...stop } = signal
        return ending.interrupted(stop)
      }
      case 'refused':
        if (this.#refused.halve(signal)) return HALVE
        noteRefused(signal)
        return ending.errored(ensureError(signal.cause))
      case 'broken':
        return ending.errored(signal.error)
      case 'spent':
        return ending.spent(signal.error)
      case undefined:
        return ending.errored(error)
    }
  }

  /** Once, by the slice's first pass. */
  #tellResumed({ history }: Pass): void {
    const { lane, state, emit } = this.#parts
    if (!state.resumed || state.commits > 0) return
    emit('run.resumed', { ...whereabouts(lane.state.checkpoint), ...history })
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

/** Effects of one item alone, which D1 has refused: it is the item that the run has failed at. */
function noteRefused({ cause, onlyItem }: NotWritten): void {
  if (!onlyItem) return
  const { step, cursor, place } = onlyItem
  noteOf(cause, { at: { step, cursor: JSON.stringify(displayCursor(cursor)), place } })
}
