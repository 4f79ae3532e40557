import { MAX_PENDING_STATEMENTS } from './commit-pacer.ts'

/** What one slice may use before it is interrupted with reason `budget`. */
export interface BudgetLimits {
  /** Wall time. The platform gives work in flight 30 s at a runtime update. @default 20_000 */
  wallMs: number
  /** @default unlimited */
  items: number
  /** D1 statements; a batch of N counts N. The platform's limit per invocation is 1,000. @default 850 */
  statements: number
  /** Effects, in bytes of JSON. @default 67_108_864 */
  bytes: number
}

export const DEFAULT_BUDGET: BudgetLimits = {
  wallMs: 20_000,
  items: Infinity,
  statements: 850,
  bytes: 64 * 1024 * 1024,
}

/** D1 statements of one Worker invocation; the slices of one queue delivery share it. */
export class StatementBudget {
  readonly limit: number
  used = 0

  constructor(limit: number) {
    this.limit = limit
  }
}

/** What a commit has beside its effects: guard, checkpoint, results, skips. */
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

  /** Whether a commit of so many effects takes all that the slice may still use: it is due. */
  isFilledBy(effects: number): boolean {
    return effects + COMMIT_STATEMENTS >= this.#limits.statements - this.#own.statements
  }

  /**
   * Whether a commit of so many effects is to be sent. When the invocation has too few statements left, it
   * waits for the next one; unless none could send it (`progressed`: it follows others of this slice).
   */
  maySend(effects: number, progressed: boolean): boolean {
    const { used, limit } = this.#shared
    const statements = effects + COMMIT_STATEMENTS
    return used + statements <= limit || (!progressed && this.#own.statements + statements > limit)
  }

  exhausted(now: number): boolean {
    const { wallMs, items, statements, bytes } = this.#limits
    return (
      now - this.#startedAt >= wallMs ||
      this.items >= items ||
      this.bytes >= bytes ||
      this.#own.statements >= statements ||
      this.#shared.used >= this.#shared.limit - STATEMENT_RESERVE
    )
  }
}

/** How long a run waits whose invocation was used up by others: not as long as any of them. */
export function apartMs(random: () => number): number {
  return Math.round(1_000 + random() * 9_000)
}
