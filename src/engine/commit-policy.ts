/**
 * How often to commit: the trade of checkpoint frequency against overhead. Whichever limit is reached
 * first makes the next checkpoint a commit.
 */
export interface CommitPolicy {
  /** Commit after this many items; 1 makes each item durable. @default adaptive */
  everyItems?: number
  /** Commit when this much time has passed since the last commit. @default 500 */
  everyMs?: number
}

/** A commit should take some tens of milliseconds: long enough to pay off, short enough to lose little. */
const TARGET_MS = 25
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
    const factor = TARGET_MS / Math.max(1, now - startedAt)
    // A commit that was cut short by a step's end says nothing about larger ones.
    if (full || factor < 1)
      this.#size = clamp(Math.round(this.#size * clamp(factor, 0.5, 2)), 1, MAX_SIZE)
  }
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
