import type { Clock } from '../clock.ts'

/** How long a slice goes on before it lets other work of its isolate have its turn. */
const BREATHE_EVERY_MS = 30

const MAX_TURNS = 5

/** A tight loop of awaited D1 calls would starve everything else in a local isolate: it takes a breath. */
export class Breath {
  readonly #clock: Clock
  readonly #others: () => number
  #takenAt: number

  /** `others`: how many requests this isolate is answering. */
  constructor(clock: Clock, others: () => number) {
    this.#clock = clock
    this.#others = others
    this.#takenAt = clock.now()
  }

  /** One turn lets a request come in; while one is being answered, it gets more. Each costs about 1.5 ms. */
  async take(): Promise<void> {
    if (this.#clock.now() - this.#takenAt < BREATHE_EVERY_MS) return
    let turns = 0
    do await this.#clock.wait(0)
    while (this.#others() > 0 && ++turns < MAX_TURNS)
    this.#takenAt = this.#clock.now()
  }
}
