import { DEFAULT_SLOW_AFTER, type AlertPolicy } from '../engine/policies/alert-policy.ts'

/** How long runs of a job take, and which of those under way is slower than that. */

/** So many of its last completed runs say what is usual. */
export const RUNS_FOR_USUAL = 20
/** Fewer say nothing. */
const LEAST_FOR_USUAL = 5
/** A run is not slow before it has taken so much longer than usual, however fast the others are. */
const LEAST_MORE_MS = 5 * 60_000

/** No run is slow sooner than this. */
export const LEAST_SLOW_MS: number = LEAST_MORE_MS

/** The median of what completed runs took, waits included; null while there are too few. */
export function usualOf(durations: readonly number[]): number | null {
  if (durations.length < LEAST_FOR_USUAL) return null
  const sorted = durations.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? null
}

/** From when on a run is slower than usual; null for never. */
export function slowAfterMs(
  usualMs: number | null,
  { slowAfter = DEFAULT_SLOW_AFTER }: AlertPolicy,
): number | null {
  if (usualMs === null || slowAfter === false) return null
  return Math.max(usualMs * slowAfter, usualMs + LEAST_MORE_MS)
}

/** From its first slice to its end, or till now. */
export function tookMs({ createdAt, startedAt, finishedAt }: RunTimes, now: number): number {
  const until = finishedAt === null ? now : Date.parse(finishedAt)
  // A fast run may end before a list has heard that it began.
  return Math.max(0, until - Date.parse(startedAt ?? createdAt))
}

/** ISO 8601. */
export interface RunTimes {
  createdAt: string
  startedAt: string | null
  finishedAt: string | null
}

const USUAL = `
  SELECT created_at AS createdAt, driving ->> '$.startedAt' AS startedAt, finished_at AS finishedAt
  FROM dogear_runs INDEXED BY dogear_runs_by_job_status
  WHERE job = ?1 AND shown_status = 'completed' ORDER BY created_at DESC, id DESC LIMIT ${RUNS_FOR_USUAL}`

/** What runs of these jobs usually take, by the job's name. */
export async function usualDurations(
  db: D1Database,
  jobs: readonly string[],
): Promise<ReadonlyMap<string, number | null>> {
  if (jobs.length === 0) return new Map()
  const statement = db.prepare(USUAL)
  const answers = await db.batch<RunTimes>(jobs.map((job) => statement.bind(job)))
  return new Map(
    answers.map(({ results }, index) => [
      jobs[index] ?? '',
      usualOf(results.map((times) => tookMs(times, 0))),
    ]),
  )
}
