import { cutText } from '../../engine/cut-text.ts'
import { ProblemError } from '../problem.ts'

/** Where a page of a list ends, by time and id, as the cursor that its reader hands back. */
export function encodePosition(at: string, id: string): string {
  return btoa(`${at} ${id}`)
}

/** Throws `invalid_query` for what is none. `digits`: of the ids in that list. */
export function decodePosition(cursor: string, digits: number): { at: string; id: string } {
  let text = ''
  try {
    text = atob(cursor)
  } catch {
    // Falls through to the same refusal as any other text that is no position.
  }
  const [, at, id = ''] = /^(\d{4}-[\d:.TZ-]+) ([0-9a-f]+)$/.exec(text) ?? []
  if (at !== undefined && id.length === digits) return { at, id }
  throw new ProblemError(
    'invalid_query',
    `cursor: '${cutText(cursor, 64)}' is not a nextCursor of this list`,
  )
}
