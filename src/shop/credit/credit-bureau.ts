/** The bureau cannot score this customer, and never will: to be passed over. */
export class RecoverableError extends Error {
  override readonly name = 'RecoverableError'
}

/** The bureau broke down: no other customer would fare better. */
export class UnrecoverableError extends Error {
  override readonly name = 'UnrecoverableError'
}

/** The faults of the bureau, by ids of customers. */
export interface BureauFaults {
  recoverable: readonly number[]
  fatal: readonly number[]
  /** Times that it breaks down at each of `fatal` before it answers; without it for good. */
  healAfter?: number | undefined
}

/**
 * A stand-in for a service elsewhere that scores customers, always the same. It fails where it is told
 * to, and remembers how often it did: by its own writes to D1, which are no effects of the job.
 */
export class CreditBureau {
  readonly #db: D1Database
  readonly #run: string
  readonly #faults: BureauFaults

  constructor(db: D1Database, run: string, faults: BureauFaults) {
    this.#db = db
    this.#run = run
    this.#faults = faults
  }

  /** A customer's score, from 0 to 100. Throws `RecoverableError` and `UnrecoverableError`. */
  async score(customer: number): Promise<number> {
    const { recoverable, fatal, healAfter = Infinity } = this.#faults
    if (recoverable.includes(customer)) {
      throw new RecoverableError(`The credit bureau does not know customer ${customer}`)
    }
    if (fatal.includes(customer)) {
      const times = await this.#breakdowns(customer)
      if (times <= healAfter) {
        throw new UnrecoverableError(
          `The credit bureau broke down at customer ${customer}; its breakdown ${times} there`,
        )
      }
    }
    return (customer * 7_919) % 101
  }

  async #breakdowns(customer: number): Promise<number> {
    const times = await this.#db
      .prepare(
        `INSERT INTO credit_breakdowns (run_id, customer_id, times) VALUES (?, ?, 1)
        ON CONFLICT DO UPDATE SET times = times + 1 RETURNING times`,
      )
      .bind(this.#run, customer)
      .first<number>('times')
    return times ?? 1
  }
}
