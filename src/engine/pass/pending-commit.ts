import { DogearError, type RunError } from '../errors.ts'
import { PendingEffects } from './pending-effects.ts'
import type { Job } from '../job/job.ts'
import type { Redact } from '../sensitive.ts'
import type { Checkpoint } from '../steps/continuation.ts'
import type { Covered } from '../steps/position.ts'
import type { Change, LanePlan, StepResult } from '../store/change.ts'
import type { Lane } from '../store/store.ts'
import { RunAttributes } from './attributes.ts'
import { type NewSkip, PendingSkips } from './pending-skips.ts'
import type { Walked, WalkedItem } from './stop-signal.ts'

/** All that the commit to come will write: what items have gathered since the last one. */
export class PendingCommit {
  readonly effects: PendingEffects
  readonly #skips: PendingSkips
  readonly attributes: RunAttributes | undefined
  /** Items done, as the run's progress counts them. */
  items = 0
  /** Items done in steps that do not count theirs. */
  uncounted = 0
  /** Items handled: one that counts as many is one of these. */
  entries = 0
  /** The checkpoint has changed: the cursor has moved, or a step inside has ended. */
  moved = false
  /** The run has got further: not so when a cursor was set to what it was. */
  advanced = false
  total: number | undefined
  /** Where the walk is cut into lanes, once it is. */
  plan: LanePlan | undefined
  readonly #lane: Pick<Lane, 'state'>
  #marks = 0
  /** The first item since the last commit, when nothing but its own effects came before its mark. */
  #alone: { item: WalkedItem; statements: number; characters: number } | undefined
  /** Of the commit that was taken last: its one item, when all its effects were that item's own. */
  onlyItem: WalkedItem | undefined
  /** Of the commit that was taken last: rows of its effects passed statements of items before. */
  reordered = false
  #stepResults: StepResult[] = []

  /** `inOrder`: no effect may pass another one. */
  constructor(
    { name, skip, attributes }: Pick<Job, 'name' | 'skip' | 'attributes'>,
    lane: Pick<Lane, 'state'>,
    redact: Redact,
    inOrder: boolean,
  ) {
    this.#lane = lane
    this.effects = new PendingEffects({ inOrder })
    this.#skips = new PendingSkips(name, skip, redact)
    this.attributes = attributes && new RunAttributes(attributes, lane.state.attributes)
  }

  /** A checkpoint that changes nothing needs no commit. */
  get empty(): boolean {
    return this.handled === 0 && this.effects.empty && !this.moved && this.#skips.count === 0
  }

  expectTotal(total: number): void {
    if (!Number.isSafeInteger(total) || total < 0) {
      throw new DogearError(
        'invalid_params',
        `expectTotal got ${total}; expected a whole number from 0 up`,
      )
    }
    this.total ??= total
  }

  get hasEffects(): boolean {
    return !this.effects.empty
  }

  /** The number of attempts at an item before it is skipped. */
  get attempts(): number {
    return this.#skips.attempts
  }

  /** True for an error that its item may be skipped for. */
  tolerates(error: Error): boolean {
    return this.#skips.tolerates(error)
  }

  /** Items done, whether or not they count. */
  get handled(): number {
    return this.items + this.uncounted
  }

  /** Items, or checkpoints without one, since the last commit was due. */
  get size(): number {
    return Math.max(this.handled, this.#marks)
  }

  /** Everything up to here belongs to items that are done. */
  mark(items: number, counts: boolean): void {
    if (counts) this.items += items
    else this.uncounted += items
    if (items > 0) this.entries += 1
    this.#marks += 1
    this.effects.mark()
    this.attributes?.keep()
  }

  /** A walk begins: what was gathered before it is not its first item's. */
  beginWalk(): void {
    this.effects.mark()
    this.attributes?.mark()
  }

  /** To be called before an item's own `mark`. */
  noteItem({ step, depth, pass }: Walked, cursor: string, hadEffects: boolean): void {
    const { statements, characters } = this.effects
    const first = this.entries === 0 && !hadEffects
    const place = first ? pass.placeOf(cursor, depth) : ''
    this.#alone = first ? { item: { step, cursor, place }, statements, characters } : undefined
  }

  /** After an error: keeps what belongs to items that are done, and nothing when there are none. */
  salvage(): void {
    if (this.handled > 0 || this.#marks > 0 || this.#skips.count > 0) return this.rollback()
    this.effects.clear()
    this.attributes?.revert()
  }

  /** Takes back what was gathered since the mark: what an item that failed has left behind. */
  rollback(): void {
    this.effects.rollback()
    this.attributes?.rollback()
  }

  /** A step's result, encoded; without one, what is stored under its name is forgotten. */
  addResult(step: string, result: string | undefined): void {
    this.#stepResults = this.#stepResults.filter((known) => known.step !== step)
    const stored = this.#lane.state.results.has(step)
    if (result !== undefined || stored) this.#stepResults.push({ step, result: result ?? null })
  }

  /** Forgets the results of steps inside a step, whose item is done. */
  forgetResults(prefix: string): void {
    const stored = [...this.#lane.state.results.keys()].filter((step) => step.startsWith(prefix))
    this.#stepResults = this.#stepResults.filter(({ step }) => !step.startsWith(prefix))
    for (const step of stored) this.#stepResults.push({ step, result: null })
  }

  /** Characters of the run's results, with those of this commit, but for one of them. */
  resultsLength(except: string): number {
    const lengths = new Map(
      [...this.#lane.state.results].map(([step, { length }]) => [step, length]),
    )
    for (const { step, result } of this.#stepResults) lengths.set(step, result?.length ?? 0)
    lengths.delete(except)
    return [...lengths.values()].reduce((sum, length) => sum + length, 0)
  }

  /**
   * Records an item as failed; throws `skips_exhausted` when that is more than the job tolerates. Of other lanes it
   * counts what they had skipped when the slice began.
   */
  skip(skip: NewSkip, thrown: Error | RunError): void {
    this.rollback()
    const { done, skipped, othersDone, othersSkipped } = this.#lane.state
    this.#skips.add(skip, thrown, {
      done: done + this.items + othersDone,
      skipped: skipped + othersSkipped,
    })
  }

  /** A commit was asked for: checkpoints are counted again, whether or not there is anything to write. */
  settled(): void {
    this.#marks = 0
  }

  /**
   * Hands everything over and starts again. `further`: the checkpoint is another one than the last. Progress
   * is a finished step or item, a moved cursor, or a changed attribute; effects alone are none, or a run
   * that fails behind a bare checkpoint would be tried for ever.
   */
  take(checkpoint: Checkpoint, covered: Covered, further: boolean): Change {
    const { statements, characters } = this.effects
    const own = this.#alone?.statements === statements && this.#alone.characters === characters
    this.onlyItem = this.entries === 1 && own ? this.#alone?.item : undefined
    this.#alone = undefined
    this.reordered = this.effects.reordered
    const progress =
      (this.advanced && further) || this.#skips.count > 0 || this.attributes?.changed === true
    this.attributes?.commit()
    const attributes = this.attributes?.encoded()
    const { plan } = this
    this.plan = undefined
    const change: Change = {
      effects: this.effects.take(),
      checkpoint,
      items: this.items,
      progress,
      stepResults: this.#stepResults,
      skips: this.#skips.take(),
      ...(this.total !== undefined && { total: this.total }),
      ...(plan && { plan }),
      ...(attributes !== undefined && attributes !== this.#lane.state.attributes && { attributes }),
      ...covered,
    }
    this.#stepResults = []
    this.items = 0
    this.uncounted = 0
    this.entries = 0
    this.#marks = 0
    this.moved = this.advanced = false
    return change
  }
}
