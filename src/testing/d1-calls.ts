import { laneCall } from '../engine/store/d1/calls.ts'
import type { D1Call } from './intercepted-database.ts'

type Sql = Pick<D1Call, 'sql'>

// D1 calls by what they are to the engine's protocol.

/** A commit of a slice, with its guard and its effects; the end of a run is one, too. */
export const isCommit = ({ sql }: Sql): boolean => isEnd({ sql }) || laneCall(sql) === 'commit'
/** The commit that ends a run. */
export const isEnd = ({ sql }: Sql): boolean => laneCall(sql) === 'end'
/** The statement with which a slice takes over. */
export const isRaise = ({ sql }: Sql): boolean => laneCall(sql) === 'raise'
/** The call that marks an ended run as closed: its follow-up runs are there. */
export const isClose = ({ sql }: Sql): boolean => laneCall(sql) === 'close'

/** Nothing but reads, as far as SQL shows it by its first word. */
export const isRead = ({ sql }: Sql): boolean =>
  sql.every((text) => /^\s*(?:SELECT|WITH|VALUES|EXPLAIN)\b/i.test(text) && !WRITES.test(text))

const WRITES = /\b(?:INSERT|UPDATE|DELETE|REPLACE)\b/i

/** The nth D1 call (from 1) that `matches`. */
export function nth(n: number, matches: (call: D1Call) => boolean): (call: D1Call) => boolean {
  let seen = 0
  return (call) => matches(call) && ++seen === n
}
