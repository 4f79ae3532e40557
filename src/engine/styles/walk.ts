import { type Cursor, displayCursor, encodeCursor } from '../cursor.ts'
import {
  pagesOf,
  type Pair,
  Throttled,
  Tick,
  Unreadable,
  type Walk,
} from '../enumerators/enumerator.ts'
import { describeValue, DogearError, ensureError } from '../errors.ts'
import { Attempt } from '../pass/attempt.ts'
import type { Pass } from '../pass/pass.ts'
import { standStill } from '../pass/stand-still.ts'
import { NonRetryableError } from '../policies/retry-errors.ts'
import type { Continuation } from '../steps/continuation.ts'
import type { Skip } from '../store/change.ts'
import { Forward } from './forward.ts'
import { itemMark } from './item-mark.ts'
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
  /** Items of the run after which the walk is over. */
  limit?: number
}

/**
 * The loop that the engine owns: each item handled, cursor moved, checkpoint. A walk makes progress by
 * at least one item per slice, because it is stopped after items only (job-iteration's rule). Answers
 * how many items it met.
 */
export async function walk<Item, C extends Cursor>(
  enumerator: Walk<Item, C>,
  walking: Walking<Item, C>,
): Promise<number> {
  const { pass, level, step, depth, move, counts = true, limit = Infinity } = walking
  const { pending, latch } = pass
  let before = level.cursor
  let met = 0
  if (pass.done >= limit) return met
  pending.beginWalk()
  const { pages, forward, beforeStop } = begun(enumerator, walking)
  for await (const page of pages) {
    for (const entry of page) {
      pages.took()
      if (latch.told) await latch.hold()
      const pair = pairOf<Item, C>(entry)
      if (!pair) {
        before = await takeMark(entry, walking)
        continue
      }
      const [item, cursor, countsAs = 1] = pair
      const encoded = encodeCursor(cursor)
      forward.move(encoded)
      if (pass.reached(encoded, depth)) await pass.stop({ reason: 'signal', directiveMet: true })
      met += 1
      let attempt: Attempt<C> | undefined = new Attempt<C>(pass, depth, cursor, encoded)
      const hadEffects = pending.hasEffects
      level.enterItem(encoded)
      try {
        const handled = handle(item, attempt, walking)
        if (handled !== undefined) await handled
        attempt.end()
      } catch (thrown) {
        attempt.end()
        if (pass.aborted) return met
        attempt = await tryAgainOrSkip({ thrown, item, attempt, before }, walking)
      }
      if (latch.told) await latch.hold()
      if (pass.aborted) return met
      move(encoded, cursor)
      before = encoded
      if (attempt) pending.noteItem(step, encoded, hadEffects)
      if (pass.arrive(attempt ? countsAs : 0, counts) || attempt?.asked)
        await pass.settle({ beforeStop, asked: attempt?.asked })
      if (pass.done >= limit) return met
    }
  }
  return met
}

/** The pages of a walk, and what watches that it moves forward. */
function begun<Item, C extends Cursor>(
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

/** One attempt at an item. Throws for one that cannot be read, or whose effects D1 has refused. */
function handle<Item, C extends Cursor>(
  item: Item | Unreadable,
  attempt: Attempt<C>,
  { pass, step, each }: Walking<Item, C>,
): void | Promise<void> {
  if (item instanceof Unreadable) throw ensureError(item.error)
  const poison = pass.poisonAt(step, attempt.encoded)
  if (poison) throw poison
  return each(item, attempt)
}

interface Failed<Item, C extends Cursor> {
  thrown: unknown
  item: Item | Unreadable
  attempt: Attempt<C>
  /** The encoded cursor of the item before it. */
  before: string | null
}

/** Gives an item that failed its other attempts: the one that has done it, or none when it had to be skipped. */
async function tryAgainOrSkip<Item, C extends Cursor>(
  { thrown, item, attempt: { cursor, encoded }, before }: Failed<Item, C>,
  { pass, level, depth, step, each, origin }: Walking<Item, C>,
): Promise<Attempt<C> | undefined> {
  const { pending, latch } = pass
  pass.callers.attemptFailed()
  let error = ensureError(thrown)
  let attempts = 1
  for (; ; attempts++) {
    if (latch.signal || !pending.tolerates(error)) throw thrown
    if (attempts >= pending.attempts || error === pass.poisonAt(step, encoded)) break
    // What steps within it have done is done: the item is not begun again. What cannot be read stays so.
    if (level.hasInner || item instanceof Unreadable || error instanceof NonRetryableError) break
    pending.rollback()
    const attempt = new Attempt<C>(pass, depth, cursor, encoded)
    try {
      await each(item, attempt)
      return attempt
    } catch (again) {
      if (pass.aborted) return undefined
      error = ensureError(again)
    } finally {
      attempt.end()
    }
  }
  level.dropInner()
  const place =
    item instanceof Unreadable
      ? { cursor: encoded, before, item: null }
      : (origin?.(item) ?? { cursor: encoded, before, item: await itemMark(item, cursor) })
  pending.skip({ step, ...place, attempts }, error)
  pass.emit('iteration.skipped', {
    cursor: displayCursor(place.cursor),
    attempts,
    error: pass.shown(error),
  })
  return undefined
}

/** A throttled walk stops the slice. Answers where the step stands then. */
async function takeMark<Item, C extends Cursor>(
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
function pairOf<Item, C extends Cursor>(entry: unknown): Pair<Item | Unreadable, C> | undefined {
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
