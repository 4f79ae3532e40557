/**
 * Notices when a walk comes back to where it was, however long the way round, and remembers one place
 * only: each place is compared with one that is kept, and another is kept after 1, 2, 4, 8... (Brent).
 */
export class Circle {
  #kept: string
  #steps = 0
  #keepFor = 1

  constructor(start: string) {
    this.#kept = start
  }

  meets(place: string): boolean {
    if (place === this.#kept) return true
    this.#steps += 1
    if (this.#steps === this.#keepFor) {
      this.#kept = place
      this.#steps = 0
      this.#keepFor *= 2
    }
    return false
  }
}
