import { type Driving, type Lease, LEASE_MS } from './driving.ts'
import { learnLanes } from './lanes.ts'
import type { Report } from './run-record.ts'

/**
 * The progress of a run, as its slices report it. Slices in a row that got no further are a streak, which
 * progress ends.
 */

/** Takes over a report of the holder of the lease, unless it is older than the last one. */
export function adopt(d: Driving, lease: Lease, news: Report): void {
  // A heartbeat from before the raise, which uses up a seq: nothing is known yet.
  if (news.seq === 0) return
  const newer = news.fence > d.seen.fence || (news.fence === d.seen.fence && news.seq > d.seen.seq)
  if (!newer) return
  d.unheard = 0
  const firstOfSlice = news.fence > d.seen.fence
  // Older code tells commits only, and took each of them for progress.
  const progress = news.progress ?? d.progress + (news.commits > d.seen.commits ? 1 : 0)
  if (progress > d.progress) d.patienceMs = LEASE_MS
  d.progress = progress
  if (news.lanes !== undefined) learnLanes(d, news.lanes)
  // Older code does not tell all of it.
  d.seen = { ...d.seen, ...news }
  // An earlier slice of this streak got further than its reports did.
  if (firstOfSlice && progress > d.progressBefore) beginStreak(d, 1)
  // D1 was put back to an earlier time.
  d.progressBefore = Math.min(d.progressBefore, progress)
  if (news.resumed && !lease.resumptionCounted) {
    lease.resumptionCounted = true
    d.resumptions += 1
  }
}

/** Since this streak began. */
export function hasProgressed(d: Driving): boolean {
  return d.progress > d.progressBefore
}

/** The run has got further: what failed before does not count any more. */
export function beginStreak(d: Driving, attempts: number): void {
  d.attempts = attempts
  d.retry = null
  d.commitsBefore = d.seen.commits
  d.progressBefore = d.progress
  d.stumbled = false
  d.lastError = null
}
