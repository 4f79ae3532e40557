import type { Driving } from './driving.ts'
import { isDue } from './lease.ts'
import type { Claim, Outcome } from './protocol.ts'
import { comeBack } from './release.ts'
import type { NewRun, Report } from './run-record.ts'
import { sendNothing } from './showing.ts'
import { waitedAgain } from './waiting.ts'

/** Of a slice whose code is too old for the run's object, whatever it says: newer code takes the run over. */
export const OLDER_SLICE: Extract<Outcome, { kind: 'interrupted' }> = {
  kind: 'interrupted',
  reason: 'deploy',
  directiveMet: false,
  why: "the code of the queue's consumer is too old for the code of the run's object; expected the newer code to be deployed to all",
}

/** Refuses the lane to a slice that is too old. Its message is used up: the next one comes after a while. */
export function turnAway(
  d: Driving,
  run: NewRun,
  n: number,
  now: number,
  random: () => number,
): Claim {
  if (!isDue(d, n)) return { ok: false, code: 'stale' }
  d.n += 1
  d.sent = null
  sendNothing(d)
  comeBack(d, run, OLDER_SLICE, now, random)
  waitedAgain(d, OLDER_SLICE, false, now)
  return { ok: false, code: 'outdated' }
}

/** A slice that is too old reports: it keeps the lane while it lives, and is to stop. Nothing of it is adopted. */
export function stopSoon(d: Driving, { fence }: Pick<Report, 'fence'>, now: number) {
  if (d.lease === null || fence !== d.fence) return null
  d.lease.until = now + d.patienceMs
  return { stop: OLDER_SLICE.reason }
}
