import type { Clock } from '../clock.ts'
import type { Throttled } from '../enumerators/enumerator.ts'
import type { PassOver } from '../drive/run-record.ts'
import { enumeratorsOf } from '../enumerators/index.ts'
import { type RunError, serializeError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { RunContext } from '../job/context.ts'
import type { AskedInterrupt } from '../policies/resume-policy.ts'
import type { Style } from '../run.ts'
import type { Redact } from '../sensitive.ts'
import { Continuation } from '../steps/continuation.ts'
import { migrateCheckpoint, migrateResults, requireStyle } from '../steps/migration.ts'
import { itemKey, NOTHING_COVERED } from '../steps/position.ts'
import type { Change, LanePlan } from '../store/change.ts'
import { Callers } from './callers.ts'
import { CommitWriter } from './commit-writer.ts'
import type { PassDeps } from './deps.ts'
import { Latch } from './latch.ts'
import { Lent } from './lent.ts'
import { NextRow } from './next-row.ts'
import { passLane, type PassLane } from './pass-lane.ts'
import { PendingCommit } from './pending-commit.ts'
import { standStill } from './stand-still.ts'
import { StopConditions } from './stop-conditions.ts'
import type { InterruptSignal } from './stop-signal.ts'

/** Options of settling a checkpoint. */
interface Settling {
  asked?: AskedInterrupt | undefined
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
  /** Encoded results of completed steps. */
  readonly results: ReadonlyMap<string, string>
  readonly pending: PendingCommit
  readonly callers = new Callers()
  readonly style: Style
  readonly clock: Clock
  readonly emit: Emit
  readonly redact: Redact
  /** Set when an item told the iteration to end. */
  aborted: { complete: boolean } | undefined
  readonly lent = new Lent(this)
  readonly #deps: PassDeps
  readonly #stops: StopConditions
  readonly #writer: CommitWriter

  readonly nextRow = new NextRow()

  constructor(deps: PassDeps) {
    const { job, lane } = deps
    this.#deps = deps
    this.style = job.body.style
    this.clock = deps.clock
    this.emit = deps.emit
    this.redact = deps.redact
    requireStyle(lane.state.checkpoint, this.style)
    const checkpoint = migrateCheckpoint(lane.state.checkpoint, job.steps)
    this.results = migrateResults(lane.state.results, job.steps)
    this.continuation = new Continuation(checkpoint, job.steps)
    this.pending = new PendingCommit(job, lane, deps.redact, deps.refused.inOrder)
    this.#stops = new StopConditions(deps)
    this.#writer = new CommitWriter(deps, this.latch, this.continuation, this.pending, checkpoint)
    this.context = {
      params: deps.params,
      env: deps.env,
      run: deps.run,
      enumerators: enumeratorsOf(
        (mark) => this.#standStillByHand(mark),
        (after) => this.nextRow.noteStart(after),
      ),
      ...this.lent.changing(this.pending),
    }
  }

  get started(): boolean {
    return this.#writer.started
  }

  /** This pass's lane among those of its run. */
  get lanes(): PassLane {
    return passLane(this.#deps)
  }

  /** Nothing of this pass can be written any more. */
  get dead(): boolean {
    return this.#writer.dead
  }

  /** Items done in the run, those not committed yet included. */
  get done(): number {
    return this.#deps.lane.state.done + this.pending.items
  }

  /** Items that the run is expected to have; null while nobody has said. */
  get total(): number | null {
    return this.pending.total ?? this.#deps.lane.state.total
  }

  /** Somebody listens to events of single items. */
  get itemEvents(): boolean {
    return this.#deps.itemEvents
  }

  /** The skipped items that this run handles again; null for a run that walks by itself. */
  get redrive(): PassDeps['redrive'] {
    return this.#deps.redrive
  }

  /** The run's interruptions so far, and the time that it was worked on. */
  get history(): ReturnType<PassDeps['history']> {
    return this.#deps.history()
  }

  /** An error as events tell it. */
  shown(error: Error): RunError {
    return serializeError(error, this.redact)
  }

  /** The same for one item in every attempt; `cursor` is the item's, `depth` that of its step. */
  idempotencyKey(cursor: string | null, depth: number): string {
    if (this.latch.told) this.latch.refuse()
    return `${this.#deps.run.id}/${itemKey(this.continuation.position, cursor, depth)}`
  }

  /** False for what is to be dropped silently: user code goes on although it was asked to stop. */
  mayChange(): boolean {
    if (!this.latch.told) return true
    this.latch.refuse()
    return false
  }

  /** True when an item told the iteration to end: its turn has come. */
  aborts(attempt: { readonly aborted: { complete: boolean } | undefined } | undefined): boolean {
    this.aborted = attempt?.aborted
    return this.aborted !== undefined
  }

  /** The slice is to stop, or will be once so many items more are done. */
  stopsAfter(items: number, counts: boolean): boolean {
    const { budget } = this.#deps
    return (
      this.#stopReason() !== undefined ||
      (counts && this.#stops.enough(this.pending.items + items)) ||
      budget.exhausted(this.clock.now(), items)
    )
  }

  /** The slice is to stop, and need not do so at this very item. */
  get mayStopLater(): boolean {
    return this.#stopReason()?.directiveMet === false
  }

  /** A walk that has handled no item here may stop only where the slice has got somewhere, or people ask. */
  get mayStopHere(): boolean {
    return this.#deps.budget.items > 0 || this.#deps.reporter.stop !== null
  }

  /** The error by which D1 refused the effects of this item alone, which is to be skipped for it. */
  poisonAt(step: string, cursor: string): Error | undefined {
    const { poison } = this.#deps.refused
    return poison?.cursor === cursor && poison.step === step ? poison.error : undefined
  }

  /** The name of an item of a walk, within the run. `depth`: how many steps are around the one that walks. */
  placeOf(cursor: string, depth: number): string {
    return itemKey(this.continuation.position, cursor, depth)
  }

  /** What a person has asked for, when it is this item that is not to be handled. */
  toPassOver(cursor: string, depth: number): PassOver | undefined {
    const { passOver } = this.#deps
    return passOver && passOver.place === this.placeOf(cursor, depth) ? passOver : undefined
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
    const { budget, pacer, clock } = this.#deps
    budget.items += items
    this.pending.mark(items, counts)
    this.#stops.arrived(this.continuation, items)
    const now = clock.now()
    return this.#fills(now) || pacer.mustWait(now) || this.#stopReason(now) !== undefined
  }

  /**
   * Commits what is due and, when something asks the slice to stop, stops it here: `asked` is the job
   * itself. `beforeStop` lets go of what only a slice that goes on needs.
   */
  async settle({ asked, beforeStop }: Settling = {}): Promise<void> {
    const reason = () => this.#stopReason() ?? (asked && OWN_STOP)
    if (!reason()) await this.#writer.commitDue(this.#fills(this.clock.now()))
    const stop = reason()
    if (!stop) return
    await this.commit()
    await this.#writer.commitStanding()
    await beforeStop?.()
    // People's stops have no wait.
    const waits = stop.reason !== 'pause' && stop.reason !== 'cancel'
    this.latch.trip({ ...stop, ...(waits && asked) })
  }

  /** Commits, and stops the slice here: where the block of the step under way has begun, or before that. */
  async stop(signal: Omit<InterruptSignal, 'kind'>, { begun = true } = {}): Promise<never> {
    await this.commit()
    if (begun) await this.#writer.commitStanding()
    return this.latch.trip({ kind: 'interrupt', ...signal })
  }

  /** True when the slice must stop before this outermost step: isolated steps have slices of their own. */
  isolates(isolated: boolean): boolean {
    return this.#deps.isolation.endsBefore(isolated)
  }

  /**
   * True when the run has come to the point that the directive names, with a cursor by a walk's item, or
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
    const { covered } = this.#writer
    this.continuation.complete(step)
    this.pending.advanced = true
    this.pending.addResult(key, result)
    await this.#writer.write(covered)
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

  /** Records that `onStart` has run, with its effects, and where the walk is cut into lanes. */
  async completeStart(plan?: LanePlan): Promise<void> {
    if (this.latch.told) return this.latch.hold()
    this.#writer.started = true
    this.pending.plan = plan
    await this.#writer.write(NOTHING_COVERED)
  }

  /** After an error: drops the failed item's effects and keeps what was done before it. */
  async salvage(): Promise<void> {
    this.pending.salvage()
    this.continuation.retreat()
    await this.#writer.commitAttributes()
  }

  /** Commits everything gathered, if there is anything. */
  commit(): Promise<void> {
    return this.#writer.commit()
  }

  /** Commits what `onShutdown` has left behind, attributes alone included: no checkpoint follows it. */
  commitShutdown(): Promise<void> {
    return this.#writer.commitAttributes()
  }

  /**
   * User code has come to its end: what it left running can add and commit nothing any more, and what
   * it had under way is waited for.
   */
  async quiet(): Promise<void> {
    this.latch.close()
    await this.#writer.quiet()
  }

  /** Resolves once all that was committed is durable; throws when a commit has failed. */
  answered(): Promise<void> {
    return this.#writer.answered()
  }

  /** The change that is left for the end commit to write. */
  takeEnd(): Change {
    return this.#writer.takeEnd(this.aborted !== undefined)
  }

  /** Nothing tells the slice to stop, and nothing is being committed. */
  requireReady(): void {
    this.latch.check()
    this.#writer.requireReady()
  }

  /** What was gathered makes a commit. */
  #fills(now: number): boolean {
    const { pacer, budget } = this.#deps
    const { size, effects } = this.pending
    return pacer.fills(size, effects, now) || budget.isFilledBy(effects.statements)
  }

  #stopReason(now = this.clock.now()): InterruptSignal | undefined {
    return this.#stops.reason(this.pending.items, this.continuation, now)
  }

  /**
   * Stops for a loop of the author's, which is at no checkpoint: what it has gathered since its last one
   * belongs to an item whose cursor has not moved, and that one will be handled again.
   */
  async #standStillByHand(mark: Throttled): Promise<never> {
    if (this.latch.told) return this.latch.hold()
    this.pending.rollback()
    return standStill(this, mark, this.continuation.cursor)
  }
}
