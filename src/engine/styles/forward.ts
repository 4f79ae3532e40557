import { encodeCursor } from '../cursor.ts'
import { Circle } from '../enumerators/circle.ts'
import { Unreadable } from '../enumerators/enumerator.ts'
import { DogearError } from '../errors.ts'

/** Of walks that have no place to go back to. */
const NO_PLACE = 'null'

/**
 * Watches that a walk moves forward: beside each item another cursor. A resumed walk starts after a cursor,
 * so of two items with one cursor it would pass over the second, or handle the first for ever.
 */
export class Forward {
  readonly #circle: Circle
  readonly #start: string | null
  #last: string | null
  #moved = false

  /**
   * `done`: the encoded cursor that the walk was to start after; null at its very start. `start`: the one
   * that it was given, and may begin with, but not come back to.
   */
  constructor(done: string | null, start: string | null = done) {
    this.#last = done === NO_PLACE ? null : done
    this.#start = start
    this.#circle = new Circle(done ?? '')
  }

  /** Throws `invalid_enumerator` for an item that would not move the cursor. */
  move(encoded: string): void {
    if (encoded === NO_PLACE) return
    const back = this.#moved && encoded === this.#start
    if (back || encoded === this.#last || this.#circle.meets(encoded)) throw standsStill(encoded)
    this.#last = encoded
    this.#moved = true
  }

  /** The same for the entry that would come next. */
  requireNext(entry: unknown): void {
    const cursor: unknown = entry instanceof Unreadable ? entry.cursor : cursorOf(entry)
    if (cursor === undefined || cursor === null) return
    if (this.#last !== null && encodeCursor(cursor) === this.#last) throw standsStill(this.#last)
  }

  /** True when there is a place to go back to. */
  get hasPlace(): boolean {
    return this.#last !== null
  }
}

function cursorOf(entry: unknown): unknown {
  return Array.isArray(entry) ? entry[1] : undefined
}

function standsStill(encoded: string): DogearError {
  return new DogearError(
    'invalid_enumerator',
    `The enumerator yielded an item with the cursor ${encoded}, which another item had before it; expected a cursor of its own beside each item, because a resumed walk starts after it. Where there is no place to go back to, yield null`,
  )
}
