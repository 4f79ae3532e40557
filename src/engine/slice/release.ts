import type { RunObject } from '../drive/protocol.ts'

const TRIES = 3

/** An object that was just reset answers the second time; a release that is lost costs a lease. */
export async function release(
  object: () => RunObject,
  ...last: Parameters<RunObject['release']>
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await object().release(...last)
      return
    } catch (error) {
      if (tries === TRIES) throw error
    }
  }
}
