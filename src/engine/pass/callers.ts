import type { Cursor } from '../cursor.ts'
import { Attempt } from './attempt.ts'
import { callerScope, tellsCallers, tooLate, within } from './scope.ts'

/**
 * Tells whose call it is, when user code uses what `perform` was given: that of a step or item under way, or
 * of what one before has left running. Known where the runtime can tell callers; of items only from the
 * first on that has failed, since until then nothing was taken back, and it takes a microsecond each.
 */
export class Callers {
  #tellsItems = false
  /** Walks whose items use what `perform` was given. */
  #walks = 0
  /** Attempts under way that were begun before items were told apart. */
  #untold = 0

  async walk<T>(work: () => Promise<T>): Promise<T> {
    this.#walks += 1
    try {
      return await work()
    } finally {
      this.#walks -= 1
    }
  }

  /** Lets an item be handled; whoever calls this ends the attempt. */
  handle<Item, C extends Cursor>(
    item: Item,
    attempt: Attempt<C>,
    each: (item: Item, attempt: Attempt<C>) => void | Promise<void>,
  ): void | Promise<void> {
    if (this.#tellsItems || attempt.own) return within(attempt, () => each(item, attempt))
    const handled = each(item, attempt)
    return handled === undefined ? undefined : this.#whileUntold(handled)
  }

  async #whileUntold(handled: Promise<void>): Promise<void> {
    this.#untold += 1
    try {
      await handled
    } finally {
      this.#untold -= 1
    }
  }

  /** An attempt has failed, and may have left something running. */
  attemptFailed(): void {
    this.#tellsItems = tellsCallers()
  }

  /** The item that is worked on beside others and calls; undefined when none does, or nobody can tell. */
  get concurrentItem(): Attempt<Cursor> | undefined {
    for (let scope = callerScope(); scope; scope = scope.outer)
      if (scope instanceof Attempt && scope.own) return scope as Attempt<Cursor>
    return undefined
  }

  /** Throws for a call by what is over. */
  requireOwn(): void {
    const caller = callerScope()
    caller?.requireOpen()
    if (this.#walks === 0 || !this.#tellsItems || this.#untold > 0) return
    for (let scope = caller; scope; scope = scope.outer) if (scope instanceof Attempt) return
    throw tooLate()
  }
}
