import { type Cursor, encodeCursor } from '../cursor.ts'
import { DogearError } from '../errors.ts'
import {
  type Entry,
  isPair,
  pagesOf,
  requireWalk,
  Throttled,
  Tick,
  underCursor,
  Unreadable,
  type Walk,
} from './enumerator.ts'
import { requireSameVersion } from './file-version.ts'

/** One entry per level, outermost first: of outer levels an `OuterPosition`, or null before the first item. */
export type NestedCursor = readonly Cursor[]

/** The place in an outer level. (A type and not an interface: only so does it satisfy `Cursor`.) */
type OuterPosition = {
  /** The cursor of the item before: the level is entered again after it, and so yields `at` again. */
  readonly after: Cursor
  /** The cursor of the item that is being walked; missing between two items. */
  readonly at?: Cursor
  /** Items left unfinished that were not met since. */
  readonly waiting?: readonly Unfinished[]
}

type Unfinished = { readonly at: Cursor; readonly inside: NestedCursor }

/** The cursors that a cursor is made of, outermost first: of `nested` a level's current item, or null. */
export function levelsOf(cursor: Cursor): readonly Cursor[] {
  if (!Array.isArray(cursor) || !isOuter(cursor[0])) return [cursor]
  return cursor.map((entry: Cursor) => (isOuter(entry) ? (entry.at ?? null) : entry))
}

function isOuter(entry: unknown): entry is OuterPosition {
  return typeof entry === 'object' && entry !== null && 'after' in entry
}

/** The most unfinished items that are remembered: a cursor must not grow with the interruptions. */
const MOST_WAITING = 8

type Levels = readonly Level<never[], unknown>[]
type Pages = AsyncGenerator<Iterable<Entry<unknown, NestedCursor>>>

/** Walks the levels within `outer` from their cursors on; null is their start. */
export async function* walkLevels(
  levels: Levels,
  outer: readonly unknown[],
  start: NestedCursor | null,
): Pages {
  const build = levels[outer.length] as Level<unknown[], unknown>
  if (outer.length < levels.length - 1) {
    yield* walkOuter(levels, outer, start, build)
    return
  }
  const walk = requireWalk('nested', await build({ cursor: start?.[0] ?? null }, ...outer))
  for await (const page of pagesOf(walk)) yield placed(page, (cursor) => [cursor])
}

async function* walkOuter(
  levels: Levels,
  outer: readonly unknown[],
  start: NestedCursor | null,
  build: Level<unknown[], unknown>,
): Pages {
  let { after, waiting } = reentry(start)
  let left = waiting.at(-1)?.at
  const between = (): NestedCursor => [
    { after, ...keeping(waiting) },
    ...levels.slice(outer.length + 1).map(() => null),
  ]
  const walk = requireWalk('nested', await build({ cursor: after }, ...outer))
  for await (const page of pagesOf(walk)) {
    for (const entry of page) {
      if (!isPair(entry)) {
        // Passed, like a tick that moves on: what lies within an item that cannot be read is not known.
        if (!(entry instanceof Throttled) && entry.cursor !== undefined) after = entry.cursor
        yield placed([entry], between)
        continue
      }
      const [item, at] = entry
      // The one that was left comes first: a file has no rows that leave.
      requireSameVersion(left, at)
      left = undefined
      const unfinished = find(waiting, requireIdentity(at, after))
      waiting = waiting.filter((other) => other !== unfinished)
      const position: OuterPosition = { after, at, ...keeping(waiting) }
      let met = false
      const place = (inside: NestedCursor): NestedCursor => [position, ...inside]
      for await (const inner of walkLevels(levels, [...outer, item], unfinished?.inside ?? null)) {
        yield placed(inner, place, () => {
          met = true
        })
      }
      after = at
      // Whatever was empty is passed for good, or many empty ones in a row would never be.
      if (!met) yield [new Tick(between())]
    }
  }
}

/**
 * Tells whether two cursors name the same item: in a nested walk by the items on the way to it, not by
 * those before them, which may have left. Any other cursor is compared whole.
 */
export function itemIdentity(cursor: Cursor): string {
  if (!Array.isArray(cursor) || cursor.length < 2) return encodeCursor(cursor)
  const outer = cursor.slice(0, -1) as Cursor[]
  const nested = outer.every(
    (entry) => typeof entry === 'object' && entry !== null && 'after' in entry && 'at' in entry,
  )
  if (!nested) return encodeCursor(cursor)
  const items = outer.map((entry) => (entry as OuterPosition).at as Cursor)
  return encodeCursor([...items, cursor.at(-1) as Cursor])
}

/** The place to enter an outer level again, and the items to go on with where they were left. */
function reentry(start: NestedCursor | null): {
  after: Cursor
  waiting: readonly Unfinished[]
} {
  const [position, ...inside] = start ?? []
  const { after = null, at, waiting = [] } = (position ?? {}) as Partial<OuterPosition>
  return {
    after,
    waiting: at === undefined ? waiting : [...waiting, { at, inside }].slice(-MOST_WAITING),
  }
}

/** Lazily: what is broken later in a page must not keep its first items from being handled. */
function* placed<C extends Cursor>(
  page: Iterable<Entry<unknown, C>>,
  place: (cursor: C) => NestedCursor,
  met?: () => void,
): Generator<Entry<unknown, NestedCursor>> {
  for (const entry of page) {
    if (isPair(entry)) {
      met?.()
      yield underCursor(entry, place(entry[1]))
    } else if (entry instanceof Throttled) yield entry
    else if (entry instanceof Unreadable) {
      met?.()
      yield new Unreadable(place(entry.cursor), entry.error)
    } else yield entry.cursor === undefined ? new Tick() : new Tick(place(entry.cursor))
  }
}

function find(waiting: readonly Unfinished[], at: Cursor): Unfinished | undefined {
  if (waiting.length === 0) return undefined
  const identity = encodeCursor(at)
  return waiting.find((unfinished) => encodeCursor(unfinished.at) === identity)
}

function keeping(waiting: readonly Unfinished[]): Pick<OuterPosition, 'waiting'> {
  return waiting.length === 0 ? {} : { waiting }
}

function requireIdentity(at: Cursor, before: Cursor): Cursor {
  if (at !== null && (before === null || encodeCursor(at) !== encodeCursor(before))) return at
  const found = at === null ? 'null' : `${encodeCursor(at)}, which another item had before it`
  throw new DogearError(
    'invalid_enumerator',
    `enumerators.nested got an item of an outer level with cursor ${found}; expected a cursor that tells the items apart`,
  )
}

/** Options of a level: the place to go on from. Fits the options of every enumerator. */
export interface LevelPosition {
  readonly cursor: Cursor | null
}

/** Builds the walk of one level, for the items that it lies within, outermost first. */
export type Level<Outer extends readonly unknown[], Item> = (
  at: LevelPosition,
  ...outer: Outer
) => Walk<Item> | Promise<Walk<Item>>
