import { type Cursor, encodeCursor } from '../cursor.ts'
import type { Walk } from '../enumerators/enumerator.ts'
import { Attempt } from '../pass/attempt.ts'
import { handle, passOver, tryAgain } from './item-attempts.ts'
import { begun, pairOf, takeMark, type Walking } from './walking.ts'

/**
 * The loop that the engine owns: each item handled, cursor moved, checkpoint. A walk makes progress by
 * at least one item per slice, because it is stopped after items only (job-iteration's rule). Answers
 * how many items it met.
 */
export async function walk<Item, C extends Cursor>(
  enumerator: Walk<Item, C>,
  walking: Walking<Item, C>,
): Promise<number> {
  const { pass, level, depth, move, counts = true, limit = Infinity } = walking
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
        if (!attempt.aborted) {
          const failed = { item, cursor, encoded }
          const outcome = await tryAgain(failed, thrown, walking)
          attempt = outcome instanceof Attempt ? outcome : undefined
          if (!(outcome instanceof Attempt)) await passOver(failed, outcome, before, walking)
        }
      }
      if (pass.aborts(attempt)) return met
      if (latch.told) await latch.hold()
      move(encoded, cursor)
      before = encoded
      if (attempt) pending.noteItem(walking, encoded, hadEffects)
      if (pass.arrive(attempt ? countsAs : 0, counts) || attempt?.asked)
        await pass.settle({ beforeStop, asked: attempt?.asked })
      if (pass.done >= limit) return met
    }
  }
  return met
}
