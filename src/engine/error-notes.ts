import type { FailedItem } from './failed-item.ts'

/** Where an error comes from, which its message does not say. */
export interface ErrorNotes {
  /** The item of a walk that failed with it. */
  at?: FailedItem
  /** The statement that D1 refused. */
  statement?: string
}

const notes = new WeakMap<object, ErrorNotes>()

/** Notes it of an error, unless the same is noted already: what is nearest to the cause knows best. */
export function noteOf(error: unknown, more: ErrorNotes): void {
  if (typeof error !== 'object' || error === null) return
  notes.set(error, { ...more, ...notes.get(error) })
}

/** What is noted of an error, or of what it was made of. */
export function notesOf(error: object): ErrorNotes {
  return notes.get(error) ?? {}
}
