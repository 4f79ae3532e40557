import { isRead } from '../d1-calls.ts'
import type { D1Call } from '../intercepted-database.ts'

/**
 * Trouble of D1's own:
 * - `overloaded`: every call is refused.
 * - `stalled`: calls are held until the trouble is over, and then refused. None of them has happened.
 * - `full`: writes are refused.
 */
export type D1TroubleKind = 'overloaded' | 'stalled' | 'full'

/** One trouble, from its first call to its end. Without `forMs` and `calls` it stays. */
export interface D1Trouble {
  kind: D1TroubleKind
  /** So many calls of the simulator's to D1 come before it. @default 0 */
  after?: number
  /** It lasts so many ms from its first call on. @default 60,000 for `stalled` */
  forMs?: number
  /** It lasts for so many calls. */
  calls?: number
}

/** The messages of the platform. */
export const D1_MESSAGES: Readonly<Record<D1TroubleKind, string>> = {
  overloaded: 'D1_ERROR: D1 DB is overloaded. Requests queued for too long.',
  stalled: 'D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.',
  full: 'D1_ERROR: Exceeded maximum DB size: SQLITE_FULL',
}

const STALL_MS = 60_000

interface World {
  now: () => number
  /** Lets `ms` pass. */
  pass: (ms: number) => Promise<void>
}

/** Meets the calls to one D1, by all that is planned for it. */
export class D1Troubles {
  readonly #planned: readonly Trouble[]
  readonly #pass: World['pass']
  readonly #now: World['now']
  #calls = 0

  constructor(troubles: readonly D1Trouble[], { now, pass }: World) {
    this.#planned = troubles.map((trouble) => new Trouble(trouble))
    this.#now = now
    this.#pass = pass
  }

  /** Throws what D1 says to a call that meets a trouble. */
  async meet(call: Pick<D1Call, 'sql'>): Promise<void> {
    this.#calls += 1
    for (const trouble of this.#planned) {
      const leftMs = trouble.meets(call, this.#calls, this.#now())
      if (leftMs === undefined) continue
      if (trouble.kind === 'stalled') await this.#pass(leftMs)
      throw new Error(D1_MESSAGES[trouble.kind])
    }
  }
}

class Trouble {
  readonly kind: D1TroubleKind
  readonly #after: number
  readonly #forMs: number
  #callsLeft: number
  #until: number | undefined

  constructor({ kind, after = 0, forMs, calls = Infinity }: D1Trouble) {
    this.kind = kind
    this.#after = after
    this.#forMs = forMs ?? (kind === 'stalled' ? STALL_MS : Infinity)
    this.#callsLeft = calls
  }

  /** How long the trouble lasts from now on; undefined for a call that it lets pass. */
  meets(call: Pick<D1Call, 'sql'>, number: number, now: number): number | undefined {
    if (number <= this.#after || this.#callsLeft === 0) return undefined
    if (this.kind === 'full' && isRead(call)) return undefined
    this.#until ??= now + this.#forMs
    if (now >= this.#until) return undefined
    this.#callsLeft -= 1
    return this.#until - now
  }
}
