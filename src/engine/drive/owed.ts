import type { Driving } from './driving.ts'
import { lanesToOrder } from './lanes.ts'
import { missedAt } from './missed.ts'
import type { NewRun } from './run-record.ts'

/** All that a run's object owes by its state, and the time of its next look. */

/** A slice has something to do for the run also when it is cancelled. */
export function needsClosing(run: NewRun): boolean {
  // The run's own object sees to it.
  if (run.lane !== undefined) return false
  return run.parent !== null || run.options.closing === true
}

/** The run is to end by its object's own fence. */
export function isStopping({ intent }: Driving): boolean {
  return intent.kind === 'cancel' || intent.kind === 'fail'
}

/** D1 does not know yet what was asked, or has not answered. */
export function isUnanswered({ intent }: Driving): boolean {
  return intent.kind === 'pause' ? intent.revoked : intent.kind !== 'none'
}

/** The run is to go on, and nothing is under way that would see to it. */
export function isForgotten(d: Driving): boolean {
  const asleep = d.lease === null && d.overdueAt === null && d.sendAt === null
  const owes =
    d.closing ||
    ((d.status === 'queued' || d.status === 'running' || d.status === 'interrupted') && !d.held)
  return asleep && owes && d.intent.kind === 'none'
}

/** Something owed that could not be done is tried again after this, and after twice as long each time. */
const RECONCILE_WAIT_MS = 1_000

const MAX_RECONCILE_WAIT_MS = 60_000

/**
 * The time to wake the object; null when nothing is left to do. Never at once: what is due now is
 * being done by whoever asks, and the alarm is there in case it fails.
 */
export function nextAlarm(d: Driving, now: number): number | null {
  const wait = RECONCILE_WAIT_MS * 2 ** (d.failures?.count ?? 0)
  const againAt = now + Math.min(MAX_RECONCILE_WAIT_MS, wait)
  const news = d.rev > (d.toldRun ?? d.indexed)
  const owed = !d.inD1 || isUnanswered(d) || d.orphaned || news || lanesToOrder(d).length > 0
  const sendAt = d.sendAt === null ? null : Math.max(d.sendAt, d.inD1 ? 0 : againAt)
  const missed = missedAt(d)
  const lookAt = missed !== null && missed > now ? missed : null
  const times = [d.lease?.until ?? null, d.overdueAt, sendAt, owed ? againAt : null, lookAt]
  const due = times.filter((time) => time !== null)
  return due.length === 0 ? null : Math.max(now + RECONCILE_WAIT_MS, Math.min(...due))
}
