import type { Driving } from './driving.ts'
import type { Outcome } from './protocol.ts'
import { isoTime } from '../iso-time.ts'

/**
 * Notes on runs that have waited, again and again, for too long. Every wait without an end of its own gets
 * a note that a person sees (`attention`, and with it an alert) after a bounded time; progress takes it away.
 */

/** A deploy lasts seconds: after so many interruptions for older code it is more likely a rollback. */
const DEPLOYS = 5
/** An object may keep its code for five minutes: with waits that are doubled, the tenth comes after six. */
const OTHER_CODE = 10
/** With waits that are doubled, the eighth comes after two minutes: longer than most troubles of D1. */
const STAND_BACKS = 8
/** A walk that is throttled, or a budget used up: the job's own doing, and may be meant. */
const OWN_WAITS = 20
/** Whatever the number. */
const LONG_MS = 3_600_000

export const OLDER_CODE =
  'The code that is running is older than the code that wrote the checkpoint, and cannot follow it; expected the newer code to be deployed again'
const WAITS = 'Has got no further since '

type Waiting = Extract<Outcome, { kind: 'interrupted' }>

/** A slice has ended with an interruption, and the run got no further. `committed`: something was written. */
export function waitedAgain(d: Driving, outcome: Waiting, committed: boolean, now: number): void {
  const { reason, why } = outcome
  const isWait = reason === 'throttle' || reason === 'deploy' || (reason === 'budget' && !committed)
  if (!isWait) return
  const slices = (d.waiting?.slices ?? 0) + 1
  const since = d.waiting?.since ?? now
  d.waiting = { slices, since }
  if (reason === 'deploy' && why === undefined) {
    if (slices >= DEPLOYS) d.attention ??= OLDER_CODE
    return
  }
  const most = mostWaits(outcome)
  const long = slices > 1 && now - since >= LONG_MS
  if (slices < most && !long) return
  d.attention ??= `${WAITS}${isoTime(since)}, in ${slices} slices: ${why ?? OWN[reason]}`
}

function mostWaits({ reason, waitMs }: Waiting): number {
  if (reason === 'deploy') return OTHER_CODE
  return reason === 'throttle' && waitMs === undefined ? STAND_BACKS : OWN_WAITS
}

const OWN: Record<string, string> = {
  throttle: 'each was throttled by its walk',
  budget: 'each used up its budget before a step or an item was done, or a cursor moved',
}

/** The run has got further. */
export function waitsNoMore(d: Driving): void {
  d.waiting = null
  if (d.attention === OLDER_CODE || d.attention?.startsWith(WAITS)) d.attention = null
}
