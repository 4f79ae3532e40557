import { displayCursor } from '../cursor.ts'
import { Throttled } from '../enumerators/enumerator.ts'
import type { Pass } from './pass.ts'

/** Stops the slice where its walk is throttled; the run goes on when the walk says so. */
export function standStill(pass: Pass, mark: Throttled, cursor: string | null): Promise<never> {
  // Looked at once more: whoever has changed it since must not stop the run for ever.
  const { waitMs } = new Throttled(mark.waitMs)
  const asked = {
    // At once is at full speed, for as long as it says so: the waits grow instead.
    ...(waitMs && { waitMs }),
    ...(mark.why !== undefined && { why: pass.tools.redact(mark.why) }),
  }
  pass.tools.emit('iteration.throttled', { cursor: displayCursor(cursor), ...asked })
  return pass.stop({ reason: 'throttle', directiveMet: false, ...asked })
}

/**
 * The same in a loop of the author's, which is at no checkpoint: what it has gathered since its last one
 * belongs to an item whose cursor has not moved, and that one will be handled again.
 */
export async function standStillByHand(pass: Pass, mark: Throttled): Promise<never> {
  const { latch, pending, continuation } = pass
  if (latch.told) return latch.hold()
  pending.rollback()
  return standStill(pass, mark, continuation.cursor)
}
