/** Our own patience with D1 ran out. The statement may still land. */
export class D1Timeout extends Error {
  override readonly name = 'D1Timeout'
}

/** Gives up on `work` after `ms`. What was given up may still happen later, so the outcome is unknown. */
export async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  const patience = new Patience(ms)
  try {
    return await patience.with(work)
  } finally {
    patience.end()
  }
}

/**
 * Patience with D1's answers, of which one is waited for at a time. One timer serves them all: a timer
 * of its own for each call would cost a tenth of what a small commit costs.
 */
export class Patience {
  readonly #ms: number
  #timer: ReturnType<typeof setTimeout> | undefined
  #giveUpAt = 0
  #giveUp: ((reason: D1Timeout) => void) | undefined

  constructor(ms: number) {
    this.#ms = ms
  }

  /** Throws `D1Timeout` when `work` has not answered in time. */
  async with<T>(work: Promise<T>): Promise<T> {
    this.#giveUpAt = Date.now() + this.#ms
    this.#timer ??= setTimeout(() => this.#ring(), this.#ms)
    const timeout = new Promise<never>((_resolve, reject) => {
      this.#giveUp = reject
    })
    try {
      return await Promise.race([work, timeout])
    } finally {
      this.#giveUp = undefined
      work.catch(() => undefined)
    }
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #ring(): void {
    this.#timer = undefined
    if (!this.#giveUp) return
    const left = this.#giveUpAt - Date.now()
    if (left > 0) this.#timer = setTimeout(() => this.#ring(), left)
    else this.#giveUp(new D1Timeout(`D1 gave no answer within ${this.#ms} ms`))
  }
}
