import { useState } from 'hono/jsx/dom'
import { useBeginning } from './effect.ts'

/** What somebody has chosen for the whole page. This browser remembers it, for every Worker of the origin. */
export class Choice<T extends string> {
  readonly among: readonly [T, ...T[]]
  readonly #key: string
  readonly #listeners = new Set<(chosen: T) => void>()
  #chosen: T

  /** The first of `among` is chosen until somebody chooses another. */
  constructor(key: string, among: readonly [T, ...T[]]) {
    this.#key = key
    this.among = among
    this.#chosen = this.#remembered()
  }

  get chosen(): T {
    return this.#chosen
  }

  choose(next: T): void {
    this.#chosen = next
    try {
      localStorage.setItem(this.#key, next)
    } catch {
      // It holds until the page is left.
    }
    for (const listener of this.#listeners) listener(next)
  }

  /** Shows what uses it again whenever somebody chooses. */
  use(): T {
    const [shown, show] = useState(this.#chosen)
    useBeginning(() => {
      show(this.#chosen)
      return this.listen(show)
    }, [])
    return shown
  }

  /** Calls the listener on each choice, until what it returns is called. */
  listen(listener: (chosen: T) => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }

  /** A browser may refuse to remember anything. */
  #remembered(): T {
    try {
      const known = localStorage.getItem(this.#key)
      return this.among.find((one) => one === known) ?? this.among[0]
    } catch {
      return this.among[0]
    }
  }
}
