/** So many commits are looked at: a change is learned after half of them. */
const WINDOW = 7
/** No way takes longer: what does is the work of the database. */
const MAX_FIXED_MS = 500
/** A commit that takes so many times as long as it should is a stall of the database, unless the next does, too. */
const STALLED = 3
/** Numbers of items that differ by less say nothing about what an item costs. */
const APART = 1.2

interface Measured {
  items: number
  tookMs: number
}

/**
 * Learns what a commit costs: a fixed part, which is the way to the database and its durability, and a part
 * for each item. By the median of slopes (Theil and Sen), which single slow commits do not bend.
 */
export class CommitCost {
  #seen: Measured[] = []
  #doubted: Measured | undefined
  /** The time that a commit takes however few items it has; 0 while nothing is known. */
  fixedMs = 0
  /** The time for each item more; 0 while nothing is known, or too small to be seen. */
  perItemMs = 0

  get known(): boolean {
    return this.#seen.length > 0
  }

  learn(items: number, tookMs: number): void {
    const measured = { items, tookMs }
    if (this.#stalled(measured) && !this.#doubted) {
      this.#doubted = measured
      return
    }
    const seen = this.#doubted && this.#stalled(measured) ? [this.#doubted, measured] : [measured]
    this.#doubted = undefined
    this.#seen = [...this.#seen, ...seen].slice(-WINDOW)
    this.#fit()
  }

  /** The time that a commit of so many items is expected to take. */
  of(items: number): number {
    return this.fixedMs + items * this.perItemMs
  }

  #stalled({ items, tookMs }: Measured): boolean {
    return this.#seen.length > 0 && tookMs > STALLED * Math.max(this.of(items), 5)
  }

  #fit(): void {
    const slopes = this.#seen.flatMap((one, index) =>
      this.#seen.slice(index + 1).flatMap((other) => slope(one, other)),
    )
    if (slopes.length > 0) this.perItemMs = Math.max(0, median(slopes))
    this.fixedMs = Math.max(0, median(this.#rests(this.perItemMs)))
    if (this.fixedMs <= MAX_FIXED_MS) return
    this.fixedMs = MAX_FIXED_MS
    const shares = this.#seen.flatMap(({ items, tookMs }) =>
      items > 0 ? [(tookMs - MAX_FIXED_MS) / items] : [],
    )
    if (shares.length > 0) this.perItemMs = Math.max(0, median(shares))
  }

  #rests(perItemMs: number): number[] {
    return this.#seen.map(({ items, tookMs }) => tookMs - items * perItemMs)
  }
}

function slope(one: Measured, other: Measured): number[] {
  const [fewer, more] = one.items < other.items ? [one, other] : [other, one]
  if (more.items < APART * fewer.items + 1) return []
  return [(more.tookMs - fewer.tookMs) / (more.items - fewer.items)]
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] as number
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2
}
