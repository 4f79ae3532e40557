import type { D1Call } from './intercepted-database.ts'

/** D1 calls by what they are to the engine's protocol. */
export const isCommit = ({ sql }: Pick<D1Call, 'sql'>): boolean =>
  sql.some((text) => text.includes('INTO ledger'))
export const isEnd = ({ sql }: Pick<D1Call, 'sql'>): boolean =>
  sql.some((text) => text.includes('SET status = ?2'))
export const isRaise = ({ sql }: Pick<D1Call, 'sql'>): boolean =>
  sql.some((text) => text.includes('UPDATE lanes SET fence'))
export const isClose = ({ sql }: Pick<D1Call, 'sql'>): boolean =>
  sql.some((text) => text.includes('SET closed_at'))

/** Nothing but reads, as far as SQL shows it by its first word. */
export const isRead = ({ sql }: Pick<D1Call, 'sql'>): boolean =>
  sql.every((text) => /^\s*(?:SELECT|WITH|VALUES|EXPLAIN)\b/i.test(text) && !WRITES.test(text))

const WRITES = /\b(?:INSERT|UPDATE|DELETE|REPLACE)\b/i

/** The nth D1 call (from 1) that `matches`. */
export function nth(n: number, matches: (call: D1Call) => boolean): (call: D1Call) => boolean {
  let seen = 0
  return (call) => matches(call) && ++seen === n
}
