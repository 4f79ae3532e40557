import type { RunError } from '../errors.ts'
import type { EngineEvent, ToldEvents } from '../events.ts'
import { DEFAULT_RETRY, retryOf, retryWaitMs } from '../policies/retry-policy.ts'
import type { InterruptionReason } from '../run.ts'
import { giveUp, keepWait, revoke } from './commands.ts'
import {
  type Driving,
  finish,
  lose,
  MAX_PATIENCE_MS,
  PATIENCE_MS,
  show,
  UNHEARD_MORE,
} from './driving.ts'
import type { Claim, Outcome } from './protocol.ts'
import type { NewRun, Report } from './run-record.ts'
import { waitedAgain, waitsNoMore } from './waiting.ts'

/**
 * How a slice gets the right to a run's lane, keeps it and gives it back, and what happens when it is
 * never heard of again. Pure, like all of driving.
 */

/** How soon an interrupted run comes back by itself, so that an interruption can be seen. */
const SIGNAL_WAIT_MS = 1_000

/** A slice asks for the lane. Refused unless this very message is due and nobody holds the lease. */
export function claim(d: Driving, run: NewRun, n: number, now: number): Claim {
  const free =
    d.leaseUntil === null && !d.cancelling && !d.reopening && d.pausing === null && d.inD1
  const waiting =
    d.closing || d.status === 'queued' || d.status === 'interrupted' || d.status === 'running'
  if (!free || !waiting || d.held || n !== d.n) return { ok: false, code: 'stale' }
  if (d.progress > d.progressBefore) beginStreak(d, 0)
  d.attempts += 1
  d.fence += 1
  d.slices += 1
  d.unheardMost = retryOf(run.options.retry).attempts + UNHEARD_MORE
  d.leaseUntil = now + d.patienceMs
  const queueLagMs = d.sent?.n === n ? now - d.sent.at : undefined
  d.sent = null
  d.overdueAt = null
  d.sendAt = null
  d.resumptionCounted = false
  d.claimedAt = now
  d.heard = 0
  d.startedAt ??= now
  if (!d.closing) show(d, 'running', null, now)
  const { afterMs, afterItems, at } = d.directive ?? {}
  return {
    ok: true,
    fence: d.fence,
    run,
    attempt: d.attempts,
    commitsBefore: d.commitsBefore,
    progressBefore: d.progressBefore,
    stumbled: d.stumbled,
    ...(d.lastError && { lastError: d.lastError }),
    cautious: d.cautious,
    interrupt: d.directive && {
      ...(afterItems !== undefined && { afterItems }),
      ...(afterMs !== undefined && { atTime: d.startedAt + afterMs }),
      ...(at !== undefined && { at }),
    },
    stop: stopFor(d),
    leaseMs: d.patienceMs,
    history: {
      resumptions: d.resumptions,
      resumptionsBefore: d.resumptionsBefore,
      interruptions: d.interruptions,
      errors: d.errors,
      workedMs: d.workedMs,
    },
    ...(queueLagMs !== undefined && { queueLagMs }),
  }
}

/** Only the holder of the lease speaks. Renews the lease; adopts what D1 said, if it is news. */
export function report(d: Driving, news: Report, now: number): boolean {
  if (d.leaseUntil === null || news.fence !== d.fence) return false
  adopt(d, news)
  d.leaseUntil = now + d.patienceMs
  d.updatedAt = now
  return true
}

/** What is new of the events that the holder of the lease tells. A report whose answer was lost tells them again. */
export function hear(d: Driving, { first, events }: ToldEvents): readonly EngineEvent[] {
  const news = events.slice(Math.max(0, d.heard - first))
  d.heard = Math.max(d.heard, first + events.length)
  return news
}

function adopt(d: Driving, news: Report): void {
  // A heartbeat from before the raise, which uses up a seq: nothing is known yet.
  if (news.seq === 0) return
  const newer = news.fence > d.seen.fence || (news.fence === d.seen.fence && news.seq > d.seen.seq)
  if (!newer) return
  d.unheard = 0
  const firstOfSlice = news.fence > d.seen.fence
  // Older code tells commits only, and took each of them for progress.
  const progress = news.progress ?? d.progress + (news.commits > d.seen.commits ? 1 : 0)
  if (progress > d.progress) d.patienceMs = PATIENCE_MS
  d.progress = progress
  // Older code does not tell all of it.
  d.seen = { ...d.seen, ...news }
  // An earlier slice of this streak got further than its reports did.
  if (firstOfSlice && progress > d.progressBefore) beginStreak(d, 1)
  // D1 was put back to an earlier time.
  d.progressBefore = Math.min(d.progressBefore, progress)
  if (news.resumed && !d.resumptionCounted) {
    d.resumptionCounted = true
    d.resumptions += 1
  }
}

/** The run has got further: what failed before does not count any more. */
function beginStreak(d: Driving, attempts: number): void {
  d.attempts = attempts
  d.commitsBefore = d.seen.commits
  d.progressBefore = d.progress
  d.stumbled = false
  d.lastError = null
}

/** What the slice that holds the lease is to be told. */
export function stopFor(d: Driving): InterruptionReason | null {
  if (d.pausing) return 'pause'
  return d.interrupting ? 'signal' : null
}

/** A slice hands its lease back. False when it is not its holder any more. */
export function release(
  d: Driving,
  run: NewRun,
  last: Report | null,
  fence: number,
  outcome: Outcome,
  now: number,
  random: () => number,
): boolean {
  if (d.leaseUntil === null || fence !== d.fence || d.cancelling) return false
  if (last) adopt(d, last)
  d.leaseUntil = null
  d.workedMs += now - (d.claimedAt ?? now)
  d.n += 1
  d.cautious = false
  d.updatedAt = now
  const progressed = d.progress > d.progressBefore
  const committed = d.seen.commits > d.commitsBefore
  d.commitsBefore = d.seen.commits
  d.alone = outcome.kind === 'interrupted' && outcome.alone === true
  // Progress clears the count; so does anything but an error take this slice's attempt back.
  if (progressed) {
    beginStreak(d, 0)
    d.stumbled = outcome.kind === 'errored'
    d.standBacks = 0
    waitsNoMore(d)
  } else if (outcome.kind !== 'errored') d.attempts = Math.max(0, d.attempts - 1)
  switch (outcome.kind) {
    case 'interrupted':
      d.interruptions += 1
      d.queue = run.options.resumeQueue ?? d.queue
      interrupted(d, run, outcome, now, random)
      if (!progressed) waitedAgain(d, outcome, committed, now)
      break
    case 'errored':
      d.error = outcome.error
      d.lastError = briefly(outcome.error)
      d.errors += 1
      d.cautious = true
      if (progressed) d.queue = run.options.resumeQueue ?? d.queue
      d.sendAt =
        now + (outcome.waitMs ?? retryWaitMs(retryOf(run.options.retry), d.attempts, random))
      if (!d.closing) show(d, 'queued', null, now)
      break
    case 'ended':
      d.result = outcome.result ?? null
      d.error = outcome.error ?? null
      d.attention = outcome.attention ?? null
      d.children = outcome.children
      finish(d, outcome.status, now, outcome.finishedAt)
      break
    case 'superseded':
      d.fence = Math.max(d.fence, outcome.fence)
      d.sendAt = now
      break
    case 'state_lost':
      lose(d, now)
      break
  }
  if (
    d.pausing &&
    d.leaseUntil === null &&
    outcome.kind !== 'ended' &&
    outcome.kind !== 'state_lost'
  ) {
    keepWait(d, now)
    const clean = outcome.kind === 'interrupted' && outcome.reason === 'pause'
    if (clean) {
      d.pausing = null
      d.sendAt = null
      show(d, 'paused', 'pause', now)
    } else {
      // A commit of this slice may still be on its way: D1 is raised before the run is shown as paused.
      d.sendAt = null
      revoke(d)
      show(d, d.status, 'pause', now)
    }
  }
  return true
}

function briefly({ name, code, message }: RunError): RunError {
  return { name, ...(code !== undefined && { code }), message }
}

function interrupted(
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
  d.sendAt = d.held ? null : now + (outcome.waitMs ?? (deliberate ? SIGNAL_WAIT_MS : wait))
  if (d.closing) return
  if (outcome.pause === undefined) return show(d, 'interrupted', outcome.reason, now)
  d.attention = outcome.pause
  d.sendAt = null
  show(d, 'paused', outcome.reason, now)
}

/**
 * The clock has moved: leases run out, messages are overdue. True when a slice vanished. Most often what ended
 * it was a deploy or a crash, and it comes back at once. But the run may end its isolate, or share it with one
 * that does: when that may have happened twice in a row, they come back at different times, and each alone.
 */
export function onTime(
  d: Driving,
  run: NewRun,
  now: number,
  random: () => number = Math.random,
): boolean {
  if (d.leaseUntil !== null && d.leaseUntil <= now) {
    d.leaseUntil = null
    d.workedMs += now - (d.claimedAt ?? now)
    const progressed = d.progress > d.progressBefore
    d.alone = d.cautious || isLastAttempt(d, run, progressed)
    d.cautious = true
    d.patienceMs = progressed ? PATIENCE_MS : Math.min(MAX_PATIENCE_MS, d.patienceMs * 2)
    if (d.seen.fence !== d.fence) d.unheard += 1
    if (d.unheard > d.unheardMost) giveUp(d)
    else if (d.pausing) revoke(d)
    else d.sendAt = now + (d.alone ? Math.round((d.patienceMs / 4) * random()) : 0)
    return true
  }
  if (d.overdueAt !== null && d.overdueAt <= now) {
    d.overdueAt = null
    d.patienceMs = Math.min(MAX_PATIENCE_MS, d.patienceMs * 2)
    d.sendAt = now
  }
  return false
}

/** The next slice is the last one that may vanish: nobody else's fault may cost the run this one. */
function isLastAttempt(d: Driving, { options }: NewRun, progressed: boolean): boolean {
  return (progressed ? 1 : d.attempts + 1) >= retryOf(options.retry).attempts
}
