const SILENCE = new Promise<never>(() => undefined)

/**
 * Whether a slice still lives. One that is killed is like a process that was: what it has sent may land,
 * but it sends nothing more and hears nothing more, and nobody is told. Its lease runs out.
 */
export class Life {
  /** Resolves when the slice is killed. */
  readonly ended: Promise<undefined>
  readonly #end: (value: undefined) => void
  #dead = false

  constructor() {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.ended = promise
    this.#end = resolve
  }

  get dead(): boolean {
    return this.#dead
  }

  kill(): void {
    this.#dead = true
    this.#end(undefined)
  }

  /** The answer of `work`, which the dead do not begin, and whose answer they do not hear. */
  async whileAlive<T>(work: () => Promise<T>): Promise<T> {
    if (this.#dead) return SILENCE
    try {
      const answer = await work()
      if (!this.#dead) return answer
    } catch (error) {
      if (!this.#dead) throw error
    }
    return SILENCE
  }
}
