import type { EngineEvent, LoggedLine, ToldEvents } from '../events.ts'
import { limitOf, retryOf } from '../policies/retry-policy.ts'
import type { InterruptionReason, Retry } from '../run.ts'
import { giveUp, revoke } from './commands.ts'
import { type Driving, type Lease, LEASE_MS, MAX_LEASE_MS, UNHEARD_MORE } from './driving.ts'
import type { Claim } from './protocol.ts'
import { PROTOCOL } from './protocol-number.ts'
import type { NewRun, Report } from './run-record.ts'
import { sendNothing, show } from './showing.ts'
import { vanishedAgain } from './slice-size.ts'
import { adopt, beginStreak, hasProgressed } from './streak.ts'

/**
 * The right of a slice to a run's lane: granted, renewed, and taken back when nothing more is heard of it.
 * Pure, like all of driving.
 */

/** This very message is due, and nobody holds the lease. */
export function isDue(d: Driving, n: number): boolean {
  const free = d.lease === null && d.intent.kind === 'none' && d.inD1
  const waiting =
    d.closing || d.status === 'queued' || d.status === 'interrupted' || d.status === 'running'
  return free && waiting && !d.held && n === d.n
}

/** A slice asks for the lane. Refused unless its message is due. */
export function claim(d: Driving, run: NewRun, n: number, now: number): Claim {
  if (!isDue(d, n)) return { ok: false, code: 'stale' }
  if (hasProgressed(d)) beginStreak(d, 0)
  d.attempts += 1
  d.fence += 1
  d.slices += 1
  d.unheardMost = retryOf(run.options.retry).attempts + UNHEARD_MORE
  d.lease = {
    until: now + d.patienceMs,
    claimedAt: now,
    heard: 0,
    kill: false,
    resumptionCounted: false,
    doneBefore: d.seen.done,
  }
  const queueLagMs = d.sent?.n === n ? now - d.sent.at : undefined
  d.sent = null
  sendNothing(d)
  d.startedAt ??= now
  if (!d.closing) show(d, 'running', null, now)
  return granted(d, run, d.startedAt, queueLagMs)
}

/** A claim as the event tells it. */
export function told({ attempts, seen: { done, commits } }: Driving, n: number) {
  return { n, attempt: attempts, done, commits }
}

function granted(
  d: Driving,
  run: NewRun,
  startedAt: number,
  queueLagMs: number | undefined,
): Extract<Claim, { ok: true }> {
  const { afterMs, afterItems, at } = d.directive ?? {}
  return {
    ok: true,
    protocol: PROTOCOL,
    fence: d.fence,
    run,
    attempt: d.attempts,
    commitsBefore: d.commitsBefore,
    progressBefore: d.progressBefore,
    stumbled: d.stumbled,
    ...(d.lastError && { lastError: d.lastError }),
    cautious: d.cautious,
    ...(d.passOver && { passOver: d.passOver }),
    ...(d.sliceSize && { mostItems: d.sliceSize.items }),
    interrupt: d.directive && {
      ...(afterItems !== undefined && { afterItems }),
      ...(afterMs !== undefined && { atTime: startedAt + afterMs }),
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
  if (d.lease === null || news.fence !== d.fence) return false
  adopt(d, d.lease, news)
  d.lease.until = now + d.patienceMs
  d.updatedAt = now
  return true
}

/** The new ones of the events that the holder of the lease tells. A report whose answer was lost tells them again. */
export function hear(lease: Lease, { first, events }: ToldEvents): readonly EngineEvent[] {
  const news = events.slice(Math.max(0, lease.heard - first))
  lease.heard = Math.max(lease.heard, first + events.length)
  return news
}

/** The same for the job's own lines. `lost`: those that the slice could not keep until it was heard. */
export function hearLines(
  lease: Lease,
  { first, events }: NonNullable<ToldEvents['lines']>,
): { lines: readonly LoggedLine[]; lost: number } {
  const { heardLines = 0 } = lease
  lease.heardLines = Math.max(heardLines, first + events.length)
  return {
    lines: events.slice(Math.max(0, heardLines - first)),
    lost: Math.max(0, first - heardLines),
  }
}

/** The reason for which the holder of the lease is to stop. */
export function stopFor(d: Driving): InterruptionReason | null {
  if (d.intent.kind === 'pause') return 'pause'
  return d.interrupting ? 'signal' : null
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
  if (d.lease !== null && d.lease.until <= now) {
    d.workedMs += now - d.lease.claimedAt
    if (d.cautious || d.sliceSize) vanishedAgain(d, d.lease)
    d.lease = null
    const progressed = hasProgressed(d)
    d.retry = progressed ? null : failedAgain(d, run)
    d.alone = d.cautious || isLastAttempt(d, run, progressed)
    d.cautious = true
    d.patienceMs = progressed ? LEASE_MS : Math.min(MAX_LEASE_MS, d.patienceMs * 2)
    if (d.seen.fence !== d.fence) d.unheard += 1
    if (d.unheard > d.unheardMost) giveUp(d)
    else if (d.intent.kind === 'pause') revoke(d)
    else d.sendAt = now + (d.alone ? Math.round((d.patienceMs / 4) * random()) : 0)
    return true
  }
  if (d.overdueAt !== null && d.overdueAt <= now) {
    d.overdueAt = null
    d.patienceMs = Math.min(MAX_LEASE_MS, d.patienceMs * 2)
    d.sendAt = now
  }
  return false
}

/** A slice that vanishes is an attempt, too. A rule for what failed before may allow more than the run's own policy. */
function failedAgain({ attempts, retry }: Driving, { options }: NewRun): Retry {
  return { failed: attempts, limit: retry ? retry.limit : limitOf(retryOf(options.retry).attempts) }
}

/** The next slice is the last one that may vanish: nobody else's fault may cost the run this one. */
function isLastAttempt(d: Driving, { options }: NewRun, progressed: boolean): boolean {
  return (progressed ? 1 : d.attempts + 1) >= retryOf(options.retry).attempts
}
