/** The entry that was met is passed over once this resolves. */
export type PassOver<T> = (entry: T) => Promise<void>

/**
 * The items of pages, one by one; with `passOver`, pairs alone. By hand and not a generator: that would cost
 * three promises an item instead of one.
 */
export class ItemByItem<T> implements AsyncIterator<T, undefined> {
  readonly #pages: AsyncIterator<Iterable<T>>
  readonly #passOver: PassOver<T> | undefined
  #page: Iterator<T> | undefined
  #turning: Promise<IteratorResult<T, undefined>> | undefined

  constructor(pages: AsyncIterable<Iterable<T>>, passOver?: PassOver<T>) {
    this.#pages = pages[Symbol.asyncIterator]()
    this.#passOver = passOver
  }

  next(): Promise<IteratorResult<T, undefined>> {
    // Asked before the last answer came: in turn, as a generator does it.
    if (this.#turning) return this.#turning.then(() => this.next())
    const item = this.#page?.next()
    if (item?.done === false && !this.#isPassedOver(item.value)) return Promise.resolve(item)
    this.#turning = this.#onwards(item).finally(() => {
      this.#turning = undefined
    })
    return this.#turning
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#page = undefined
    await this.#pages.return?.()
    return { done: true, value: undefined }
  }

  /** From what is passed over, or the end of a page, to the next item. */
  async #onwards(at: IteratorResult<T> | undefined): Promise<IteratorResult<T, undefined>> {
    for (let found = at; ; found = this.#page?.next()) {
      if (found === undefined || found.done === true) {
        const page = await this.#pages.next()
        if (page.done) return { done: true, value: undefined }
        this.#page = page.value[Symbol.iterator]()
      } else if (this.#isPassedOver(found.value)) {
        await this.#passOver?.(found.value)
      } else {
        return found
      }
    }
  }

  #isPassedOver(entry: T): boolean {
    return this.#passOver !== undefined && !Array.isArray(entry)
  }
}
