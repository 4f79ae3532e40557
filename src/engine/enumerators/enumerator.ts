import type { Cursor } from '../cursor.ts'

/** Items that are at hand together, each with its cursor. */
export type Page<Item, C extends Cursor> = Iterable<readonly [item: Item, cursor: C]>

/**
 * A walk over items that can start anywhere: from a cursor to an async sequence of `[item, cursor]`.
 * The cursor beside an item means "this item is done"; a resumed walk starts after it (job-iteration's
 * convention). Any async generator of such pairs is an enumerator.
 */
export interface Enumerator<Item, C extends Cursor = Cursor> extends AsyncIterable<
  readonly [item: Item, cursor: C]
> {
  /** How many items the whole walk has, from its very start; null when unknown. Asked once per run. */
  size?(): Promise<number | null>
  /** The same walk page by page: the engine's own loop then waits once per page, not once per item. */
  pages?(): AsyncIterable<Page<Item, C>>
}

/** An enumerator that gets its items in pages and knows its size. */
export function enumerator<Item, C extends Cursor>(
  pages: () => AsyncIterable<Page<Item, C>>,
  size: () => Promise<number | null>,
): Enumerator<Item, C> {
  return { pages, size, [Symbol.asyncIterator]: () => new ItemByItem(pages()) }
}

/** The pages of any enumerator; one that has none gives pages of one item. */
export function pagesOf<Item, C extends Cursor>(
  walk: Enumerator<Item, C>,
): AsyncIterable<Page<Item, C>> {
  return walk.pages?.() ?? singly(walk)
}

async function* singly<T>(items: AsyncIterable<T>): AsyncGenerator<readonly [T]> {
  for await (const item of items) yield [item]
}

/** By hand and not a generator: that would cost three promises an item instead of one. */
class ItemByItem<T> implements AsyncIterator<T, undefined> {
  readonly #pages: AsyncIterator<Iterable<T>>
  #page: Iterator<T> | undefined
  #turning: Promise<IteratorResult<T, undefined>> | undefined

  constructor(pages: AsyncIterable<Iterable<T>>) {
    this.#pages = pages[Symbol.asyncIterator]()
  }

  next(): Promise<IteratorResult<T, undefined>> {
    // Asked before the last answer came: in turn, as a generator does it.
    if (this.#turning) return this.#turning.then(() => this.next())
    const item = this.#page?.next()
    if (item !== undefined && item.done !== true) return Promise.resolve(item)
    this.#turning = this.#turnPage().finally(() => {
      this.#turning = undefined
    })
    return this.#turning
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#page = undefined
    await this.#pages.return?.()
    return { done: true, value: undefined }
  }

  async #turnPage(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const page = await this.#pages.next()
      if (page.done) return { done: true, value: undefined }
      this.#page = page.value[Symbol.iterator]()
      const item = this.#page.next()
      if (item.done !== true) return item
    }
  }
}
