import type { RunError } from '../errors.ts'
import { DEFAULT_RETRY, retryOf, retryWaitMs } from '../policies/retry-policy.ts'
import { keepWait, revoke } from './commands.ts'
import { type Driving, type Lease, NO_INTENT } from './driving.ts'
import { doubtLanes, lanesDone } from './lanes.ts'
import { isStopping } from './owed.ts'
import type { Outcome } from './protocol.ts'
import type { NewRun, Report } from './run-record.ts'
import { finish, lose, show } from './showing.ts'
import { cameBack } from './slice-size.ts'
import { adopt, beginStreak, hasProgressed } from './streak.ts'
import { waitedAgain, waitsNoMore } from './waiting.ts'

/** The release of a lease: the slice is accounted for, and its outcome carried out. Pure, like all of driving. */

/** An interrupted run comes back by itself after this, so that an interruption can be seen. */
const SIGNAL_WAIT_MS = 1_000

/** The last word of a slice. */
export interface LastWord {
  last: Report | null
  fence: number
  outcome: Outcome
}

/** A slice hands its lease back. False when it is not its holder any more. */
export function release(
  d: Driving,
  run: NewRun,
  { last, fence, outcome }: LastWord,
  now: number,
  random: () => number,
): boolean {
  const { lease } = d
  if (lease === null || fence !== d.fence || isStopping(d)) return false
  if (last) adopt(d, lease, last)
  const headway = settleAccounts(d, lease, outcome, now)
  conclude(d, run, outcome, headway, now, random)
  // An end, or lost rows, have put an end to it.
  if (d.intent.kind === 'pause') settlePause(d, outcome, now)
  return true
}

/** Progress, and commits, since the streak of the slice began. */
interface Headway {
  progressed: boolean
  committed: boolean
}

/** Progress clears the count of attempts; anything but an error takes this slice's attempt back. */
function settleAccounts(d: Driving, lease: Lease, outcome: Outcome, now: number): Headway {
  d.lease = null
  cameBack(d, lease)
  d.workedMs += now - lease.claimedAt
  d.n += 1
  d.cautious = false
  d.updatedAt = now
  d.alone = outcome.kind === 'interrupted' && outcome.alone === true
  const progressed = hasProgressed(d)
  const committed = d.seen.commits > d.commitsBefore
  d.commitsBefore = d.seen.commits
  if (progressed) {
    beginStreak(d, 0)
    d.stumbled = outcome.kind === 'errored'
    d.standBacks = 0
    waitsNoMore(d)
  } else if (outcome.kind !== 'errored') d.attempts = Math.max(0, d.attempts - 1)
  return { progressed, committed }
}

function conclude(
  d: Driving,
  run: NewRun,
  outcome: Outcome,
  headway: Headway,
  now: number,
  random: () => number,
): void {
  switch (outcome.kind) {
    case 'interrupted':
      return interrupted(d, run, outcome, headway, now, random)
    case 'errored':
      return errored(d, run, outcome, headway, now, random)
    case 'ended':
      d.result = outcome.result ?? null
      d.error = outcome.error ?? null
      d.retry = outcome.retry ?? null
      d.attention = outcome.attention ?? null
      d.children = outcome.children
      return finish(d, outcome.status, now, outcome.finishedAt)
    case 'superseded':
      d.fence = Math.max(d.fence, outcome.fence)
      d.sendAt = now
      return
    case 'state_lost':
      return lose(d, now)
  }
}

function interrupted(
  d: Driving,
  run: NewRun,
  outcome: Extract<Outcome, { kind: 'interrupted' }>,
  { progressed, committed }: Headway,
  now: number,
  random: () => number,
): void {
  if (outcome.reason === 'lanes') doubtLanes(d)
  else d.interruptions += 1
  d.queue = run.options.resumeQueue ?? d.queue
  comeBack(d, run, outcome, now, random)
  if (!progressed) waitedAgain(d, outcome, committed, now)
}

/** Sets the time at which an interrupted run goes on, and shows it as waiting till then. */
export function comeBack(
  d: Driving,
  run: NewRun,
  outcome: Extract<Outcome, { kind: 'interrupted' }>,
  now: number,
  random: () => number,
): void {
  const deliberate = outcome.reason === 'signal'
  d.held =
    deliberate &&
    ((outcome.directiveMet && run.options.hold === true) || d.interrupting?.hold === true)
  if (deliberate) d.interrupting = null
  if (outcome.directiveMet) d.directive = null
  const standsBack = outcome.reason === 'throttle' || outcome.reason === 'deploy'
  if (standsBack && outcome.waitMs === undefined) d.standBacks += 1
  const wait = standsBack ? retryWaitMs(DEFAULT_RETRY, d.standBacks, random) : 0
  const waits = outcome.reason === 'lanes' && !lanesDone(d)
  const stays = d.held || waits
  d.sendAt = stays ? null : now + (outcome.waitMs ?? (deliberate ? SIGNAL_WAIT_MS : wait))
  if (d.closing) return
  if (outcome.pause === undefined) return show(d, 'interrupted', outcome.reason, now)
  d.attention = outcome.pause
  d.sendAt = null
  show(d, 'paused', outcome.reason, now)
}

function errored(
  d: Driving,
  { options }: NewRun,
  { error, waitMs, retry }: Extract<Outcome, { kind: 'errored' }>,
  { progressed }: Headway,
  now: number,
  random: () => number,
): void {
  d.error = error
  d.retry = retry ?? null
  d.lastError = briefly(error)
  d.errors += 1
  d.cautious = true
  if (progressed) d.queue = options.resumeQueue ?? d.queue
  d.sendAt = now + (waitMs ?? retryWaitMs(retryOf(options.retry), d.attempts, random))
  if (!d.closing) show(d, 'queued', null, now)
}

function briefly({ name, code, message, at }: RunError): RunError {
  return { name, ...(code !== undefined && { code }), message, ...(at && { at }) }
}

function settlePause(d: Driving, outcome: Outcome, now: number): void {
  keepWait(d, now)
  d.sendAt = null
  if (outcome.kind === 'interrupted' && outcome.reason === 'pause') {
    d.intent = NO_INTENT
    return show(d, 'paused', 'pause', now)
  }
  // A commit of this slice may still be on its way: D1 is raised before the run is shown as paused.
  revoke(d)
  show(d, d.status, 'pause', now)
}
