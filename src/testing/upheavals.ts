import { readRun } from '../engine/store/d1/stored-run.ts'
import type { TestBench } from './bench.ts'
import { D1Copies } from './d1-copies.ts'

/** Disasters of a whole run, and not of one of its calls; and the sweep, which finds the run afterwards. */
export class Upheavals {
  readonly #bench: TestBench
  readonly #db: D1Database
  readonly #copies: D1Copies
  /** Runs that the sweep has to find. */
  readonly #shaken = new Set<string>()

  constructor(bench: TestBench, db: D1Database) {
    this.#bench = bench
    this.#db = db
    this.#copies = new D1Copies(db)
  }

  /** The run's object is evicted, and what it had stored is gone. */
  async loseStorage(run: string): Promise<void> {
    await this.#bench.loseStorage(run)
    this.#shaken.add(run)
  }

  /** Notes what D1 has, so that it can be put back to `moment`. */
  note(moment: string): Promise<void> {
    return this.#copies.take(moment)
  }

  canPutBack(moment: string): boolean {
    return this.#copies.has(moment)
  }

  /** D1 is what it was at `moment`; objects, slices and calls that are under way know nothing of it. */
  async putBack(run: string, moment: string): Promise<void> {
    await this.#copies.putBack(moment)
    this.#shaken.add(run)
  }

  /** True when there was something to look for. */
  async sweep(): Promise<boolean> {
    const shaken = [...this.#shaken]
    this.#shaken.clear()
    for (const run of shaken) {
      // The sweep does not look at runs where nothing is left to do.
      const stored = await readRun(this.#db, run)
      if (stored?.closedAt === null) await this.#bench.objects(run).poke(run)
    }
    return shaken.length > 0
  }

  /** Leaves nothing behind in D1. */
  end(): Promise<void> {
    return this.#copies.drop()
  }
}
