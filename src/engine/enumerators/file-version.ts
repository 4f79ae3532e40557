import type { Cursor } from '../cursor.ts'
import { DogearError } from '../errors.ts'

/** The version of the file that a cursor is of, also within `chain` and `nested`; undefined for others. */
function versionOf(cursor: Cursor | undefined): string | undefined {
  if (typeof cursor !== 'object' || cursor === null || cursor instanceof Date) return undefined
  if (Array.isArray(cursor)) return versionOf((cursor as readonly Cursor[]).at(-1))
  const { byte, etag, member, cursor: inner } = cursor as Record<string, Cursor>
  if (typeof byte === 'number' && typeof etag === 'string') return etag
  return typeof member === 'string' ? versionOf(inner) : undefined
}

/**
 * Throws when a row is of another version of the file than one that was left unfinished. A walk that starts
 * at its beginning is bound to no version: before the first row of an outer level there is no cursor.
 */
export function requireSameVersion(left: Cursor | undefined, found: Cursor): void {
  const version = versionOf(left)
  const now = versionOf(found)
  if (version === undefined || now === undefined || version === now) return
  throw new DogearError(
    'invalid_enumerator',
    'enumerators.nested: the file of an outer level was replaced while one of its rows was under way; expected it to stay as it is. A changed file is another one: upload it under a key of its own, and start a run for it',
  )
}
