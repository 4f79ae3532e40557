import { NO_HISTORY } from '../drive/protocol.ts'
import type { History } from '../events.ts'
import type { SliceParts } from './parts.ts'

/** A run's interruptions and working time, up to now. */
export function historyOf({
  claim,
  deps,
  startedAt,
}: Pick<SliceParts, 'claim' | 'deps' | 'startedAt'>): History {
  const { interruptions, workedMs } = claim.history ?? NO_HISTORY
  const totalTimeMs = workedMs + deps.clock.now() - startedAt
  return { timesInterrupted: interruptions, totalTimeMs }
}
