import type { Cursor } from '../cursor.ts'
import { notedId } from '../enumerators/item-ids.ts'
import { namesPlace } from '../enumerators/page-place.ts'

/**
 * The mark by which an item is known again when another one may have come under its cursor: its `id`;
 * of a text or a number itself; of an item of an API's page without an `id` all of it. As a digest, since
 * it is stored. Null where only the cursor says which item it is.
 */
export async function itemMark(item: unknown, cursor: Cursor): Promise<string | null> {
  const text = identifying(item, cursor)
  if (text === undefined) return null
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return [...new Uint8Array(bytes.slice(0, 16))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
}

function identifying(item: unknown, cursor: Cursor): string | undefined {
  // A batch, or a page as a whole: whatever is in it now. Of null nothing is known.
  if (item === null || Array.isArray(item)) return undefined
  if (typeof item !== 'object') return plain(item)
  try {
    const id = notedId(item) ?? (item as { id?: unknown }).id
    if (id !== undefined && id !== null && typeof id !== 'object') return `id ${plain(id)}`
    return namesPlace(cursor) ? JSON.stringify(item) : undefined
  } catch {
    return undefined
  }
}

function plain(value: unknown): string | undefined {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
    ? `${typeof value} ${String(value)}`
    : undefined
}
