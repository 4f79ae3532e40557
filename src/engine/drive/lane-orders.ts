import type { ErrorCode } from '../errors.ts'
import { type LaneView, isEnded } from '../run.ts'
import * as commands from './commands.ts'
import { type Driving, initialDriving, type LaneOrder, NO_INTENT } from './driving.ts'
import { isForgotten } from './owed.ts'
import type { NewRun, Report } from './run-record.ts'
import { runView } from './run-view.ts'
import { laneOf } from './lanes-view.ts'
import { finish, show } from './showing.ts'

const LOST_WAIT_MS = 1_000

/** What the object of a lane that is not the first makes of the orders of its run's. Pure. */

/** A lane that has been cut off: its rows are in D1. */
export function beginLane(lane: NewRun, now: number): Driving {
  return { ...initialDriving(lane, now), inD1: true, toldRun: 0, sendAt: now }
}

/** Takes an order. Each may come twice, and changes nothing then. `seen`: what D1 has of the lane, if that was looked up. */
export function takeOrder(d: Driving, order: LaneOrder, seen: Report | null, now: number): void {
  // D1 was put back to a time when it was not done.
  if (d.status === 'completed' && !(order === 'work' && seen)) return
  if (seen && d.lease === null) d.seen = seen
  switch (order) {
    case 'work':
      if (isEnded(d.status)) beginAgain(d, now)
      else if (d.status === 'paused' || d.held) commands.command(d, 'resume', {}, now)
      else if (d.intent.kind === 'pause' && !d.intent.revoked) d.intent = NO_INTENT
      if (isForgotten(d)) d.sendAt = now
      return
    case 'pause':
      if (!isEnded(d.status) && d.status !== 'paused' && d.intent.kind === 'none')
        commands.command(d, 'pause', {}, now)
      return
    case 'stop':
      // Whoever works on it is refused by D1, which knows the end.
      if (!isEnded(d.status)) finish(d, 'cancelled', now)
      return
    case 'finish':
      finish(d, 'completed', now)
  }
}

/** A person has retried the run, and D1 has it as active again. */
function beginAgain(d: Driving, now: number): void {
  d.n += 1
  d.attempts = 0
  d.retry = null
  d.attention = null
  d.finishedAt = null
  d.errors = 0
  d.resumptionsBefore = d.resumptions
  // Its rows come back with the commit that cuts the walk once more.
  const lost = d.error?.code === ('state_lost' satisfies ErrorCode)
  d.sendAt = now + (lost ? LOST_WAIT_MS : 0)
  d.error = null
  show(d, 'queued', null, now)
}

/** A lane as its run's object, and people, see it. */
export function laneView(run: NewRun, d: Driving): LaneView {
  return laneOf(runView(run, d), run.lane)
}
