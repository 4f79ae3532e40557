import { type Cursor, displayCursor } from '../cursor.ts'
import { Unreadable } from '../enumerators/enumerator.ts'
import { noteOf } from '../error-notes.ts'
import { ensureError } from '../errors.ts'
import { Attempt } from '../pass/attempt.ts'
import { NonRetryableError } from '../policies/retry-errors.ts'
import { itemMark } from './item-mark.ts'
import type { Walking } from './walking.ts'

/** An item of a walk, which may be what cannot be read in its place. */
export interface Met<Item, C extends Cursor> {
  item: Item | Unreadable
  cursor: C
  encoded: string
}

/** An item that the job tolerates to be passed over. */
export interface PassedOver {
  attempts: number
  error: Error
}

/** One attempt at an item. Throws for one that cannot be read, or whose effects D1 has refused. */
export function handle<Item, C extends Cursor>(
  item: Item | Unreadable,
  attempt: Attempt<C>,
  { pass, step, each }: Walking<Item, C>,
): void | Promise<void> {
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
  const { pending, latch } = pass
  pass.callers.attemptFailed()
  let error = ensureError(thrown)
  let attempts = 1
  for (; ; attempts++) {
    if (latch.signal || !pending.tolerates(error)) {
      noteOf(thrown, { at: { step, cursor: JSON.stringify(displayCursor(encoded)) } })
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
  { attempts, error }: PassedOver,
  before: string | null,
  { pass, level, step, origin }: Walking<Item, C>,
): Promise<void> {
  level.dropInner()
  const place =
    item instanceof Unreadable
      ? { cursor: encoded, before, item: null }
      : (origin?.(item) ?? { cursor: encoded, before, item: await itemMark(item, cursor) })
  pass.pending.skip({ step, ...place, attempts }, error)
  pass.emit('iteration.skipped', {
    cursor: displayCursor(place.cursor),
    attempts,
    error: pass.shown(error),
  })
}
