import { isEnded } from '../run.ts'
import type { Driving } from './driving.ts'

/** So soon a message may be missed, if no other one is taken either. */
const UNTAKEN_MS = 10_000
/** A Worker notes that it takes messages once in 30 s. */
const QUIET_MS = 90_000

/** The message that the run waits to have claimed. */
export function unclaimed({ lease, held, status, sent, n }: Driving): Driving['sent'] {
  return lease === null && !held && status !== 'paused' && sent?.n === n ? sent : null
}

/** The time from which on it is worth to look whether anybody takes messages at all; null when none is missed. */
export function missedAt(d: Driving): number | null {
  if (isEnded(d.status) || d.untaken !== undefined) return null
  const sent = unclaimed(d)
  return sent && sent.at + UNTAKEN_MS
}

/**
 * Notes whether anybody takes the queue's messages. `taken`: the time a Worker has noted last that it did; null for
 * never.
 */
export function noteTaken(d: Driving, queue: string, taken: number | null, now: number): void {
  if (taken !== null && taken > (unclaimed(d)?.at ?? now) - QUIET_MS) delete d.untaken
  else d.untaken = queue
}
