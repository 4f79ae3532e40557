import { type Cursor, encodeCursor } from '../cursor.ts'

/**
 * The cursor after which a walk over rows begins, encoded: that of an item which is done. Null for one that begins at
 * the first row, or *with* a row (`from`), as a step's own cursor names it.
 */
export function afterCursor(options: unknown): string | null {
  const { cursor = null, from = null } = (options ?? {}) as { cursor?: Cursor; from?: Cursor }
  if (cursor === null || from !== null) return null
  try {
    return encodeCursor(cursor)
  } catch {
    // The enumerator says what is wrong with it.
    return null
  }
}
