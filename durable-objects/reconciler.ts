import { codeVersion } from '../src/engine/code-version.ts'
import * as commands from '../src/engine/drive/commands.ts'
import { isAsCreated } from '../src/engine/drive/creation.ts'
import type { Driving } from '../src/engine/drive/driving.ts'
import { isStopping, isUnanswered, needsClosing } from '../src/engine/drive/owed.ts'
import { missedAt, noteTaken } from '../src/engine/drive/missed.ts'
import type { SliceMessage } from '../src/engine/drive/protocol.ts'
import type { NewRun } from '../src/engine/drive/run-record.ts'
import { runView } from '../src/engine/drive/run-view.ts'
import { grouped } from '../src/engine/error-group.ts'
import { log } from '../src/engine/log.ts'
import { withTimeout } from '../src/engine/patience.ts'
import { redactorOf } from '../src/engine/sensitive.ts'
import { queueGone, queueOf } from './queues.ts'
import type { RunLanes } from './run-lanes.ts'
import type { RunState } from './run-state.ts'
import { isoTime } from '../src/engine/iso-time.ts'

/** A statement that takes longer is owed again. It may still land: each can be repeated. */
const OBJECT_D1_TIMEOUT_MS = 10_000

/**
 * Does what the stored state owes: D1's rows, a cancel, a pause, a reopening, the message, the index.
 * What fails stays owed, and the object's alarm tries again.
 */
export class Reconciler {
  readonly #state: RunState
  readonly #lanes: RunLanes
  readonly #ready: () => Promise<void>
  #settling: Promise<void> = Promise.resolve()

  /** `ready` rejects while nothing may be asked of D1. */
  constructor(state: RunState, lanes: RunLanes, ready: () => Promise<void>) {
    this.#state = state
    this.#lanes = lanes
    this.#ready = ready
  }

  /**
   * One at a time; who comes meanwhile waits, then looks again at what is still owed. One that failed must
   * not keep those after it from being tried.
   */
  settle(): Promise<void> {
    this.#settling = this.#settling.catch(() => undefined).then(() => this.#reconcile())
    return this.#settling
  }

  get #driving(): Driving | undefined {
    return this.#state.load()?.driving
  }

  get #isUnanswered(): boolean {
    return this.#driving !== undefined && isUnanswered(this.#driving)
  }

  async #reconcile(): Promise<void> {
    const run = this.#state.load()?.run
    if (!run) return
    try {
      await this.#stopUnlessReady(run)
      await this.#askParent(run)
      await this.#insert(run)
      await this.#obeyAndSend(run)
      if (!this.#driving?.failures) return
      await this.#state.change((d) => void (d.failures = null))
      // Lists are to show that it is over.
      await this.#index(run)
    } catch (error) {
      log.warn('run.debt_unpaid', { run: run.id, error }, redactorOf(run))
      await this.#state.change((d) => this.#noteFailure(d)).catch(() => undefined)
    }
  }

  /** Messages go on: slices of other code may work where this code must not. */
  async #stopUnlessReady(run: NewRun): Promise<void> {
    try {
      await this.#ready()
    } catch (error) {
      await this.#send(run)
      throw error
    }
  }

  #noteFailure(d: Driving): void {
    const { count = 0, since = this.#state.now() } = d.failures ?? {}
    d.failures = { count: count + 1, since }
  }

  /** The index is written whatever else fails: by it people learn that something does. */
  async #obeyAndSend(run: NewRun): Promise<void> {
    const asked = this.#isUnanswered
    try {
      // Twice: when D1 has a higher fence, the first answer brings it and the second one counts.
      await this.#obey(run)
      await this.#obey(run)
      await this.#send(run)
      await this.#lanes.orderAll(run)
      await this.#workWhatNobodyTakes(run)
    } finally {
      await this.#index(run)
    }
    if (asked && this.#isUnanswered) {
      throw new Error('D1 did not take over the fence of this object; expected an answer to it')
    }
  }

  async #insert(run: NewRun): Promise<void> {
    const { storage } = this.#state
    const d = this.#driving
    if (!d || d.inD1) return
    const at = isoTime(d.createdAt)
    const isNew = await patiently(
      this.#state.store.create(run, at, codeVersion(this.#state.env), storage.beginning),
    )
    // Most often this object's own, whose answer was lost. Or it has lost its storage: D1 knows better.
    const stored = isNew ? null : await patiently(this.#state.store.read(run.id))
    if (stored && !isAsCreated(stored, run)) return this.#state.takeOver(stored)
    await this.#state.change((now) => {
      now.inD1 = true
      storage.forgetBeginning()
    })
  }

  /** A run whose rows are gone begins again when its parent lists it: what it did is gone with them. */
  async #askParent(run: NewRun): Promise<void> {
    const d = this.#driving
    if (!d?.orphaned) return
    const listed =
      run.parent !== null && (await patiently(this.#state.store.lists(run.parent, run.id)))
    if (listed) await this.#state.beginAgain(run, d)
    else await this.#state.change((now) => void (now.orphaned = false))
  }

  /** Carries out in D1 what a person asked for. */
  async #obey(run: NewRun): Promise<void> {
    const d = this.#driving
    if (!d) return
    const at = isoTime(this.#state.now())
    const by = { run: run.id, fence: d.fence, at }
    // What is not for the whole run is for its own lane.
    const byLane = { ...by, lane: run.lane ?? 0 }
    if (isStopping(d)) {
      const closed = run.lane === undefined && !needsClosing(run)
      const answer = await patiently(
        d.intent.kind === 'fail'
          ? this.#state.store.fail(by, { closed, error: grouped(run.job, d.intent.error) })
          : this.#state.store.cancel(by, closed),
      )
      await this.#state.change((state) =>
        commands.cancelAnswered(state, run, answer, this.#state.now()),
      )
    } else if (d.intent.kind === 'pause' && d.intent.revoked) {
      const answer = await patiently(this.#state.store.raise(byLane))
      await this.#state.change((state) => commands.pauseAnswered(state, answer, this.#state.now()))
    } else if (d.intent.kind === 'reopen') {
      const answer = await patiently(this.#state.store.reopen(by))
      await this.#state.change((state) => commands.reopenAnswered(state, answer, this.#state.now()))
    }
  }

  async #send(run: NewRun): Promise<void> {
    if (this.#isDue && this.#driving?.untaken !== undefined) await this.#noteTaken()
    const d = this.#driving
    // Asked again: a person may have paused the run meanwhile.
    if (!d || !this.#isDue) return
    const { n } = d
    const { queue: sender, gone } = queueOf(this.#state.env, d.queue, run.options)
    // A lane waits for no delivery: those of a queue may come one after the other.
    const ownWork = run.lane !== undefined || d.untaken !== undefined
    const itself = ownWork && this.#state.worksItself
    const queue = itself ? undefined : sender
    await this.#state.change((state) => {
      if (gone !== undefined && state.attention === null) {
        state.attention = queueGone(gone)
        state.rev += 1
      }
      state.overdueAt = this.#state.now() + state.patienceMs
      state.sendAt = null
      if (state.sent?.n !== n) state.sent = { n, at: this.#state.now() }
      // Written, read and deleted: what a message costs.
      if (queue) state.queueOperations += 3
    })
    const message = messageOf(run, d)
    if (queue) await patiently(queue.send(message))
    else await this.#state.keep(message)
  }

  /** A message is to be sent now. */
  get #isDue(): boolean {
    const d = this.#driving
    return d !== undefined && d.sendAt !== null && d.sendAt <= this.#state.now() && d.inD1
  }

  /** A message is missed, and nobody takes others of Dogear's queue either: the object works the slice itself. */
  async #workWhatNobodyTakes(run: NewRun): Promise<void> {
    const missed = this.#driving && missedAt(this.#driving)
    if (!missed || missed > this.#state.now()) return
    if (!queueOf(this.#state.env, this.#driving?.queue ?? '', run.options).own) return
    await this.#noteTaken()
    const d = this.#driving
    if (d?.untaken === undefined || !this.#state.worksItself) return
    await this.#state.keep(messageOf(run, d))
  }

  async #noteTaken(): Promise<void> {
    const taken = await this.#state.lastTaken()
    if (!taken) return
    await this.#state.change((d) => noteTaken(d, taken.queue, taken.at, this.#state.now()))
  }

  async #index(run: NewRun): Promise<void> {
    const d = this.#driving
    if (d && run.lane !== undefined) return this.#lanes.tellRun(run, d)
    if (!d || d.rev === d.indexed) return
    const { rev } = d
    // A list shows the sum.
    const { lanes: _lanes, ...shown } = runView(run, d)
    const { status } = shown
    const waiting = status === 'queued' || status === 'interrupted' || status === 'paused'
    const view = JSON.stringify(shown)
    await patiently(this.#state.store.index(run.id, rev, waiting ? status : 'running', view))
    await this.#state.change((state) => void (state.indexed = Math.max(state.indexed, rev)))
  }
}

function messageOf({ id, lane = 0 }: NewRun, { n, alone }: Driving): SliceMessage {
  return { run: id, lane, n, ...(alone && { alone: true as const }) }
}

function patiently<T>(work: Promise<T>): Promise<T> {
  return withTimeout(work, OBJECT_D1_TIMEOUT_MS)
}
