import { DogearError } from '../errors.ts'
import type { Checkpoint, Continuation } from '../steps/continuation.ts'
import { type Covered, coveredBetween, isOther, NOTHING_COVERED } from '../steps/position.ts'
import type { Change, CommitOutcome } from '../store/change.ts'
import { apartMs } from './budget.ts'
import type { PassDeps } from './deps.ts'
import type { Latch } from './latch.ts'
import type { PendingCommit } from './pending-commit.ts'
import { stopAfter } from './stop-signal.ts'
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
  /** As of the last commit. */
  #checkpoint: Checkpoint
  #inFlight: Promise<CommitOutcome> | undefined
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

  /** Commits everything gathered, if there is anything. */
  async commit(): Promise<void> {
    this.#pending.settled()
    if (this.#pending.empty || this.#dead) return
    await this.write(this.covered)
  }

  /** The same, and changed attributes alone too. */
  async commitAttributes(): Promise<void> {
    if (this.#dead) return
    await (this.#pending.attributes?.changed ? this.write(this.covered) : this.commit())
  }

  /** Where a run stops, what a bare checkpoint has changed is kept: attributes, and the step that was begun. */
  async commitStanding(): Promise<void> {
    if (this.#dead) return
    const begun = isOther(this.#steps.level, this.#checkpoint)
    if (begun || this.#pending.attributes?.changed) await this.write(this.covered)
  }

  async write(covered: Covered): Promise<void> {
    const { lane, pacer, reporter, clock, budget, refused } = this.#deps
    const pending = this.#pending
    this.requireAwaited()
    budget.bytes += pending.effects.characters
    const { handled, entries } = pending
    const change = this.#change(covered)
    this.#requireStatements(change.effects.length)
    const startedAt = clock.now()
    this.#inFlight = lane.commit(change)
    const outcome = await this.#inFlight
    this.#inFlight = undefined
    this.#dead = outcome.kind !== 'committed'
    const { onlyItem, reordered } = pending
    const stop = stopAfter(outcome, { items: entries, onlyItem, reordered })
    if (stop) return this.#latch.trip(stop)
    const now = clock.now()
    this.#checkpoint = change.checkpoint
    if (change.skips?.length) refused.poison = undefined
    pacer.committed(handled, startedAt, now)
    reporter.committed()
    await this.#yielder.turn()
  }

  /** The change that is left for the end commit to write. */
  takeEnd(aborted: boolean): Change {
    return this.#change(this.#pending.items > 0 || aborted ? this.covered : NOTHING_COVERED)
  }

  /** Resolves when no commit is under way. */
  async quiet(): Promise<void> {
    await this.#inFlight
  }

  /** One commit in flight: a second one would use the same seq. */
  requireAwaited(): void {
    if (!this.#inFlight) return
    this.#latch.break(
      new DogearError(
        'checkpoint_not_awaited',
        'A checkpoint was reached while another was being committed; await each step.set, step.advance and step.checkpoint',
      ),
    )
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
