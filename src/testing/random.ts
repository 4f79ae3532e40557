/** Random numbers that follow from a seed: the same seed gives the same faults, on every machine. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 up to 1, exclusive (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let bits = this.#state
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1)
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61)
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number from 0 up to `limit`, exclusive. */
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** One of `choices`, which must not be empty. */
  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new RangeError('pick got no choices; expected at least one')
    return choices[this.below(choices.length)] as T
  }

  /** A copy of `items` in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items]
    const order: T[] = []
    while (left.length > 0) order.push(...left.splice(this.below(left.length), 1))
    return order
  }
}

/** The rate of faults, and their kinds. */
export interface SeededFaults<Fault> {
  seed: number
  /** Share of the calls that meet a fault. @default 0.1 */
  rate?: number
  faults?: readonly Fault[]
}
