import { Random } from '../random.ts'

/** The distance to one kind of binding: half a round trip there, half back, with jitter. */
export class Distance {
  readonly #halfMs: number
  readonly #jitter: number
  readonly #random: Random
  readonly #pass: (ms: number) => Promise<void>

  constructor(
    roundTripMs: number,
    { jitter = 0, seed = 1 }: { jitter?: number | undefined; seed?: number | undefined },
    pass: (ms: number) => Promise<void>,
  ) {
    this.#halfMs = roundTripMs / 2
    this.#jitter = jitter
    this.#random = new Random(seed)
    this.#pass = pass
  }

  /** A call over there, and its answer; an error is an answer, too. */
  async call<T>(work: () => Promise<T>): Promise<T> {
    await this.#way()
    try {
      return await work()
    } finally {
      await this.#way()
    }
  }

  /** All of the way, for what is not answered. */
  async oneWay(): Promise<void> {
    await this.#way()
    await this.#way()
  }

  #way(): Promise<void> {
    if (this.#halfMs === 0) return Promise.resolve()
    const part = this.#jitter === 0 ? 0 : this.#jitter * (2 * this.#random.next() - 1)
    return this.#pass(this.#halfMs * (1 + part))
  }
}
