/**
 * The connections of an invocation: so many may wait for an answer at a time, and who comes later waits
 * for one of them, as on the platform.
 */
export class Connections {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(most: number) {
    this.#free = most
  }

  /** `work` holds a connection until it is answered: of R2 and HTTP, until the headers are there. */
  async with<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1
    // Whoever is done hands the connection on: nobody can come between.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }
}
