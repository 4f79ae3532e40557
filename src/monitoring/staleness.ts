import { durationMs } from '../engine/durations.ts'

/** After this time without a completed run a job is stale, unless it says otherwise. */
const STALE_AFTER = '30 days'

/** The times at which jobs last completed a run, by name; also of runs that are purged. ISO 8601. */
export async function lastCompleted(db: D1Database): Promise<ReadonlyMap<string, string>> {
  const { results } = await db
    .prepare('SELECT job, completed_at FROM dogear_jobs_last_completed')
    .all<{ job: string; completed_at: string }>()
  return new Map(results.map((row) => [row.job, row.completed_at]))
}

/** True for a job that has completed runs, but none for long. One that never has is not stale. */
export function isStale(
  completedAt: string | undefined,
  staleAfter: string | number | false = STALE_AFTER,
  now: number = Date.now(),
): boolean {
  if (completedAt === undefined || staleAfter === false) return false
  return now - Date.parse(completedAt) > durationMs(staleAfter)
}
