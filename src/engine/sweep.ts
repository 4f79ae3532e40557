import { pruneMetrics } from './metric-store.ts'
import { closedRuns, idleRuns, noteLookedAt } from './run-store.ts'

/** Nothing committed and nothing claimed for this long: somebody should look. */
const IDLE_MS = 10 * 60_000
/** How long a waiting run is not looked at, at most: its wait may have been cut short. */
const MAX_REST_MS = 86_400_000
const PER_SWEEP = 100
/** A queue message lives at most 14 days; a run must outlive every message that names it. */
export const MIN_RETENTION_DAYS = 15

interface Sweepable {
  poke(id: string): Promise<void>
  purge(id: string): Promise<void>
}

/**
 * The second net, by cron: pokes runs that nobody drives (an alarm can be lost), and purges runs that
 * were closed long ago. A run that waits is left alone until its time has come.
 */
export async function sweep(
  db: D1Database,
  objects: (run: string) => Sweepable,
  now: number,
  retentionDays: number,
): Promise<{ poked: string[]; purged: string[] }> {
  const days = Math.max(MIN_RETENTION_DAYS, retentionDays)
  const before = iso(now - IDLE_MS)
  const idle = await idleRuns(db, before, PER_SWEEP)
  const waiting = idle.filter(({ resumeAt }) => resumeAt !== null && resumeAt > before)
  const poked = idle.filter((run) => !waiting.includes(run)).map(({ id }) => id)
  const purged = await closedRuns(db, iso(now - days * 86_400_000), PER_SWEEP)
  const tomorrow = iso(now + MAX_REST_MS)
  await noteLookedAt(db, [
    ...poked.map((id) => ({ id, at: iso(now) })),
    ...waiting.map(({ id, resumeAt }) => ({ id, at: earlier(resumeAt ?? tomorrow, tomorrow) })),
  ])
  // One object that cannot be reached must not keep the others from being looked at.
  await Promise.allSettled(poked.map((run) => objects(run).poke(run)))
  await Promise.allSettled(purged.map((run) => objects(run).purge(run)))
  await pruneMetrics(db, now)
  return { poked, purged }
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

function earlier(one: string, other: string): string {
  return one < other ? one : other
}
