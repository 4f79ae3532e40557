import type { Cursor } from '../cursor.ts'

/**
 * True for a cursor that names a place on a page, and not an item: what stands there may be another one
 * tomorrow. Within `nested` and `chain` the innermost cursor counts.
 */
export function namesPlace(cursor: Cursor): boolean {
  return place(cursor) !== undefined
}

/** The same cursor at the beginning of its page; any other one as it is. */
export function atPageStart(cursor: Cursor): Cursor {
  return place(cursor) ?? cursor
}

/** The cursor at the beginning of its page; undefined when it names none. */
function place(cursor: Cursor): Cursor | undefined {
  if (typeof cursor !== 'object' || cursor === null || cursor instanceof Date) return undefined
  if (Array.isArray(cursor)) {
    const inner = place((cursor as readonly Cursor[]).at(-1) ?? null)
    return inner === undefined ? undefined : [...(cursor as readonly Cursor[]).slice(0, -1), inner]
  }
  const { page, done, member, cursor: within } = cursor as Record<string, Cursor>
  if (page !== undefined && typeof done === 'number') return { page, done: 0 }
  if (typeof member !== 'string' || within === undefined) return undefined
  const inner = place(within)
  return inner === undefined ? undefined : { member, cursor: inner }
}
