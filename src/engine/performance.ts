import type { Budget } from './budget.ts'
import { Breath, type Clock } from './clock.ts'
import type { Change, CommitOutcome, HeldLane } from './commit.ts'
import type { CommitPacer } from './commit-policy.ts'
import { Continuation, type Checkpoint } from './continuation.ts'
import { effectsInto, PendingEffects } from './effects.ts'
import { enumerators } from './enumerators/index.ts'
import { DogearError } from './errors.ts'
import type { Job, RunContext, RunInfo } from './job.ts'
import { Latch, type StopSignal } from './latch.ts'
import type { Claim } from './protocol.ts'
import type { Reporter } from './reporter.ts'
import { StopConditions } from './stop-conditions.ts'

/** What a performance works with; the same for all performances of one slice. */
export interface Tools {
  job: Job
  params: unknown
  /** With a metered `DB`. */
  env: Cloudflare.Env
  run: RunInfo
  lane: HeldLane
  budget: Budget
  pacer: CommitPacer
  reporter: Reporter
  clock: Clock
  /** How many requests this isolate is answering. */
  others: () => number
  interrupt: Extract<Claim, { ok: true }>['interrupt']
}

/** The range of cursors that a commit covers. */
type Covered = Pick<Change, 'step' | 'fromCursor' | 'toCursor'>

/** How long to stand back when the invocation's or the day's D1 statements are used up. */
const SPENT_WAIT_MS = 60_000

/**
 * One pass of user code from a checkpoint: gathers effects, commits them with the checkpoint, and stops
 * at a checkpoint when something asks for it. After a commit of unknown outcome the slice throws this
 * object away with all it holds (also the page read ahead), raises, and starts another.
 */
export class Performance {
  readonly latch = new Latch()
  readonly continuation: Continuation
  readonly context: RunContext<unknown>
  readonly tools: Tools
  readonly #stops: StopConditions
  readonly #pending = new PendingEffects()
  #checkpoint: Checkpoint
  #current: { step: string; cursor: string | null } | undefined
  #started: boolean
  #moved = false
  #iterating = false
  /** Where the last finished item left the cursor. */
  #arrived: { step: string; cursor: string | null } | undefined
  #items = 0
  readonly #breath: Breath
  #marks = 0
  #inFlight: Promise<CommitOutcome> | undefined
  #total: number | undefined
  #released = false

  constructor(tools: Tools) {
    const { checkpoint } = tools.lane.truth
    this.tools = tools
    this.#stops = new StopConditions(tools)
    this.#breath = new Breath(tools.clock, tools.others)
    this.#checkpoint = checkpoint
    this.#current = checkpoint.current
    this.#arrived = checkpoint.current
    this.#started = checkpoint.started === true
    this.continuation = new Continuation(checkpoint)
    this.context = {
      params: tools.params,
      env: tools.env,
      effects: effectsInto(this.#pending, () => this.#requireInside()),
      run: tools.run,
      enumerators,
      expectTotal: (total) => this.expectTotal(total),
    }
  }

  get started(): boolean {
    return this.#started
  }

  get current(): { step: string; cursor: string | null } | undefined {
    return this.#current
  }

  /** The same for one item in every attempt. */
  idempotencyKey(cursor: string | null): string {
    return `${this.tools.run.id}/${this.#current?.step ?? ''}/${cursor ?? 'start'}`
  }

  expectTotal(total: number): void {
    if (!Number.isSafeInteger(total) || total < 0) {
      throw new DogearError(
        'invalid_params',
        `expectTotal got ${total}; expected a whole number from 0 up`,
      )
    }
    this.#total ??= total
  }

  /** Makes `step` the current one, where it starts or resumes; its cursor is encoded. */
  enter(step: string, cursor: string | null): void {
    this.#current = { step, cursor }
    this.#arrived = this.#current
  }

  /** From here on an iteration's effects belong to an item or to `onStart`, which run once. */
  beginIterating(): void {
    this.#iterating = true
  }

  /** Moves the current step's cursor. */
  move(cursor: string): void {
    if (!this.#current) return
    this.#moved ||= cursor !== this.#current.cursor
    this.#current = { step: this.#current.step, cursor }
  }

  /**
   * Counts handled items. True when the checkpoint must be settled: something is due to be committed,
   * or to be stopped for. Synchronous, because it runs once per item.
   */
  arrive(items: number): boolean {
    this.requireReady()
    const { budget, pacer, clock } = this.tools
    this.#items += items
    this.#marks += 1
    budget.items += items
    this.#pending.mark()
    this.#arrived = this.#current
    const now = clock.now()
    return (
      pacer.due(Math.max(this.#items, this.#marks), this.#pending, now) ||
      this.#stopReason(now) !== undefined
    )
  }

  /** Commits what is due and, when something asks the slice to stop, stops it here. */
  async settle(): Promise<void> {
    await this.commit()
    const stop = this.#stopReason()
    if (stop) this.latch.trip(stop)
  }

  /** Stops before an item that a directive names. */
  async stopBefore(): Promise<never> {
    await this.commit()
    return this.latch.trip({ kind: 'interrupt', reason: 'signal', directiveMet: true })
  }

  /** Interrupts the slice; the run goes on after `waitMs`. */
  async standStill(waitMs: number): Promise<never> {
    await this.commit()
    return this.latch.trip({ kind: 'interrupt', reason: 'throttle', directiveMet: false, waitMs })
  }

  /** Whether the directive names this (encoded) cursor or one before it. */
  reached(cursor: string | null): boolean {
    return this.#stops.reached(cursor)
  }

  /** The commit that ends a step; always one, also without effects. */
  async completeStep(step: string, result: string | undefined): Promise<void> {
    this.latch.check()
    this.continuation.complete(step)
    const covered = this.#covered()
    this.#current = undefined
    await this.#write({ ...covered, ...(result !== undefined && { stepResult: { step, result } }) })
  }

  /** Records that `onStart` has run, with its effects. */
  async completeStart(): Promise<void> {
    this.latch.check()
    this.#started = true
    await this.#write({ step: null, fromCursor: null, toCursor: null })
  }

  /** After an error: drops the failed item's effects and keeps what was done before it. */
  async salvage(): Promise<void> {
    this.#pending.rollback()
    this.#current = this.#arrived
    this.continuation.abandon()
    await this.commit()
  }

  /** Commits everything gathered, if there is anything. */
  async commit(): Promise<void> {
    this.#marks = 0
    // A checkpoint that changes nothing is no progress; as a commit it would look like some.
    if (this.#items === 0 && this.#pending.empty && !this.#moved) return
    await this.#write(this.#covered())
  }

  /**
   * User code has come to its end: what it left running can add and commit nothing any more, and what
   * it had under way is waited for.
   */
  async quiet(): Promise<void> {
    this.latch.close()
    await this.#inFlight
  }

  /** What the hooks that run after `perform` get, also when the slice was told to stop. */
  hookContext(): RunContext<unknown> {
    this.latch.signal = undefined
    return { ...this.context, effects: effectsInto(this.#pending, () => this.#requireOpen()) }
  }

  /** After this the hooks' effects throw, too. */
  release(): void {
    this.#released = true
  }

  /** What is left to be written by the end commit. */
  takeEnd(): Change {
    return this.#change({ step: null, fromCursor: null, toCursor: null })
  }

  async #write(extra: Covered & Pick<Change, 'stepResult'>): Promise<void> {
    const { lane, pacer, reporter, clock, budget } = this.tools
    this.#requireAwaited()
    budget.bytes += this.#pending.characters
    const change = this.#change(extra)
    const startedAt = clock.now()
    this.#inFlight = lane.commit(change)
    const outcome = await this.#inFlight
    this.#inFlight = undefined
    switch (outcome.kind) {
      case 'committed':
        break
      case 'guard':
      case 'unknown':
        return this.latch.trip({ kind: 'rewind', cause: outcome.error })
      case 'refused':
        return this.latch.trip({ kind: 'refused', error: outcome.error as Error })
      case 'spent':
        return this.latch.trip({
          kind: 'interrupt',
          reason: 'throttle',
          directiveMet: false,
          waitMs: SPENT_WAIT_MS,
        })
    }
    this.#checkpoint = change.checkpoint
    pacer.committed(change.items, startedAt, clock.now())
    reporter.committed()
    await this.#breath.take()
  }

  /** Nothing tells the slice to stop, and nothing is being committed. */
  requireReady(): void {
    this.latch.check()
    this.#requireAwaited()
  }

  /** One commit in flight: a second one would use the same seq. */
  #requireAwaited(): void {
    if (!this.#inFlight) return
    throw new DogearError(
      'checkpoint_not_awaited',
      'A checkpoint was reached while another was being committed; await each step.set, step.advance and step.checkpoint',
    )
  }

  /** The range of cursors between the last commit of the current step and now. */
  #covered(): Covered {
    const step = this.#current?.step ?? null
    const before = this.#checkpoint.current
    return {
      step,
      fromCursor: before?.step === step ? before.cursor : null,
      toCursor: this.#current?.cursor ?? null,
    }
  }

  #change(extra: Covered & Pick<Change, 'stepResult'>): Change {
    const change: Change = {
      effects: this.#pending.take(),
      checkpoint: {
        completed: [...this.continuation.completed],
        ...(this.#current && { current: this.#current }),
        ...(this.#started && { started: true as const }),
      },
      items: this.#items,
      ...(this.#total !== undefined && { total: this.#total }),
      ...extra,
    }
    this.#items = 0
    this.#marks = 0
    this.#moved = false
    return change
  }

  #stopReason(now = this.tools.clock.now()): StopSignal | undefined {
    return this.#stops.reason(this.#items, this.#current?.cursor ?? null, now)
  }

  #requireInside(): void {
    this.latch.check()
    if (this.continuation.running !== undefined || this.#iterating) return
    throw new DogearError(
      'effect_outside_step',
      'Effects were added outside any step, where code runs again on each resumption; expected them inside a step',
    )
  }

  #requireOpen(): void {
    if (this.#released)
      throw new DogearError(
        'run_released',
        'The slice has been released; its effects can do nothing any more',
      )
  }
}
