import { part, textOf } from '../../thrown.ts'

/**
 * What an error of D1 says about the batch that met it.
 *
 * - `guard`: the commit guard raised; somebody else has written to the lane, or my own late batch.
 * - `refused`: it did not commit and never will, because the statements themselves are at fault.
 * - `spent`: it did not run; this invocation's or this day's statements are used up.
 * - `unknown`: it may have committed, may still commit, or not.
 */
export type D1Verdict = 'guard' | 'refused' | 'spent' | 'unknown'

/**
 * SQLite's own code stands last in a message. What stands before it may be anybody's text: a trigger's
 * RAISE, names of tables and constraints.
 */
const SQLITE_CODE = /: SQLITE_([A-Z]+)(?:_[A-Z_]+)?(?: \(extended: SQLITE_([A-Z_]+)\))?$/
const REFUSED_CODES = new Set(['CONSTRAINT', 'ERROR', 'TOOBIG', 'MISMATCH', 'RANGE', 'AUTH'])
const GUARD = /CHECK constraint failed: commit_guard: SQLITE_CONSTRAINT\S*(?: \(extended: \S+\))?$/

/** D1's own messages, without a code of SQLite: they begin like this, after names of classes. */
const CLASSES = /^(?:(?:Error|D1_ERROR|D1_EXEC_ERROR): )*/
const SPENT = [/^Too many API requests by single Worker invocation/, /exceeded D1's free tier/i]
const REFUSED = [
  /^D1_TYPE_ERROR/,
  /^Wrong number of parameter bindings/,
  /^No SQL statements detected/,
  /did not contain a statement/,
  /^To execute a transaction, please use/,
  /^too many SQL variables/,
  /^statement too long/,
]
const OUT_OF_REACH = [
  /^Network connection lost/,
  /caused object to be reset/,
  /because its code was updated/,
  /^Internal error while starting up D1/,
  /^Cannot resolve D1 DB/,
  /^D1 DB storage operation exceeded timeout/,
  /^D1 DB is overloaded/,
  /^Too many requests queued/,
]

/**
 * Classifies what came from D1, by the message, since that is all D1 promises and wrapping differs
 * between compatibility dates. Whatever is not recognised is `unknown`, the verdict that is safe for
 * every error.
 */
export function d1Verdict(error: unknown): D1Verdict {
  const message = messageOf(error)
  const code = SQLITE_CODE.exec(message)
  if (code) {
    const byCheck = code[2] === undefined || code[2] === 'CONSTRAINT_CHECK'
    if (byCheck && GUARD.test(message)) return 'guard'
    return REFUSED_CODES.has(code[1] as string) ? 'refused' : 'unknown'
  }
  const own = ownMessage(message)
  if (REFUSED.some((start) => start.test(own))) return 'refused'
  return SPENT.some((start) => start.test(own)) ? 'spent' : 'unknown'
}

/**
 * Whether an error, of user code too, only says that D1 could not be reached: nobody's fault, costs no
 * attempt. Errors of D1 that nobody knows yet are not taken for that, or a mistake could wait for ever
 * instead of failing; nor are errors of anybody else, whatever they say.
 */
export function isD1OutOfReach(error: unknown): boolean {
  return ofD1(error, (origin) => {
    if (origin instanceof D1Timeout) return true
    const message = messageOf(origin)
    return (
      !SQLITE_CODE.test(message) && OUT_OF_REACH.some((known) => known.test(ownMessage(message)))
    )
  })
}

/** Whether an error, of user code too, is D1's word that the invocation's or the day's statements are used up. */
export function isD1Spent(error: unknown): boolean {
  return ofD1(error, (origin) => d1Verdict(origin) === 'spent')
}

/** What D1 says of a transaction that was ended from within, and of some troubles of its own. */
export function isInternalError(error: unknown): boolean {
  return /^internal error(?:;|$)/i.test(ownMessage(messageOf(error)))
}

const fromD1 = new WeakSet<object>()

/** Notes that an error came through a binding of D1; gives it back. */
export function markD1(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) fromD1.add(error)
  return error
}

/** How many errors may be wrapped around D1's own: query builders do that. */
const MAX_WRAPPED = 5

/** Asks the error of D1 that this one is, or has as its cause. False for errors of anybody else. */
function ofD1(error: unknown, ask: (error: object) => boolean): boolean {
  let found = error
  try {
    for (let depth = 0; depth <= MAX_WRAPPED; depth++) {
      if (typeof found !== 'object' || found === null) return false
      // Of a database that is not metered, the class in the message is all there is.
      if (fromD1.has(found) || /^D1_[A-Z_]*ERROR: /.test(messageOf(found))) return ask(found)
      found = (found as { cause?: unknown }).cause
    }
  } catch {
    // User code may have thrown what throws when it is looked at.
  }
  return false
}

function ownMessage(message: string): string {
  return message.replace(CLASSES, '')
}

function messageOf(error: unknown): string {
  return textOf(error instanceof Error ? part(error, 'message') : error)
}

/** Our own patience with D1 ran out. The statement may still land. */
export class D1Timeout extends Error {
  override readonly name = 'D1Timeout'

  constructor(message: string) {
    super(message)
    markD1(this)
  }
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
