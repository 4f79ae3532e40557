import { type Cursor, displayCursor } from '../cursor.ts'
import { Unreadable } from '../enumerators/enumerator.ts'
import { noteOf } from '../error-notes.ts'
import { ensureError } from '../errors.ts'
import type { PassOver } from '../drive/run-record.ts'
import { Attempt } from '../pass/attempt.ts'
import type { Walked } from '../pass/stop-signal.ts'
import { NonRetryableError } from '../policies/retry-errors.ts'
import { itemMark } from './item-mark.ts'
import type { Walking } from './walking.ts'

/** An item of a walk, which may be what cannot be read in its place. */
export interface Met<Item, C extends Cursor> {
  item: Item | Unreadable
  cursor: C
  encoded: string
}

/** An item to be passed over: the job tolerates it, or a person has asked for it, about an error that was told before. */
export type PassedOver =
  | { attempts: number; error: Error; by?: never }
  | Pick<PassOver, 'attempts' | 'error' | 'by'>

/** Thrown instead of handling an item that a person has asked to be passed over. */
class Asked extends Error {
  readonly passedOver: PassedOver

  constructor({ attempts, error, by }: PassOver) {
    super('The item is to be passed over')
    this.passedOver = { attempts, error, by }
  }
}

/** One attempt at an item. Throws for one that cannot be read, or whose effects D1 has refused. */
export function handle<Item, C extends Cursor>(
  item: Item | Unreadable,
  attempt: Attempt<C>,
  { pass, step, depth, each }: Walking<Item, C>,
): void | Promise<void> {
  const asked = pass.toPassOver(attempt.encoded, depth)
  if (asked) throw new Asked(asked)
  if (item instanceof Unreadable) throw ensureError(item.error)
  const poison = pass.poisonAt(step, attempt.encoded)
  if (poison) throw poison
  return each(item, attempt)
}

/**
 * Gives an item that has failed its other attempts. Answers the one that has done it, or aborted the walk;
 * or that the item is to be passed over. Throws what was thrown first when the job does not tolerate it.
 */
export async function tryAgain<Item, C extends Cursor>(
  { item, cursor, encoded }: Met<Item, C>,
  thrown: unknown,
  { pass, level, depth, step, each }: Walking<Item, C>,
  concurrent = false,
): Promise<Attempt<C> | PassedOver> {
  if (thrown instanceof Asked) return thrown.passedOver
  const { pending, latch } = pass
  pass.callers.attemptFailed()
  let error = ensureError(thrown)
  let attempts = 1
  for (; ; attempts++) {
    if (latch.signal || !pending.tolerates(error)) {
      noteItemOf(thrown, { item, encoded }, { pass, step, depth })
      throw thrown
    }
    if (attempts >= pending.attempts || error === pass.poisonAt(step, encoded)) break
    // What steps within it have done is done: the item is not begun again. What cannot be read stays so.
    if (level.hasInner || item instanceof Unreadable || error instanceof NonRetryableError) break
    if (!concurrent) pending.rollback()
    const attempt = new Attempt<C>(pass, depth, cursor, encoded, concurrent)
    try {
      await each(item, attempt)
      return attempt
    } catch (again) {
      if (attempt.aborted) return attempt
      error = ensureError(again)
    } finally {
      attempt.end()
    }
  }
  return { attempts, error }
}

/** Notes an item as skipped; `before` is the encoded cursor of the item before it. */
export async function passOver<Item, C extends Cursor>(
  { item, cursor, encoded }: Met<Item, C>,
  { attempts, error, by }: PassedOver,
  before: string | null,
  { pass, level, step, depth, origin }: Walking<Item, C>,
): Promise<void> {
  level.dropInner()
  const place =
    item instanceof Unreadable
      ? { cursor: encoded, before, item: null }
      : (origin?.(item) ?? { cursor: encoded, before, item: await itemMark(item, cursor) })
  const who = by !== undefined && { by }
  try {
    pass.pending.skip({ step, ...place, attempts, ...who }, error)
  } catch (exhausted) {
    noteItemOf(exhausted, { item, encoded }, { pass, step, depth })
    throw exhausted
  }
  pass.emit('iteration.skipped', {
    cursor: displayCursor(place.cursor),
    attempts,
    error: error instanceof Error ? pass.shown(error) : error,
    ...who,
  })
}

/** Notes of an error at which item the run has come to it. */
function noteItemOf(
  thrown: unknown,
  { item, encoded }: { item: unknown; encoded: string },
  { pass, step, depth }: Walked,
): void {
  const at = {
    step,
    cursor: JSON.stringify(displayCursor(encoded)),
    place: pass.placeOf(encoded, depth),
    ...(Array.isArray(item) && { items: item.length }),
  }
  noteOf(thrown, { at })
}
