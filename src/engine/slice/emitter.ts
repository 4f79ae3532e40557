import type { Clock } from '../clock.ts'
import type { Claim } from '../drive/protocol.ts'
import { type Emit, type EngineEvent, isFrequent } from '../events.ts'
import { log } from '../log.ts'
import { redactorOf } from '../sensitive.ts'
import { isoTime } from '../iso-time.ts'

/** Listeners to a slice's events. */
interface Listeners {
  clock: Clock
  /** The events that the run's Durable Object does not have yet. */
  untold: { add(event: EngineEvent): void }
  /** The slice's own. */
  onEvent: ((event: EngineEvent) => void) | undefined
}

/**
 * Tells what happens, each time with run, job and fence: the run's Durable Object, and the slice's own
 * listener. A listener that throws is noted in the log, and changes nothing for the run.
 */
export function emitter(
  { fence, run }: Extract<Claim, { ok: true }>,
  { clock, untold, onEvent }: Listeners,
): Emit {
  const redact = redactorOf(run)
  return (type, payload) => {
    const frequent = isFrequent(type, payload)
    if (frequent && !onEvent) return
    const at = isoTime(clock.now())
    const told = redact(payload)
    const { id, job, lane } = run
    const where = { run: id, job, ...(lane !== undefined && { lane }), fence }
    const event = { type, at, ...where, ...told } as EngineEvent
    if (!frequent) untold.add(event)
    try {
      onEvent?.(event)
    } catch (error) {
      log.error('listener.failed', { type, run: run.id, error }, redact)
    }
  }
}
