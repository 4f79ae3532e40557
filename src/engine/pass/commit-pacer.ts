import type { CommitPolicy } from '../policies/commit-policy.ts'

/**
 * Beside the way to the database and back, a commit should take some tens of milliseconds, or as long as the
 * way: long enough to pay off, short enough to lose little.
 */
const TARGET_MS = 25
/** No way takes longer: what does is the work of the database. */
const MAX_WAY_MS = 500
/** A commit of so much fewer items than the one before ... */
const FEWER = 0.7
/** ... that takes so much of its time all the same is long for another reason than its items. */
const AS_LONG = 0.75
const FIRST_SIZE = 50
const MAX_SIZE = 500
/** Effects beyond this are committed at once, so that a commit stays a few D1 parameters. In characters. */
const MAX_PENDING_CHARACTERS = 1_000_000
/** Statements beyond this are committed at once: an invocation has 1,000 in all. */
export const MAX_PENDING_STATEMENTS = 100

/** Decides when gathered items are committed, and learns a good number of items from how long commits take. */
export class CommitPacer {
  readonly #policy: CommitPolicy
  #size: number
  /** After a commit was refused: no more items than this, twice as many after each that succeeds. */
  #cap: number
  #lastCommitAt: number
  /** The time that a commit takes however few items it has: the round trip, as far as it was seen. */
  #wayMs = MAX_WAY_MS
  #last = { items: 0, tookMs: 0 }

  constructor(policy: CommitPolicy, now: number, cap = Infinity) {
    this.#policy = policy
    this.#cap = cap
    this.#size = FIRST_SIZE
    this.#lastCommitAt = now
  }

  /** Runs once per item. */
  due(items: number, effects: { characters: number; statements: number }, now: number): boolean {
    return (
      items >= Math.min(this.#policy.everyItems ?? this.#size, this.#cap) ||
      now - this.#lastCommitAt >= (this.#policy.everyMs ?? 500) ||
      effects.characters >= MAX_PENDING_CHARACTERS ||
      effects.statements >= MAX_PENDING_STATEMENTS
    )
  }

  committed(items: number, startedAt: number, now: number): void {
    this.#lastCommitAt = now
    this.#cap *= 2
    const full = items >= this.#size
    const tookMs = now - startedAt
    this.#learnWay(items, tookMs)
    const factor = Math.max(TARGET_MS, this.#wayMs) / Math.max(1, tookMs - this.#wayMs)
    // A commit that was cut short by a step's end says nothing about larger ones.
    if (full || factor < 1)
      this.#size = clamp(Math.round(this.#size * clamp(factor, 0.5, 2)), 1, MAX_SIZE)
  }

  /** Where the way alone takes longer than a commit should, fewer items only mean more ways. */
  #learnWay(items: number, tookMs: number): void {
    const last = this.#last
    this.#last = { items, tookMs }
    const further = items <= last.items * FEWER && tookMs >= last.tookMs * AS_LONG
    this.#wayMs = Math.min(
      MAX_WAY_MS,
      further ? Math.max(this.#wayMs, tookMs) : this.#wayMs,
      tookMs,
    )
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
