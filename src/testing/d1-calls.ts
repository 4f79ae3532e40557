import { GUARD, GUARD_END, MARK_CLOSED } from '../engine/store/d1/commit-sql.ts'
import { RAISE } from '../engine/store/d1/held-lane.ts'
import type { D1Call } from './intercepted-database.ts'

type Sql = Pick<D1Call, 'sql'>

// D1 calls by what they are to the engine's protocol. They are known by the engine's own texts, whole: a
// job may write statements that look much the same.

/** A commit of a slice, with its guard and its effects; the end of a run is one, too. */
export const isCommit = ({ sql }: Sql): boolean => sql[0] === GUARD || sql[0] === GUARD_END
/** The commit that ends a run. */
export const isEnd = ({ sql }: Sql): boolean => sql[0] === GUARD_END
/** The statement with which a slice takes over. */
export const isRaise = ({ sql }: Sql): boolean => sql[0] === RAISE
/** What marks an ended run as closed: its follow-up runs are there. */
export const isClose = ({ sql }: Sql): boolean => sql[0] === MARK_CLOSED

/** Nothing but reads, as far as SQL shows it by its first word. */
export const isRead = ({ sql }: Sql): boolean =>
  sql.every((text) => /^\s*(?:SELECT|WITH|VALUES|EXPLAIN)\b/i.test(text) && !WRITES.test(text))

const WRITES = /\b(?:INSERT|UPDATE|DELETE|REPLACE)\b/i

/** The nth D1 call (from 1) that `matches`. */
export function nth(n: number, matches: (call: D1Call) => boolean): (call: D1Call) => boolean {
  let seen = 0
  return (call) => matches(call) && ++seen === n
}
