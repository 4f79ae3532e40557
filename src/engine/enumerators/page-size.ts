/** The most rows that are read at once. */
const MAX_ROWS = 10_000
/** The most that a page holds once it is larger than what the walk began with. In characters of JSON. */
const MAX_CHARACTERS = 1_000_000

/**
 * The rows of the next page. A page is read while the one before is worked on; where the walk has to wait
 * all the same, since the database is far away or an item takes hardly any time, it reads more at once.
 */
export class PageSize {
  readonly #unit: number
  readonly #grows: boolean
  #rows: number
  #read = 0

  /** Pages are multiples of `unit`. Without `grows` each page has `rows`. */
  constructor(rows: number, { unit = 1, grows = false } = {}) {
    this.#rows = rows
    this.#unit = unit
    this.#grows = grows
  }

  get rows(): number {
    return this.#rows
  }

  /** A page was there; `waited`: not when the walk came for it. */
  took(page: readonly unknown[], waited: boolean): void {
    this.#read += page.length
    if (!waited || !this.#grows || page.length === 0) return
    const characters = JSON.stringify(page[0]).length
    // No more than was read so far, or a walk that stops soon would have read much for nothing.
    const most = Math.min(MAX_ROWS, MAX_CHARACTERS / characters, this.#read)
    this.#rows = Math.max(this.#rows, Math.floor(most / this.#unit) * this.#unit)
  }
}
