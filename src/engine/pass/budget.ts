import { type BudgetLimits, DEFAULT_BUDGET } from '../policies/budget-limits.ts'
import type { StatementBudget } from '../store/d1/metered-database.ts'
import { MAX_PENDING_STATEMENTS } from './commit-pacer.ts'

/** Statements of a commit beside its effects: guard, checkpoint, results, skips. */
const COMMIT_STATEMENTS = 5

/** Kept back for what must fit after the budget says stop: a full commit, the end and the close. */
const STATEMENT_RESERVE = MAX_PENDING_STATEMENTS + 50

/**
 * Counts what a slice uses. Asked at checkpoints only, that is after at least one item: a slice makes
 * progress however small its budget. The clock is frozen between I/O in production, so a limit on wall
 * time holds only because checkpoints lie behind awaited commits.
 */
export class Budget {
  readonly #limits: BudgetLimits
  readonly #shared: StatementBudget
  readonly #startedAt: number
  readonly #own: { readonly statements: number }
  items = 0
  bytes = 0

  /** `own`: what this slice alone has used of the invocation's statements. */
  constructor(
    limits: Partial<BudgetLimits>,
    shared: StatementBudget,
    own: { readonly statements: number },
    now: number,
  ) {
    this.#limits = { ...DEFAULT_BUDGET, ...limits }
    this.#shared = shared
    this.#startedAt = now
    this.#own = own
  }

  /** True when a commit of so many effects takes all that the slice may still use: it is due. */
  isFilledBy(effects: number): boolean {
    return effects + COMMIT_STATEMENTS >= this.#limits.statements - this.#own.statements
  }

  /**
   * True when a commit of so many effects is to be sent. When the invocation has too few statements left, it
   * waits for the next one; unless none could send it (`progressed`: it follows others of this slice).
   */
  maySend(effects: number, progressed: boolean): boolean {
    const { used, limit } = this.#shared
    const statements = effects + COMMIT_STATEMENTS
    return used + statements <= limit || (!progressed && this.#own.statements + statements > limit)
  }

  /** `more`: items that are still under way. */
  exhausted(now: number, more = 0): boolean {
    const { wallMs, items, statements, bytes } = this.#limits
    return (
      now - this.#startedAt >= wallMs ||
      this.items + more >= items ||
      this.bytes >= bytes ||
      this.#own.statements >= statements ||
      this.#shared.used >= this.#shared.limit - STATEMENT_RESERVE
    )
  }
}

/** The wait of a run whose invocation was used up by others: not as long as any of them. */
export function apartMs(random: () => number): number {
  return Math.round(1_000 + random() * 9_000)
}
