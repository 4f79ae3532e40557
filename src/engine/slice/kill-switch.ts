/** The answer of whoever is dead. */
const NEVER = new Promise<never>(() => undefined)

/**
 * Ends a slice as the death of its process would: what it has sent may land, but it sends nothing more,
 * gets no more answers, and reports nothing. Its lease runs out.
 */
export class KillSwitch {
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

  /** The answer of `work`. Once the slice is killed, `work` is not begun, and its answer never comes. */
  async whileAlive<T>(work: () => Promise<T>): Promise<T> {
    if (this.#dead) return NEVER
    try {
      const answer = await work()
      if (!this.#dead) return answer
    } catch (error) {
      if (!this.#dead) throw error
    }
    return NEVER
  }
}
