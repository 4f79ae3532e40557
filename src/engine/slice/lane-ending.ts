import type { Outcome } from '../drive/protocol.ts'
import { ensureError } from '../errors.ts'
import type { Change } from '../store/change.ts'
import type { Lane } from '../store/store.ts'
import type { Ending, Rewind } from './ending.ts'

/** Lane 0 has done its part, and others have not: it goes on once they have. */
export const WAITS_FOR_LANES: Extract<Outcome, { kind: 'interrupted' }> = {
  kind: 'interrupted',
  reason: 'lanes',
  directiveMet: false,
}

/** A lane, which is not the first, has come to its end, and D1 knows. */
export const LANE_DONE: Outcome = { kind: 'ended', status: 'completed', children: [] }

/** Writes that a lane, which is not the first, has come to its end. */
export async function finishLane(
  lane: Pick<Lane, 'commit'>,
  pass: { takeEnd(): Change },
  ending: Ending,
): Promise<Outcome | Rewind> {
  const outcome = await lane.commit({ ...pass.takeEnd(), finished: true })
  switch (outcome.kind) {
    case 'committed':
      return LANE_DONE
    case 'guard':
    case 'unknown':
      return { kind: 'rewind', cause: outcome.error }
    case 'spent':
      return ending.spent(outcome.error)
    case 'refused':
      return ending.errored(ensureError(outcome.error), false)
  }
}
