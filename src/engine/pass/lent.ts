import { DogearError } from '../errors.ts'
import type { Effects } from '../job/effects.ts'
import type { Attempt } from './attempt.ts'
import type { Callers } from './callers.ts'
import { changing } from './lending.ts'
import type { PendingCommit } from './pending-commit.ts'
import type { Cursor } from '../cursor.ts'

/** A pass, as far as its user code needs leave to change something. */
interface Lending {
  readonly callers: Callers
  readonly continuation: { readonly running: unknown }
  mayChange(): boolean
}

/** The means to change the commit to come that `perform` and an iteration's walk are given. */
export class Lent {
  /** Walks under way that work on several items at once. */
  concurrentWalks = 0
  /** From here on an iteration's effects belong to an item or to `onStart`, which run once. */
  iterating = false
  readonly #pass: Lending

  constructor(pass: Lending) {
    this.#pass = pass
  }

  changing(pending: PendingCommit): ReturnType<typeof changing> {
    const own = changing(
      pending,
      () => this.#mayAdd(),
      () => this.#mayChange(),
    )
    return { ...own, effects: this.#ofCaller(own.effects) }
  }

  /** What a concurrent item adds by way of what `perform` was given is the item's own all the same. */
  #ofCaller(effects: Effects): Effects {
    const of = () => (this.#concurrentItem ?? { effects }).effects
    return {
      add: (statement, row) => of().add(statement, row),
      run: (sql, ...params) => of().run(sql, ...params),
    }
  }

  get #concurrentItem(): Attempt<Cursor> | undefined {
    return this.concurrentWalks > 0 ? this.#pass.callers.concurrentItem : undefined
  }

  #mayAdd(): boolean {
    if (!this.#mayChange()) return false
    if (this.#pass.continuation.running !== undefined || this.iterating) return true
    throw new DogearError(
      'effect_outside_step',
      'Effects were added outside any step, where code runs again on each resumption; expected them inside a step',
    )
  }

  #mayChange(): boolean {
    if (!this.#pass.mayChange()) return false
    if (this.concurrentWalks > 0) {
      throw new DogearError(
        'effect_outside_step',
        'A walk with concurrency is under way, and what perform was given belongs to none of its items; expected the effects that the item is given, and no change of attributes',
      )
    }
    this.#pass.callers.requireOwn()
    return true
  }
}
