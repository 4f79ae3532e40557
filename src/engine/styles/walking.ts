import { type Cursor, encodeCursor } from '../cursor.ts'
import {
  pagesOf,
  type Pair,
  Throttled,
  Tick,
  Unreadable,
  type Walk,
} from '../enumerators/enumerator.ts'
import { describeValue, DogearError } from '../errors.ts'
import type { Attempt } from '../pass/attempt.ts'
import type { Pass } from '../pass/pass.ts'
import { standStill } from '../pass/stand-still.ts'
import type { Continuation } from '../steps/continuation.ts'
import type { Skip } from '../store/change.ts'
import { Forward } from './forward.ts'
import { type TurnedPage, Turning } from './turning.ts'

/** A walk under way: the step that walks, and what it does with each item. */
export interface Walking<Item, C extends Cursor> {
  pass: Pass
  /** The level of the step that walks. */
  level: Continuation
  /** The number of steps around that one. */
  depth: number
  /** Under which name its items are skipped, and found again. */
  step: string
  each: (item: Item, attempt: Attempt<C>) => void | Promise<void>
  /** Moves the step's cursor; the item is done. */
  move: (encoded: string, cursor: C) => void
  /** Its items count in the run's progress. @default true */
  counts?: boolean
  /** The place where a skipped item is found again, when it is not this walk that yields it first. */
  origin?: (item: Item) => Pick<Skip, 'before' | 'item'> & { cursor: string }
  /** The encoded cursor of the item that was done last, by an earlier slice. */
  doneBefore?: string | null
  /** The encoded cursor that a resumed step was at, where the walk was built. */
  startedAt?: string | null
  /** Makes what a concurrent item has assigned part of the run's attributes. */
  combine?: ((attempt: Attempt<C>) => void) | undefined
  /** Items of the run after which the walk is over. */
  limit?: number
}

/** The pages of a walk, and what watches that it moves forward. */
export function begun<Item, C extends Cursor>(
  enumerator: Walk<Item, C>,
  { pass: { clock, emit }, origin, doneBefore = null, startedAt = null }: Walking<Item, C>,
) {
  requireEnumerator(enumerator)
  // Those of the engine have cursors that differ, by how they are made.
  const single = enumerator.pages === undefined || enumerator.single === true
  const own = single && origin === undefined
  const forward = new Forward(doneBefore, doneBefore ?? startedAt)
  const tellPage = single ? undefined : (page: TurnedPage) => emit('iteration.page', page)
  const pages = new Turning(pagesOf(enumerator), clock, tellPage)
  const beforeStop = async (): Promise<void> => {
    if (own && forward.hasPlace) forward.requireNext(await pages.upcoming())
  }
  return { pages, forward, beforeStop }
}

/** A throttled walk stops the slice. Answers where the step stands then. */
export async function takeMark<Item, C extends Cursor>(
  mark: unknown,
  { pass, level, move }: Walking<Item, C>,
): Promise<string | null> {
  if (mark instanceof Throttled) return standStill(pass, mark, level.cursor)
  if (!(mark instanceof Tick)) throw notAPair(mark)
  const cursor = mark.cursor as C | undefined
  if (cursor !== undefined) move(encodeCursor(cursor), cursor)
  // No item was handled: the budget may stop here only when the slice has already got somewhere; people
  // need not wait for that.
  else if (!pass.mayStopHere) return level.cursor
  if (pass.arrive(0)) await pass.settle()
  return level.cursor
}

/** The item, or what cannot be read in its place, and its cursor. Undefined for a mark between items. */
export function pairOf<Item, C extends Cursor>(
  entry: unknown,
): Pair<Item | Unreadable, C> | undefined {
  if (entry instanceof Unreadable) return [entry, entry.cursor as C]
  if (!Array.isArray(entry)) return undefined
  const counts = entry.length === 3 && Number.isSafeInteger(entry[2]) && entry[2] >= 1
  if (entry.length === 2 || counts) return entry as unknown as Pair<Item, C>
  throw notAPair(entry)
}

function notAPair(found: unknown): DogearError {
  return new DogearError(
    'invalid_enumerator',
    `The enumerator yielded ${describeValue(found)}; expected a pair [item, cursor], or [item, cursor, how many items it counts as]`,
  )
}

/** The run's total is what its walk has, unless the job has said another. */
export async function expectSize(
  pass: Pass,
  enumerator: Pick<Walk<unknown>, 'size'>,
): Promise<void> {
  const total = await enumerator.size?.()
  if (typeof total === 'number') pass.pending.expectTotal(total)
}

export function requireEnumerator(value: unknown): void {
  const walkable = typeof value === 'object' && value !== null && Symbol.asyncIterator in value
  if (!walkable) {
    throw new DogearError(
      'invalid_enumerator',
      `buildEnumerator returned ${describeValue(value)}; expected an enumerator: an async iterable of [item, cursor]`,
    )
  }
}
