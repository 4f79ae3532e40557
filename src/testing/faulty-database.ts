import { interceptedDatabase, type D1Call } from './intercepted-database.ts'
import { Random, type SeededFaults } from './random.ts'

export type { D1Call } from './intercepted-database.ts'

/**
 * The fate of one call to D1:
 * - `lost_answer`: it commits, and the caller gets a network error.
 * - `never_lands`: the caller gets a network error, and nothing has happened.
 * - `late`: the caller gets a network error; the call commits when `land()` is called.
 * - `hangs`: nothing has happened, and the caller never hears anything.
 * - `hangs_after`: it commits, and the caller never hears anything.
 */
export type Fault = 'lost_answer' | 'never_lands' | 'late' | 'hangs' | 'hangs_after'

/** Decides what goes wrong with a call; undefined lets it pass. May also wait, or act, before it does. */
export type FaultPlan = (call: D1Call) => Fault | undefined | Promise<Fault | undefined>

const never = new Promise<never>(() => undefined)

export const NETWORK_ERROR = 'D1_ERROR: Network connection lost.'

/** Half of the late calls that are under way land before each call. */
const LANDS = 0.5

/**
 * A D1 binding whose network fails as planned. Locally D1 never does, so this is how a lost answer, a
 * lost request and a late one are tried out.
 */
export class FaultyDatabase {
  readonly binding: D1Database
  readonly #late: (() => Promise<unknown>)[] = []

  /**
   * Faults that follow from a seed: by default a tenth of the calls lose their request or their answer.
   * With `late` among the faults, late calls land by themselves before later ones; `land()` lets the
   * rest of them arrive.
   */
  static seeded(
    db: D1Database,
    { seed, rate = 0.1, faults = ['lost_answer', 'never_lands'] }: SeededFaults<Fault>,
  ): FaultyDatabase {
    const random = new Random(seed)
    const faulty: FaultyDatabase = new FaultyDatabase(db, async () => {
      if (random.chance(LANDS)) await faulty.land()
      return random.chance(rate) ? random.pick(faults) : undefined
    })
    return faulty
  }

  constructor(db: D1Database, plan: FaultPlan) {
    this.binding = interceptedDatabase(db, async (call, work) => {
      const fault = await plan(call)
      switch (fault) {
        case undefined:
          return work()
        case 'lost_answer':
          await work()
          break
        case 'never_lands':
          break
        case 'late':
          this.#late.push(work)
          break
        case 'hangs':
          return never
        case 'hangs_after':
          await work()
          return never
      }
      throw new Error(NETWORK_ERROR)
    })
  }

  /** Lets every late call reach D1 now; what D1 answers (a failed guard, say) is returned, not thrown. */
  async land(): Promise<PromiseSettledResult<unknown>[]> {
    return Promise.allSettled(this.#late.splice(0).map((call) => call()))
  }
}
