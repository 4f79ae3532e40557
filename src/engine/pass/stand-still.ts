import { displayCursor } from '../cursor.ts'
import { Throttled } from '../enumerators/enumerator.ts'
import type { Emit } from '../events.ts'
import type { Redact } from '../sensitive.ts'
import type { InterruptSignal } from './stop-signal.ts'

/** A pass, as far as it stops for a walk. */
interface Stopping {
  readonly emit: Emit
  readonly redact: Redact
  stop(signal: Omit<InterruptSignal, 'kind'>): Promise<never>
}

/** Stops the slice where its walk is throttled; the run goes on when the walk says so. */
export function standStill(pass: Stopping, mark: Throttled, cursor: string | null): Promise<never> {
  // Looked at once more: whoever has changed it since must not stop the run for ever.
  const { waitMs } = new Throttled(mark.waitMs)
  const asked = {
    // At once is at full speed, for as long as it says so: the waits grow instead.
    ...(waitMs && { waitMs }),
    ...(mark.why !== undefined && { why: pass.redact(mark.why) }),
  }
  pass.emit('iteration.throttled', { cursor: displayCursor(cursor), ...asked })
  return pass.stop({ reason: 'throttle', directiveMet: false, ...asked })
}
