import type { ToldEvents } from '../events.ts'
import type { Outcome, RunObject } from '../drive/protocol.ts'
import { PROTOCOL } from '../drive/protocol-number.ts'
import type { Report } from '../drive/run-record.ts'

const TRIES = 3

/** An object that was just reset answers the second time; a release that is lost costs a lease. */
export async function release(
  object: () => RunObject,
  last: Report | null,
  fence: number,
  outcome: Outcome,
  told?: ToldEvents,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await object().release(last, fence, outcome, told, PROTOCOL)
      return
    } catch (error) {
      if (tries === TRIES) throw error
    }
  }
}
