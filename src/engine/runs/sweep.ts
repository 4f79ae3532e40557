import { idleRuns, noteLookedAt, passBy, restingRuns, type IdleRun } from '../store/d1/idle-runs.ts'
import { closedRuns } from '../store/d1/purge.ts'
import { isoTime } from '../iso-time.ts'

/** Nothing committed and nothing claimed for this long: somebody should look. */
const IDLE_MS = 10 * 60_000
const DAY_MS = 86_400_000
const PER_SWEEP = 100
/** Of those that a person has paused or holds, which only lost storage or a restored D1 can harm. */
const RESTING_PER_SWEEP = 20
/** A queue message lives at most 14 days; a run must outlive every message that names it. */
export const MIN_RETENTION_DAYS = 15

interface Sweepable {
  poke(id: string): Promise<void>
  purge(id: string, closedBefore?: string): Promise<void>
}

/** The findings of a sweep. */
export interface Swept {
  poked: string[]
  purged: string[]
  /** Those of the poked that have ended and wait for their follow-ups. */
  unclosed: UnclosedRun[]
}

/** A run that has ended. `finishedAt` is ISO 8601. */
export interface UnclosedRun {
  run: string
  job: string
  finishedAt: string
}

/**
 * The second net, by cron: pokes runs that nobody drives (an alarm can be lost), and purges runs that
 * were closed long ago. A run that waits is left alone until its time has come, and one that is paused or
 * held for a day.
 */
export async function sweep(
  db: D1Database,
  objects: (run: string) => Sweepable,
  now: number,
  retentionDays: number,
): Promise<Swept> {
  const days = Math.max(MIN_RETENTION_DAYS, retentionDays)
  const before = isoTime(now - IDLE_MS)
  const tomorrow = isoTime(now + DAY_MS)
  await passBy(db, before, isoTime(now), tomorrow)
  const idle = await idleRuns(db, before, PER_SWEEP)
  const resting = await restingRuns(db, before, RESTING_PER_SWEEP)
  const poked = [...idle.map(({ id }) => id), ...resting]
  const closedBefore = isoTime(now - days * DAY_MS)
  const purged = await closedRuns(db, closedBefore, PER_SWEEP)
  await noteLookedAt(db, [
    ...idle.map(({ id }) => ({ id, at: isoTime(now) })),
    ...resting.map((id) => ({ id, at: tomorrow })),
  ])
  // One object that cannot be reached must not keep the others from being looked at.
  await Promise.allSettled(poked.map((run) => objects(run).poke(run)))
  await Promise.allSettled(purged.map((run) => objects(run).purge(run, closedBefore)))
  return { poked, purged, unclosed: idle.flatMap(ended) }
}

function ended({ id, job, finishedAt }: IdleRun): UnclosedRun[] {
  return finishedAt === null ? [] : [{ run: id, job, finishedAt }]
}
