/** An isolated step has a slice of its own: the slice ends before it and after it, once it has got further. */
export class Isolation {
  #active = false
  readonly #slice: { readonly progressed: boolean }

  constructor(slice: { readonly progressed: boolean }) {
    this.#slice = slice
  }

  /** True when the slice must end before this outermost step. */
  endsBefore(isolated: boolean): boolean {
    this.#active ||= isolated
    return this.#active && this.#slice.progressed
  }
}
