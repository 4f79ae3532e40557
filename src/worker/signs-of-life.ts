import { bindingsOf, queueNameOf } from '../engine/bindings.ts'
import { clockOf } from '../engine/clock.ts'
import { log } from '../engine/log.ts'
import { type Beat, lastBeat, noteBeat } from '../monitoring/index.ts'
import type { LastTaken } from '../../durable-objects/inbox.ts'

/** So often an isolate notes that it takes messages. */
const EVERY_MS = 30_000

/** Notes what a Worker does that nobody would hear of otherwise, so that its absence is found. */
export class SignsOfLife {
  /** When each was last noted by this isolate. */
  readonly #noted = new Map<Beat, number>()

  /** What cannot be noted is not: nothing that works depends on it. */
  async note(env: Cloudflare.Env, beat: Beat, everyMs = EVERY_MS): Promise<void> {
    const now = clockOf(env).now()
    if (now - (this.#noted.get(beat) ?? 0) < everyMs) return
    this.#noted.set(beat, now)
    try {
      await noteBeat(bindingsOf(env).db, beat, now)
    } catch (error) {
      log.warn('beat.unwritten', { beat, error })
    }
  }
}

/** When a message was last taken from this Worker's queue. Undefined where it has none, or D1 does not say. */
export async function lastTaken(env: Cloudflare.Env): Promise<LastTaken | undefined> {
  try {
    if (!bindingsOf(env).queue) return undefined
    return { queue: queueNameOf(env), at: await lastBeat(bindingsOf(env).db, 'message') }
  } catch {
    return undefined
  }
}
