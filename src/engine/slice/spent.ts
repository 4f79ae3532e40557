import { DogearError } from '../errors.ts'
import { DEFAULT_BUDGET } from '../policies/budget-limits.ts'
import type { StatementBudget } from '../store/d1/metered-database.ts'
import { textOf } from '../thrown.ts'

/** An invocation that has used no more than this part of its statements is as good as fresh. */
const FRESH = 0.05

/**
 * The D1 statements of an invocation, as one slice finds them. When they are used up before anything is
 * committed, it matters whether the slice had them for itself: then it needs more than there are, and
 * would again.
 */
export class OwnStatements {
  readonly #budget: StatementBudget
  readonly #usedBefore: number
  readonly #alone: boolean

  constructor(budget: StatementBudget, share: number = DEFAULT_BUDGET.statements) {
    this.#budget = budget
    this.#usedBefore = budget.used
    this.#alone = share >= DEFAULT_BUDGET.statements && budget.used <= budget.limit * FRESH
  }

  /** True when a slice without progress that met this error has only itself to blame. */
  areToBlame(error: unknown): boolean {
    return this.#alone && !isDaily(error)
  }

  tooMany(cause: unknown): DogearError {
    const { used, limit } = this.#budget
    return new DogearError(
      'too_many_statements',
      `The D1 statements of an invocation were used up before anything could be committed: this slice used ${used - this.#usedBefore} of ${limit}; ` +
        `expected an item, or the part of a step up to its first checkpoint, to need fewer. Let a statement do more (setStatement, effects.add, IN (...)), or do less per item`,
      { cause },
    )
  }
}

/** The day's limit of the free plan is nobody's fault, and tomorrow it is gone. */
function isDaily(error: unknown): boolean {
  return textOf(error).includes("exceeded D1's free tier")
}
