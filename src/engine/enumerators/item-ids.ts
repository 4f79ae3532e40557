/** Identities of a walk's items, beside their cursors, for as long as the items are there. */
const ids = new WeakMap<object, string | number>()

export function noteId(item: unknown, id: unknown): void {
  const usable = typeof id === 'string' || typeof id === 'number'
  if (usable && typeof item === 'object' && item !== null) ids.set(item, id)
}

export function notedId(item: object): string | number | undefined {
  return ids.get(item)
}
