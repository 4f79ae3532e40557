import { DogearError } from '../errors.ts'
import type { Checkpoint, Continuation } from '../steps/continuation.ts'
import { type Covered, coveredBetween, isOther, NOTHING_COVERED } from '../steps/position.ts'
import type { Change } from '../store/change.ts'
import { apartMs } from './budget.ts'
import type { PassDeps } from './deps.ts'
import type { Latch } from './latch.ts'
import type { PendingCommit } from './pending-commit.ts'
import { type NotWritten, stopAfter, type StopSignal } from './stop-signal.ts'
import { Yielder } from './yielder.ts'

type WriterDeps = Pick<
  PassDeps,
  'lane' | 'pacer' | 'reporter' | 'clock' | 'budget' | 'slice' | 'refused' | 'others'
>

/** Writes the commits of a pass, one at a time: what is pending, and the checkpoint as the steps have it. */
export class CommitWriter {
  /** The iteration's `onStart` has run. */
  started: boolean
  readonly #deps: WriterDeps
  readonly #latch: Latch
  readonly #steps: Continuation
  readonly #pending: PendingCommit
  readonly #yielder: Yielder
  /** As of the last commit that was sent. */
  #checkpoint: Checkpoint
  /** The commit under way: resolves to what its answer makes of the slice. */
  #inFlight: Promise<void> | undefined
  /** A checkpoint of user code is being written. */
  #writing = false
  /** A commit was not written, which user code has not heard of yet. */
  #failed: StopSignal | undefined
  #dead = false

  constructor(
    deps: WriterDeps,
    latch: Latch,
    steps: Continuation,
    pending: PendingCommit,
    checkpoint: Checkpoint,
  ) {
    this.#deps = deps
    this.#latch = latch
    this.#steps = steps
    this.#pending = pending
    this.#checkpoint = checkpoint
    this.started = checkpoint.started === true
    this.#yielder = new Yielder(deps.clock, deps.others)
  }

  /** A commit was not written, and what it held is gone from here: nothing after it may be written. */
  get dead(): boolean {
    return this.#dead
  }

  /** The range of cursors since the last commit. */
  get covered(): Covered {
    return coveredBetween(this.#checkpoint.current, this.#steps.position)
  }

  /** Commits everything gathered, if there is anything; what was gathered before is durable then. */
  async commit(): Promise<void> {
    this.#pending.settled()
    if (this.#pending.empty || this.#dead) return this.answered()
    await this.write(this.covered)
  }

  /** The same, and changed attributes alone too. */
  async commitAttributes(): Promise<void> {
    if (this.#dead) return this.answered()
    await (this.#pending.attributes?.changed ? this.write(this.covered) : this.commit())
  }

  /** Where a run stops, what a bare checkpoint has changed is kept: attributes, and the step that was begun. */
  async commitStanding(): Promise<void> {
    if (this.#dead) return this.answered()
    const begun = isOther(this.#steps.level, this.#checkpoint)
    if (begun || this.#pending.attributes?.changed) await this.write(this.covered)
  }

  /**
   * Commits what is due, and goes on while the commit is under way, where the pacer allows that: one that
   * fails throws away what was gathered meanwhile, since the slice begins again from what D1 says.
   */
  async commitDue(fills: boolean): Promise<void> {
    const { pacer, clock } = this.#deps
    if (!pacer.overlaps) return this.commit()
    await this.#alone(async () => {
      if (!fills) return this.#wait()
      this.#pending.settled()
      if (this.#pending.empty || this.#dead) return
      await this.#send(this.covered)
      await (pacer.isFar ? clock.wait(0) : this.#yielder.turn())
    })
  }

  /** Commits also where nothing was gathered, and resolves once that is durable. */
  write(covered: Covered): Promise<void> {
    return this.#alone(async () => {
      await this.#send(covered)
      await this.#wait()
      await this.#yielder.turn()
    })
  }

  /** The change that is left for the end commit to write. */
  takeEnd(aborted: boolean): Change {
    return this.#change(this.#pending.items > 0 || aborted ? this.covered : NOTHING_COVERED)
  }

  /** Resolves when no commit is under way. */
  async quiet(): Promise<void> {
    await this.#inFlight
  }

  /** Resolves once the commit under way is durable, if there is one; throws when it has failed. */
  async answered(): Promise<void> {
    await this.#inFlight
    if (this.#failed) this.#fail(this.#failed)
  }

  /** Throws when a commit has failed, or when another checkpoint is still being written. */
  requireReady(): void {
    if (this.#failed) this.#fail(this.#failed)
    if (!this.#writing) return
    this.#latch.break(
      new DogearError(
        'checkpoint_not_awaited',
        'A checkpoint was reached while another was being committed; await each step.set, step.advance and step.checkpoint',
      ),
    )
  }

  async #alone(write: () => Promise<void>): Promise<void> {
    this.requireReady()
    this.#writing = true
    try {
      await write()
    } finally {
      this.#writing = false
    }
  }

  #fail(stop: StopSignal): never {
    this.#failed = undefined
    return this.#latch.trip(stop)
  }

  /** Keeps user code waiting until what is under way is durable. */
  async #wait(): Promise<void> {
    const { pacer, clock } = this.#deps
    const since = clock.now()
    await this.answered()
    pacer.waited(clock.now() - since)
  }

  /** One commit in flight: a second one would use the same seq. What it holds is taken at once, all the same. */
  async #send(covered: Covered): Promise<void> {
    const { pacer, clock, budget } = this.#deps
    const pending = this.#pending
    budget.bytes += pending.effects.characters
    const { handled, entries } = pending
    const change = this.#change(covered)
    const { onlyItem, reordered } = pending
    const takenAt = clock.now()
    if (this.#inFlight) await this.answered()
    this.#requireStatements(change.effects.length)
    this.#checkpoint = change.checkpoint
    pacer.sent(takenAt, clock.now())
    this.#inFlight = this.#written(change, { items: entries, onlyItem, reordered }, () =>
      pacer.committed(handled, clock.now()),
    )
  }

  async #written(
    change: Change,
    commit: Omit<NotWritten, 'cause'>,
    committed: () => void,
  ): Promise<void> {
    const { lane, reporter, refused } = this.#deps
    const outcome = await lane.commit(change)
    this.#inFlight = undefined
    this.#dead = outcome.kind !== 'committed'
    this.#failed = stopAfter(outcome, commit)
    if (this.#failed) return
    if (change.skips?.length) refused.poison = undefined
    committed()
    reporter.committed()
  }

  /** A commit that D1 would not take any more is not sent: the next invocation makes it. */
  #requireStatements(effects: number): void {
    const { budget, slice } = this.#deps
    const { progressed } = slice
    if (budget.maySend(effects, progressed)) return
    this.#dead = true
    // Others have used them: at another time, and after whoever comes with it, there is room.
    const apart = progressed ? {} : { alone: true as const, waitMs: apartMs(Math.random) }
    this.#latch.trip({ kind: 'interrupt', reason: 'budget', directiveMet: false, ...apart })
  }

  #change(covered: Covered): Change {
    const checkpoint: Checkpoint = {
      ...this.#steps.level,
      ...(this.started && { started: true }),
    }
    const advanced = this.#pending.advanced && isOther(checkpoint, this.#checkpoint)
    return this.#pending.take(checkpoint, covered, advanced)
  }
}
