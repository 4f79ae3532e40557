import { ensureError, textOf } from './thrown.ts'

/**
 * What an error of D1 says about the batch that met it.
 *
 * - `guard`: the commit guard raised; somebody else has written to the lane, or my own late batch.
 * - `refused`: it did not commit and never will, because the statements themselves are at fault.
 * - `spent`: it did not run; this invocation's or this day's statements are used up.
 * - `unknown`: it may have committed, may still commit, or not.
 */
export type D1Verdict = 'guard' | 'refused' | 'spent' | 'unknown'

const SPENT = ['Too many API requests by single Worker invocation', "exceeded D1's free tier"]
const REFUSED = [
  'SQLITE_CONSTRAINT',
  'SQLITE_ERROR',
  'SQLITE_TOOBIG',
  'SQLITE_MISMATCH',
  'SQLITE_RANGE',
  'SQLITE_AUTH',
  'Wrong number of parameter bindings',
  'did not contain a statement',
  'state.storage.transaction',
  'D1_TYPE_ERROR',
  'too many SQL variables',
  'statement too long',
]

/**
 * Classifies by the message, since that is all D1 promises and wrapping differs between compatibility
 * dates. Whatever is not recognised is `unknown`, the verdict that is safe for every error.
 */
export function d1Verdict(error: unknown): D1Verdict {
  const message = textOf(error)
  if (message.includes('commit_guard')) return 'guard'
  if (SPENT.some((part) => message.includes(part))) return 'spent'
  return REFUSED.some((part) => message.includes(part)) ? 'refused' : 'unknown'
}

const OUT_OF_REACH = [
  'Network connection lost',
  'caused object to be reset',
  'because its code was updated',
  'Internal error while starting up D1',
  'Cannot resolve D1 DB',
  'storage operation exceeded timeout',
  'is overloaded',
  'Too many requests queued',
]

/**
 * Whether an error only says that D1 could not be reached: nobody's fault, costs no attempt. Errors of
 * D1 that nobody knows yet are not taken for that, or a mistake could wait for ever instead of failing.
 */
export function isD1OutOfReach(error: unknown): boolean {
  const message = textOf(error)
  if (ensureError(error) instanceof D1Timeout) return true
  return (
    (message.includes('D1_ERROR') || message.includes('D1 DB')) &&
    OUT_OF_REACH.some((part) => message.includes(part))
  )
}

/** Our own patience with D1 ran out. The statement may still land. */
export class D1Timeout extends Error {
  override readonly name = 'D1Timeout'
}

/** Gives up on `work` after `ms`. What was given up may still happen later, so the outcome is unknown. */
export async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  const patience = new Patience(ms)
  try {
    return await patience.with(work)
  } finally {
    patience.end()
  }
}

/**
 * Patience with D1's answers, of which one is waited for at a time. One timer serves them all: a timer
 * of its own for each call would cost a tenth of what a small commit costs.
 */
export class Patience {
  readonly #ms: number
  #timer: ReturnType<typeof setTimeout> | undefined
  #giveUpAt = 0
  #giveUp: ((reason: D1Timeout) => void) | undefined

  constructor(ms: number) {
    this.#ms = ms
  }

  /** Throws `D1Timeout` when `work` has not answered in time. */
  async with<T>(work: Promise<T>): Promise<T> {
    this.#giveUpAt = Date.now() + this.#ms
    this.#timer ??= setTimeout(() => this.#ring(), this.#ms)
    const timeout = new Promise<never>((_resolve, reject) => {
      this.#giveUp = reject
    })
    try {
      return await Promise.race([work, timeout])
    } finally {
      this.#giveUp = undefined
      work.catch(() => undefined)
    }
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #ring(): void {
    this.#timer = undefined
    if (!this.#giveUp) return
    const left = this.#giveUpAt - Date.now()
    if (left > 0) this.#timer = setTimeout(() => this.#ring(), left)
    else this.#giveUp(new D1Timeout(`D1 gave no answer within ${this.#ms} ms`))
  }
}
