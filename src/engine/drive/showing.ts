import type { EndStatus, InterruptionReason, Status } from '../run.ts'
import { type Driving, NO_INTENT } from './driving.ts'

/** Changes of a run that people see. */

/** D1 has no such run: nothing can be driven any more. */
export function lose(d: Driving, now: number): void {
  d.error = {
    name: 'DogearError',
    code: 'state_lost',
    message: 'The rows of this run are gone from D1; expected them until the run is purged',
  }
  finish(d, 'failed', now)
  d.indexed = d.rev
  d.orphaned = true
}

export function finish(d: Driving, status: EndStatus, now: number, at?: string): void {
  d.lease = null
  d.intent = NO_INTENT
  sendNothing(d)
  d.closing = false
  delete d.endedInD1
  d.interrupting = null
  d.passOver = null
  d.held = false
  d.waitsUntil = null
  d.finishedAt = at === undefined ? now : Date.parse(at)
  show(d, status, null, now)
  // The end commit wrote the row; the index never touches an ended one.
  d.indexed = d.rev
}

/** No message is to be sent, and none is missed. */
export function sendNothing(d: Driving): void {
  d.sendAt = null
  d.overdueAt = null
}

/** Changes what people see; lists get it when it is news. */
export function show(
  d: Driving,
  status: Status,
  reason: InterruptionReason | null,
  now: number,
): void {
  if (d.status !== status || d.reason !== reason) d.rev += 1
  d.status = status
  d.reason = reason
  d.updatedAt = now
}
