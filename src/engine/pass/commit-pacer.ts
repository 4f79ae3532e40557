import type { CommitPolicy } from '../policies/commit-policy.ts'
import type { Pace } from '../run.ts'
import { CommitCost } from './commit-cost.ts'

/** The items of a commit should take so many times as long as its fixed part, so that this weighs little ... */
const OUTWEIGHS = 20
/** ... and this long at least: long enough to pay off, short enough to lose little. */
const TARGET_MS = 100
/** Unless the job says how much work a crash may repeat. */
const EVERY_MS = 500
const FIRST_SIZE = 250
const MAX_SIZE = 10_000
/** The most that one commit may be larger, or smaller, than the one before. */
const STEP = 4
/** A size that is so near to a better, larger one stays. */
const NEAR = 1.25
/** Effects beyond this are committed at once, so that a commit stays a few D1 parameters. In characters. */
const MAX_PENDING_CHARACTERS = 1_000_000
/** Statements beyond this are committed at once: an invocation has 1,000 in all. */
export const MAX_PENDING_STATEMENTS = 100
/** Where the way is as long, a turn of the event loop is cheap: the commit leaves while items are worked on. */
const FAR_MS = 5

/** Decides when gathered items are committed, and learns a good number of items from how long commits take. */
export class CommitPacer {
  readonly cost = new CommitCost()
  /** Items are worked on while a commit is under way. Not where each is to be durable before the next begins. */
  readonly overlaps: boolean
  readonly #everyItems: number | undefined
  readonly #everyMs: number
  #size = FIRST_SIZE
  /** After a commit was refused: no more items than this, twice as many after each that succeeds. */
  #cap: number
  /** What is gathered now was begun then, but for time that user code was kept waiting. */
  #gatheredSince: number
  /** The same of what is under way, if anything is. */
  #sentSince: number | undefined
  #sentAt = 0

  constructor({ everyItems, everyMs = EVERY_MS }: CommitPolicy, now: number, cap = Infinity) {
    this.overlaps = everyItems !== 1 && everyMs > 0
    this.#everyItems = everyItems
    this.#everyMs = everyMs
    this.#cap = cap
    this.#gatheredSince = now
  }

  /** Items of the next commit. */
  get size(): number {
    return Math.min(this.#everyItems ?? this.#size, this.#cap)
  }

  /** Undefined before the first commit. */
  get pace(): Pace | undefined {
    const { known, fixedMs } = this.cost
    return known ? { items: this.size, wayMs: Math.round(fixedMs) } : undefined
  }

  /** The database is so far away that a commit should leave at once. */
  get isFar(): boolean {
    return this.cost.fixedMs >= FAR_MS
  }

  /** What is gathered makes a commit. Runs once per item. */
  fills(items: number, effects: { characters: number; statements: number }, now: number): boolean {
    return (
      items >= this.size ||
      now - this.#gatheredSince >= this.#everyMs ||
      effects.characters >= MAX_PENDING_CHARACTERS ||
      effects.statements >= MAX_PENDING_STATEMENTS
    )
  }

  /** What is under way must be durable before more is done, or a crash would repeat too much. */
  mustWait(now: number): boolean {
    return this.#sentSince !== undefined && now - this.#sentSince >= this.#everyMs
  }

  /** A commit leaves, with all that was gathered until `takenAt`. */
  sent(takenAt: number, now: number): void {
    this.#sentAt = now
    this.#sentSince = now - (takenAt - this.#gatheredSince)
    this.#gatheredSince = now
  }

  /** `items`: those of the commit that was under way. */
  committed(items: number, now: number): void {
    this.#sentSince = undefined
    this.#cap *= 2
    this.cost.learn(items, now - this.#sentAt)
    this.#resize(items >= this.#size)
  }

  /** User code was kept waiting for so long. */
  waited(ms: number): void {
    this.#gatheredSince += ms
  }

  /** `full`: the last commit was as large as it could be. One that a step's end cut short allows no larger ones. */
  #resize(full: boolean): void {
    const { fixedMs, perItemMs } = this.cost
    const size = this.#size
    // As much again may be gathered while it is under way: together no more than a crash may repeat.
    const mostMs = Math.max(this.#everyMs / 2, TARGET_MS)
    const best = sizeFor(clamp(OUTWEIGHS * fixedMs, TARGET_MS, mostMs), perItemMs)
    const most = sizeFor(mostMs, perItemMs)
    // One that is larger than it need be costs nothing.
    if (size > most) this.#size = Math.max(best, Math.ceil(size / STEP))
    else if (full && best > size * NEAR) this.#size = Math.min(best, size * STEP)
  }
}

function sizeFor(ms: number, perItemMs: number): number {
  return clamp(Math.round(ms / perItemMs), 1, MAX_SIZE)
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
