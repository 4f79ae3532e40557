import { D1Timeout } from '../../patience.ts'
import { part, textOf } from '../../thrown.ts'
import type { D1Verdict } from '../change.ts'

/**
 * SQLite's own code stands last in a message. What stands before it may be anybody's text: a trigger's
 * RAISE, names of tables and constraints.
 */
const SQLITE_CODE = /: SQLITE_([A-Z]+)(?:_[A-Z_]+)?(?: \(extended: SQLITE_([A-Z_]+)\))?$/
const REFUSED_CODES = new Set(['CONSTRAINT', 'ERROR', 'TOOBIG', 'MISMATCH', 'RANGE', 'AUTH'])
const GUARD = /CHECK constraint failed: commit_guard: SQLITE_CONSTRAINT\S*(?: \(extended: \S+\))?$/

/** D1's own messages, without a code of SQLite: they begin like this, after names of classes. */
const CLASSES = /^(?:(?:Error|D1_ERROR|D1_EXEC_ERROR): )*/
const SPENT = /^Too many API requests by single Worker invocation|exceeded D1's free tier/i
const REFUSED =
  /^(?:D1_TYPE_ERROR|Wrong number of parameter bindings|No SQL statements detected|To execute a transaction, please use|too many SQL variables|statement too long)|did not contain a statement/
const OUT_OF_REACH =
  /^(?:Network connection lost|Internal error while starting up D1|Cannot resolve D1 DB|D1 DB storage operation exceeded timeout|D1 DB is overloaded|Exceeded maximum DB size|Too many requests queued)|caused object to be reset|because its code was updated/

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
  if (REFUSED.test(own)) return 'refused'
  return SPENT.test(own) ? 'spent' : 'unknown'
}

/**
 * True for an error, of user code too, that only says that D1 cannot do its work now, since it is out of
 * reach, overloaded or full: no item's fault, costs no attempt. Errors of D1 that nobody knows yet are not taken for that, or a mistake could wait for ever
 * instead of failing; nor are errors of anybody else, whatever they say.
 */
export function isD1OutOfReach(error: unknown): boolean {
  return ofD1(error, (origin) => {
    if (origin instanceof D1Timeout) return true
    const message = messageOf(origin)
    const code = SQLITE_CODE.exec(message)
    if (code) return code[1] === 'FULL'
    return OUT_OF_REACH.test(ownMessage(message))
  })
}

/**
 * What SQLite says of SQL that is wrong for this database, whatever its rows: it is wrong again each time, until
 * code or schema are others.
 */
const WRONG_SQL =
  /^(?:no such (?:table|column|function|index|collation sequence)\b|(?:table )?\S+ has no column named |near ".*": syntax error|(?:incomplete input|unrecognized token|ambiguous column name)\b|(?:table \S+ has )?\d+ (?:columns but|values for) \d+ )/

/** True for an error, of user code too, with which D1 refuses SQL that no second attempt can cure. */
export function isWrongSql(error: unknown): boolean {
  return ofD1(error, (origin) => {
    const message = messageOf(origin)
    if (SQLITE_CODE.exec(message)?.[1] !== 'ERROR') return false
    return WRONG_SQL.test(ownMessage(message))
  })
}

/** True for D1's word, also as an error of user code, that the invocation's or the day's statements are used up. */
export function isD1Spent(error: unknown): boolean {
  return ofD1(error, (origin) => d1Verdict(origin) === 'spent')
}

/** D1's error for a transaction that was ended from within, and for some troubles of its own. */
export function isInternalError(error: unknown): boolean {
  return /^internal error(?:;|$)/i.test(ownMessage(messageOf(error)))
}

const fromD1 = new WeakSet<object>()

/** Notes that an error came through a binding of D1; gives it back. */
export function markD1(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) fromD1.add(error)
  return error
}

/** At most so many errors are wrapped around D1's own: query builders do that. */
const MAX_WRAPPED = 5

/** Asks the error of D1 that this one is, or has as its cause. False for errors of anybody else. */
function ofD1(error: unknown, ask: (error: object) => boolean): boolean {
  let found = error
  try {
    for (let depth = 0; depth <= MAX_WRAPPED; depth++) {
      if (typeof found !== 'object' || found === null) return false
      // Of a database that is not metered, the class in the message is all there is.
      if (found instanceof D1Timeout) return ask(found)
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
