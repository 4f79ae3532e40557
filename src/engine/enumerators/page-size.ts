/** The most rows that are read at once ... */
const MAX_ROWS = 10_000
/** ... and so many where the walk need not wait: beyond that a page costs what its rows cost. */
const EASY_ROWS = 2_000
/** The most that a page holds once it is larger than what the walk began with. In characters of JSON. */
const MAX_CHARACTERS = 1_000_000

/** Rows of a page that are looked at for how large rows are. */
const SAMPLE = 16

/**
 * The rows of the next page, which grows with what was read so far. A page is read while the one before is
 * worked on; where the walk has to wait all the same, since the database is far away or an item takes hardly any
 * time, it reads still more at once.
 */
export class PageSize {
  readonly #first: number
  readonly #unit: number
  readonly #grows: boolean
  #rows: number
  #read = 0

  /** Pages are multiples of `unit`. Without `grows` each page has `rows`. */
  constructor(rows: number, { unit = 1, grows = false } = {}) {
    this.#first = this.#rows = rows
    this.#unit = unit
    this.#grows = grows
  }

  get rows(): number {
    return this.#rows
  }

  /** A page was there; `waited`: not when the walk came for it. */
  took(page: readonly unknown[], waited: boolean): void {
    this.#read += page.length
    if (!this.#grows || page.length === 0) return
    const fitting = this.#whole(MAX_CHARACTERS / charactersOf(page))
    // No more than was read so far, or a walk that stops soon would have read much for nothing.
    const wanted = this.#whole(Math.min(waited ? MAX_ROWS : EASY_ROWS, this.#read))
    this.#rows = Math.max(this.#first, Math.min(Math.max(this.#rows, wanted), fitting))
  }

  #whole(rows: number): number {
    return Math.floor(rows / this.#unit) * this.#unit
  }
}

/** The mean of a row's JSON. */
function charactersOf(page: readonly unknown[]): number {
  const step = Math.ceil(page.length / SAMPLE)
  const sample = page.filter((_row, index) => index % step === 0)
  const characters = sample.reduce((sum: number, row) => sum + JSON.stringify(row).length, 0)
  return Math.max(1, characters / sample.length)
}
