import { closedRuns, idleRuns, noteLookedAt } from './run-store.ts'

/** Nothing committed and nothing claimed for this long: somebody should look. */
const IDLE_MS = 10 * 60_000
const PER_SWEEP = 100
/** A queue message lives at most 14 days; a run must outlive every message that names it. */
export const MIN_RETENTION_DAYS = 15

interface Sweepable {
  poke(id: string): Promise<void>
  purge(id: string): Promise<void>
}

/**
 * The second net, by cron: pokes runs that nobody drives (an alarm can be lost), and purges runs that
 * were closed long ago.
 */
export async function sweep(
  db: D1Database,
  objects: (run: string) => Sweepable,
  now: number,
  retentionDays: number,
): Promise<{ poked: string[]; purged: string[] }> {
  const days = Math.max(MIN_RETENTION_DAYS, retentionDays)
  const poked = await idleRuns(db, new Date(now - IDLE_MS).toISOString(), PER_SWEEP)
  const purged = await closedRuns(db, new Date(now - days * 86_400_000).toISOString(), PER_SWEEP)
  await noteLookedAt(db, poked, new Date(now).toISOString())
  // One object that cannot be reached must not keep the others from being looked at.
  await Promise.allSettled(poked.map((run) => objects(run).poke(run)))
  await Promise.allSettled(purged.map((run) => objects(run).purge(run)))
  return { poked, purged }
}
