import type { Clock } from '../clock.ts'

/** So long a slice goes on before it lets other work of its isolate have its turn. */
const YIELD_EVERY_MS = 30

const MAX_TURNS = 5

/** Gives way now and then: a tight loop of awaited D1 calls would starve everything else in a local isolate. */
export class Yielder {
  readonly #clock: Clock
  readonly #others: () => number
  #yieldedAt: number

  /** `others`: how many requests this isolate is answering. */
  constructor(clock: Clock, others: () => number) {
    this.#clock = clock
    this.#others = others
    this.#yieldedAt = clock.now()
  }

  /** One turn lets a request come in; while one is being answered, it gets more. Each costs about 1.5 ms. */
  async turn(): Promise<void> {
    if (this.#clock.now() - this.#yieldedAt < YIELD_EVERY_MS) return
    let turns = 0
    do await this.#clock.wait(0)
    while (this.#others() > 0 && ++turns < MAX_TURNS)
    this.#yieldedAt = this.#clock.now()
  }
}
