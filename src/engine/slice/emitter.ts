import { type Emit, type EngineEvent, isFrequent } from '../events.ts'
import { log } from '../log.ts'
import { redactorOf } from '../sensitive.ts'
import type { SliceParts } from './parts.ts'
import { isoTime } from '../iso-time.ts'

/**
 * Tells what happens, each time with run, job and fence: the run's Durable Object, and the slice's own
 * listener. A listener that throws is noted in the log, and changes nothing for the run.
 */
export function emitter({
  claim,
  deps,
  reporter,
}: Pick<SliceParts, 'claim' | 'deps' | 'reporter'>): Emit {
  const { onEvent } = deps
  const { fence, run } = claim
  const redact = redactorOf(run)
  return (type, payload) => {
    const frequent = isFrequent(type, payload)
    if (frequent && !onEvent) return
    const at = isoTime(deps.clock.now())
    const told = redact(payload)
    const event = { type, at, run: run.id, job: run.job, fence, ...told } as EngineEvent
    if (!frequent) reporter.note(event)
    try {
      onEvent?.(event)
    } catch (error) {
      log.error('listener.failed', { type, run: run.id, error }, redact)
    }
  }
}
