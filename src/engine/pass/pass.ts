import { enumeratorsOf } from '../enumerators/index.ts'
import { DogearError } from '../errors.ts'
import type { RunContext } from '../job/context.ts'
import type { AskedInterrupt } from '../policies/resume-policy.ts'
import { type Checkpoint, Continuation } from '../steps/continuation.ts'
import { migrateCheckpoint, migrateResults, requireStyle } from '../steps/migration.ts'
import {
  type Covered,
  coveredBetween,
  isOther,
  itemKey,
  NOTHING_COVERED,
} from '../steps/position.ts'
import type { Change, CommitOutcome } from '../store/change.ts'
import { Callers } from './attempt.ts'
import { apartMs } from './budget.ts'
import type { PassDeps } from './deps.ts'
import { type InterruptSignal, Latch } from './latch.ts'
import { changing } from './lending.ts'
import { PendingCommit } from './pending-commit.ts'
import { standStillByHand } from './stand-still.ts'
import { StopConditions } from './stop-conditions.ts'
import { stopAfter } from './stop-signal.ts'
import { Yielder } from './yielder.ts'

/** How a checkpoint is settled. */
interface Settling {
  asked?: AskedInterrupt
  beforeStop?: () => Promise<void>
}

const OWN_STOP: InterruptSignal = { kind: 'interrupt', reason: 'signal', directiveMet: false }

/**
 * One pass of user code from a checkpoint: gathers effects, commits them with the checkpoint, and stops
 * at a checkpoint when something asks for it. After a commit of unknown outcome the slice throws this
 * object away with all it holds (also the page read ahead), raises, and starts another.
 */
export class Pass {
  readonly latch = new Latch()
  readonly continuation: Continuation
  readonly context: RunContext<unknown>
  readonly tools: PassDeps
  /** Encoded results of completed steps. */
  readonly results: ReadonlyMap<string, string>
  readonly pending: PendingCommit
  readonly callers = new Callers()
  /** Set when an item told the iteration to end. */
  aborted: { complete: boolean } | undefined
  readonly #stops: StopConditions
  readonly #yielder: Yielder
  #checkpoint: Checkpoint
  #started: boolean
  #iterating = false
  #inFlight: Promise<CommitOutcome> | undefined
  /** A commit was not written, and what it held is gone from here: nothing after it may be written. */
  #dead = false

  constructor(tools: PassDeps) {
    const { job, lane } = tools
    requireStyle(lane.state.checkpoint, job.body.style)
    const checkpoint = migrateCheckpoint(lane.state.checkpoint, job.steps)
    this.tools = tools
    this.results = migrateResults(lane.state.results, job.steps)
    this.pending = new PendingCommit(job, lane, tools.redact, tools.refused.inOrder)
    this.#stops = new StopConditions(tools)
    this.#yielder = new Yielder(tools.clock, tools.others)
    this.#checkpoint = checkpoint
    this.#started = checkpoint.started === true
    this.continuation = new Continuation(checkpoint, job.steps)
    this.context = {
      params: tools.params,
      env: tools.env,
      run: tools.run,
      enumerators: enumeratorsOf((mark) => standStillByHand(this, mark)),
      ...changing(
        this,
        () => this.#mayAdd(),
        () => this.#mayChangeOwn(),
      ),
    }
  }

  get started(): boolean {
    return this.#started
  }

  /** Items done in the run, those not committed yet included. */
  get done(): number {
    return this.tools.lane.state.done + this.pending.items
  }

  /** The same for one item in every attempt; `cursor` is the item's, `depth` that of its step. */
  idempotencyKey(cursor: string | null, depth: number): string {
    if (this.latch.told) this.latch.refuse()
    return `${this.tools.run.id}/${itemKey(this.continuation.position, cursor, depth)}`
  }

  /** False for what is to be dropped silently: user code goes on although it was told to stop. */
  mayChange(): boolean {
    if (!this.latch.told) return true
    this.latch.refuse()
    return false
  }

  /** From here on an iteration's effects belong to an item or to `onStart`, which run once. */
  beginIterating(): void {
    this.#iterating = true
  }

  /** Moves the cursor of the step that runs at `level`. */
  move(level: Continuation, cursor: string): void {
    const elsewhere = cursor !== level.cursor
    this.pending.advanced ||= elsewhere
    this.pending.moved ||= elsewhere || level.hasInner
    level.move(cursor)
  }

  /**
   * Counts handled items, in the run's progress too unless their step does not count them. True when
   * the checkpoint must be settled: something is due to be committed, or to be stopped for.
   * Synchronous, because it runs once per item.
   */
  arrive(items: number, counts = true): boolean {
    this.requireReady()
    const { budget, pacer, clock } = this.tools
    budget.items += items
    this.pending.mark(items, counts)
    this.#stops.arrived(this.continuation, items)
    const now = clock.now()
    const { size, effects } = this.pending
    if (pacer.due(size, effects, now) || budget.isFilledBy(effects.statements)) return true
    return this.#stopReason(now) !== undefined
  }

  /**
   * Commits what is due and, when something asks the slice to stop, stops it here: `asked` is the job
   * itself. `beforeStop` lets go of what only a slice that goes on needs.
   */
  async settle({ asked, beforeStop }: Settling = {}): Promise<void> {
    await this.commit()
    const stop = this.#stopReason() ?? (asked && OWN_STOP)
    if (!stop) return
    await this.#commitStanding()
    await beforeStop?.()
    // People's stops have no wait.
    const waits = stop.reason !== 'pause' && stop.reason !== 'cancel'
    this.latch.trip({ ...stop, ...(waits && asked) })
  }

  /** Commits, and stops the slice here: where the block of the step under way has begun, or before that. */
  async stop(signal: Omit<InterruptSignal, 'kind'>, { begun = true } = {}): Promise<never> {
    await this.commit()
    if (begun) await this.#commitStanding()
    return this.latch.trip({ kind: 'interrupt', ...signal })
  }

  /**
   * Whether the run has come to the place that the directive names, with a cursor by a walk's item, or
   * has as many items done as it wants.
   */
  reached(cursor?: string, depth?: number): boolean {
    return (
      this.#stops.reached(this.continuation, cursor, depth) ||
      this.#stops.enough(this.pending.items)
    )
  }

  /** The commit that ends a step of the outermost level; always one, also without effects. */
  async completeStep(step: string, key: string, result: string | undefined): Promise<void> {
    if (this.latch.told) return this.latch.hold()
    const covered = this.#covered()
    this.continuation.complete(step)
    this.pending.advanced = true
    this.pending.addResult(key, result)
    await this.#write(covered)
  }

  /** Ends a step within a step: a checkpoint of the outer one. */
  async completeInnerStep(
    level: Continuation,
    step: string,
    key: string,
    result: string | undefined,
  ): Promise<void> {
    if (this.latch.told) return this.latch.hold()
    level.complete(step)
    this.pending.moved = this.pending.advanced = true
    this.pending.addResult(key, result)
    if (this.arrive(0)) await this.settle()
  }

  /** Records that `onStart` has run, with its effects. */
  async completeStart(): Promise<void> {
    if (this.latch.told) return this.latch.hold()
    this.#started = true
    await this.#write(NOTHING_COVERED)
  }

  /** After an error: drops the failed item's effects and keeps what was done before it. */
  async salvage(): Promise<void> {
    this.pending.salvage()
    this.continuation.retreat()
    await this.commit()
    if (this.pending.attributes?.changed && !this.#dead) await this.#write(this.#covered())
  }

  /** Commits everything gathered, if there is anything. */
  async commit(): Promise<void> {
    this.pending.settled()
    if (this.pending.empty || this.#dead) return
    await this.#write(this.#covered())
  }

  /** Commits what `onShutdown` has left behind, attributes alone included: no checkpoint follows it. */
  async commitShutdown(): Promise<void> {
    await (this.pending.attributes?.changed ? this.#write(this.#covered()) : this.commit())
  }

  /** Where a run stops, what a bare checkpoint has changed is kept: attributes, and the step that was begun. */
  async #commitStanding(): Promise<void> {
    if (this.#dead) return
    const begun = isOther(this.continuation.level, this.#checkpoint)
    if (begun || this.pending.attributes?.changed) await this.#write(this.#covered())
  }

  /**
   * User code has come to its end: what it left running can add and commit nothing any more, and what
   * it had under way is waited for.
   */
  async quiet(): Promise<void> {
    this.latch.close()
    await this.#inFlight
  }

  /** What is left to be written by the end commit. */
  takeEnd(): Change {
    const covers = this.pending.items > 0 || this.aborted
    return this.#change(covers ? this.#covered() : NOTHING_COVERED)
  }

  /** Nothing of this pass can be written any more. */
  get dead(): boolean {
    return this.#dead
  }

  async #write(covered: Covered): Promise<void> {
    const { lane, pacer, reporter, clock, budget } = this.tools
    this.#requireAwaited()
    budget.bytes += this.pending.effects.characters
    const { handled, entries } = this.pending
    const change = this.#change(covered)
    this.#requireStatements(change.effects.length)
    const startedAt = clock.now()
    this.#inFlight = lane.commit(change)
    const outcome = await this.#inFlight
    this.#inFlight = undefined
    this.#dead = outcome.kind !== 'committed'
    const { onlyItem, reordered } = this.pending
    const stop = stopAfter(outcome, { entries, onlyItem, reordered })
    if (stop) return this.latch.trip(stop)
    const now = clock.now()
    this.#checkpoint = change.checkpoint
    if (change.skips?.length) this.tools.refused.poison = undefined
    pacer.committed(handled, startedAt, now)
    reporter.committed()
    await this.#yielder.turn()
  }

  /** A commit that D1 would not take any more is not sent: the next invocation makes it. */
  #requireStatements(effects: number): void {
    const { budget, isolation } = this.tools
    const progressed = isolation.advanced()
    if (budget.maySend(effects, progressed)) return
    this.#dead = true
    // Others have used them: at another time, and after whoever comes with it, there is room.
    const apart = progressed ? {} : { alone: true as const, waitMs: apartMs(Math.random) }
    this.latch.trip({ kind: 'interrupt', reason: 'budget', directiveMet: false, ...apart })
  }

  /** Nothing tells the slice to stop, and nothing is being committed. */
  requireReady(): void {
    this.latch.check()
    this.#requireAwaited()
  }

  /** One commit in flight: a second one would use the same seq. */
  #requireAwaited(): void {
    if (!this.#inFlight) return
    this.latch.break(
      new DogearError(
        'checkpoint_not_awaited',
        'A checkpoint was reached while another was being committed; await each step.set, step.advance and step.checkpoint',
      ),
    )
  }

  #covered(): Covered {
    return coveredBetween(this.#checkpoint.current, this.continuation.position)
  }

  #change(covered: Covered): Change {
    const checkpoint: Checkpoint = {
      ...this.continuation.level,
      ...(this.#started && { started: true }),
    }
    const advanced = this.pending.advanced && isOther(checkpoint, this.#checkpoint)
    return this.pending.take(checkpoint, covered, advanced)
  }

  #stopReason(now = this.tools.clock.now()): InterruptSignal | undefined {
    return this.#stops.reason(this.pending.items, this.continuation, now)
  }

  #mayAdd(): boolean {
    if (!this.#mayChangeOwn()) return false
    if (this.continuation.running !== undefined || this.#iterating) return true
    throw new DogearError(
      'effect_outside_step',
      'Effects were added outside any step, where code runs again on each resumption; expected them inside a step',
    )
  }

  #mayChangeOwn(): boolean {
    if (!this.mayChange()) return false
    this.callers.requireOwn()
    return true
  }
}
