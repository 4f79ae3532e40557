import { decodeCursor, type Cursor } from '../cursor.ts'
import { pagesOf, Throttled, Unreadable, type Walk } from '../enumerators/enumerator.ts'
import { itemIdentity } from '../enumerators/nested-walk.ts'
import { atPageStart, namesPlace } from '../enumerators/page-place.ts'
import { itemMark } from './item-mark.ts'

/** A skipped item as it was noted: cursors encoded. */
export interface Noted {
  cursor: string
  before: string | null
  /** The mark by which it is known again; null where the cursor alone says it, and in rows of older code. */
  item: string | null
}

/** Makes the job's own walk, to start after a cursor. */
export type Build<Item, C extends Cursor> = (
  cursor: Cursor | null,
) => Promise<Walk<Item, C> | null | undefined>

type Found<Item> = { item: Item } | { error: Error } | Throttled | undefined

/** So far an item is looked for that has moved on its page, or to the next one. */
const PAGES = 2
const ITEMS = 100
/** So far one is looked for whose successor is gone as well. */
const MOST_ITEMS = 10_000

/**
 * Looks for a skipped item in the job's own walk: the item, or what keeps it from being read, or
 * undefined when it is gone. Never another item that has come to its place.
 */
export function search<Item, C extends Cursor>(
  noted: Noted,
  build: Build<Item, C>,
): Promise<Found<Item>> {
  const cursor = decodeCursor(noted.cursor)
  const before = noted.before === null ? null : decodeCursor(noted.before)
  return namesPlace(cursor)
    ? searchPages(noted, cursor, before, build)
    : searchByCursor(noted, cursor, before, build)
}

/** Where it stood the item comes first, or behind those that have come in before it. */
async function searchByCursor<Item, C extends Cursor>(
  noted: Noted,
  cursor: Cursor,
  before: Cursor | null,
  build: Build<Item, C>,
): Promise<Found<Item>> {
  const wanted = itemIdentity(cursor)
  let next: string | Throttled | undefined
  let looked = 0
  for await (const entry of items(await build(before))) {
    if (entry instanceof Throttled) return entry
    const here = itemIdentity(entry instanceof Unreadable ? entry.cursor : entry[1])
    if (here === wanted) {
      if (entry instanceof Unreadable) return { error: entry.error }
      const [item] = entry
      return noted.item === null || noted.item === (await itemMark(item, cursor))
        ? { item }
        : undefined
    }
    // A batch of other rows is another batch.
    if (!(entry instanceof Unreadable) && isBatch(entry[0])) return undefined
    next ??= await firstAfter(cursor, build)
    if (next instanceof Throttled) return next
    if (here === next || ++looked === MOST_ITEMS) return undefined
  }
  return undefined
}

/** The item's successor: the item is gone when that comes first. Empty at the end of the walk. */
async function firstAfter<Item, C extends Cursor>(
  cursor: Cursor,
  build: Build<Item, C>,
): Promise<string | Throttled> {
  for await (const entry of items(await build(cursor))) {
    if (entry instanceof Throttled) return entry
    return itemIdentity(entry instanceof Unreadable ? entry.cursor : entry[1])
  }
  return ''
}

/** A place on a page says nothing of the item: it is known by its own mark, there or nearby. */
async function searchPages<Item, C extends Cursor>(
  noted: Noted,
  cursor: Cursor,
  before: Cursor | null,
  build: Build<Item, C>,
): Promise<Found<Item>> {
  let pages = 0
  let looked = 0
  const walk = await build(before === null ? null : atPageStart(before))
  for await (const page of walk ? pagesOf(walk) : []) {
    for (const entry of page) {
      if (entry instanceof Throttled) return entry
      if (!Array.isArray(entry)) continue
      const [item, at] = entry as readonly [Item, C]
      // A page as a whole has no mark: its place is what it is.
      const isIt =
        noted.item === null
          ? itemIdentity(at) === itemIdentity(cursor)
          : noted.item === (await itemMark(item, at))
      if (isIt) return { item }
      looked += 1
    }
    pages += 1
    if (pages >= PAGES && looked >= ITEMS) return undefined
  }
  return undefined
}

async function* items<Item, C extends Cursor>(walk: Walk<Item, C> | null | undefined) {
  for await (const page of walk ? pagesOf(walk) : []) {
    for (const entry of page) {
      if (Array.isArray(entry)) yield entry as readonly [Item, C]
      else if (entry instanceof Throttled || entry instanceof Unreadable) yield entry
    }
  }
}

function isBatch(item: unknown): boolean {
  return Array.isArray(item) || (typeof item === 'object' && item !== null && 'where' in item)
}
