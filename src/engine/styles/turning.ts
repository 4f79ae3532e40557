import type { Clock } from '../clock.ts'

/** A page of a walk: how long it was waited for, and how many entries were taken from it. */
export interface TurnedPage {
  durationMs: number
  rows: number
}

/** So long a slice that is to stop waits for what its walk would yield next. */
const LOOK_MS = 1_000

/**
 * Turns the pages of a walk, tells of each, and can look at what comes next where the walk is to stop.
 * By hand and not a generator: for a walk without pages each item is one.
 */
export class Turning<T> implements AsyncIterableIterator<Iterable<T>, undefined> {
  readonly #pages: AsyncIterator<Iterable<T>>
  readonly #clock: Pick<Clock, 'now'>
  readonly #tell: ((page: TurnedPage) => void) | undefined
  #entries: Iterator<T> | undefined
  #page: TurnedPage | undefined
  /** Nobody has answered yet: whoever ends the walk need not wait for that. */
  #looking = false

  constructor(
    pages: AsyncIterable<Iterable<T>>,
    clock: Pick<Clock, 'now'>,
    tell?: (page: TurnedPage) => void,
  ) {
    this.#pages = pages[Symbol.asyncIterator]()
    this.#clock = clock
    this.#tell = tell
  }

  async next(): Promise<IteratorResult<Iterable<T>, undefined>> {
    this.#told()
    const startedAt = this.#tell && this.#clock.now()
    const page = await this.#pages.next()
    if (page.done) return { done: true, value: undefined }
    if (startedAt !== undefined) this.#page = { durationMs: this.#clock.now() - startedAt, rows: 0 }
    const entries = page.value[Symbol.iterator]()
    this.#entries = entries
    return { done: false, value: { [Symbol.iterator]: () => entries } }
  }

  async return(): Promise<IteratorResult<Iterable<T>, undefined>> {
    this.#told()
    const ended = this.#pages.return?.()
    if (this.#looking) ended?.catch(() => undefined)
    else await ended
    return { done: true, value: undefined }
  }

  /** An entry of the page was taken. */
  took(): void {
    if (this.#page) this.#page.rows += 1
  }

  /**
   * The entry that would come next; undefined at the end, and when it is not there in time. The walk
   * cannot go on after this.
   */
  async upcoming(): Promise<T | undefined> {
    const here = this.#entries?.next()
    if (here && here.done !== true) return here.value
    this.#looking = true
    const { promise: late, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(resolve, LOOK_MS)
    try {
      return await Promise.race([this.#ofNextPage(), late])
    } finally {
      clearTimeout(timer)
    }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** What fails now fails again for the next slice, and counts there. */
  async #ofNextPage(): Promise<T | undefined> {
    try {
      const page = await this.#pages.next()
      this.#looking = false
      if (page.done) return undefined
      for (const entry of page.value) return entry
    } catch {
      this.#looking = false
    }
    return undefined
  }

  #told(): void {
    if (this.#page) this.#tell?.(this.#page)
    this.#page = undefined
  }
}
