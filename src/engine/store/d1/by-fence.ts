import type { RunError } from '../../errors.ts'
import type { ByFence, Fenced } from '../store.ts'

/**
 * Statements of a run's Durable Object by its own fence, each in one transaction: the run, then all
 * lanes raised, so that nothing sent before can commit. Each can be repeated; an end that came first stands.
 */

// One that an error rule has discarded is cancelled before: then only the closing is left.
export const CANCEL_RUN = `
  UPDATE dogear_runs SET status = 'cancelled', finished_at = coalesce(finished_at, ?3),
    closed_at = coalesce(closed_at, iif(?4, ?3, NULL))
  WHERE id = ?1 AND status IN ('active', 'cancelled')
    AND NOT EXISTS (SELECT 1 FROM dogear_lanes WHERE run_id = ?1 AND fence > ?2)`

export function cancelRun(db: D1Database, by: ByFence, closed: boolean): Promise<Fenced> {
  const { run, fence, at } = by
  return raised(db, by, [db.prepare(CANCEL_RUN).bind(run, fence, at, closed ? 1 : 0)])
}

export const FAIL_RUN = `
  UPDATE dogear_runs SET status = 'failed', error = ?5, finished_at = ?3, closed_at = iif(?4, ?3, NULL)
  WHERE id = ?1 AND status = 'active'
    AND NOT EXISTS (SELECT 1 FROM dogear_lanes WHERE run_id = ?1 AND fence > ?2)`

export function failRun(
  db: D1Database,
  by: ByFence,
  { closed, error }: { closed: boolean; error: RunError },
): Promise<Fenced> {
  const { run, fence, at } = by
  const values = [run, fence, at, closed ? 1 : 0, JSON.stringify(error)]
  return raised(db, by, [db.prepare(FAIL_RUN).bind(...values)])
}

export const REOPEN_RUN = `
  UPDATE dogear_runs SET status = 'active', error = NULL, attention = NULL, finished_at = NULL, closed_at = NULL,
    reopened_at = ?3
  WHERE id = ?1 AND status IN ('failed', 'cancelled')
    AND NOT EXISTS (SELECT 1 FROM dogear_lanes WHERE run_id = ?1 AND fence > ?2)`

export function reopenRun(db: D1Database, by: ByFence): Promise<Fenced> {
  const { run, fence, at } = by
  return raised(db, by, [db.prepare(REOPEN_RUN).bind(run, fence, at)])
}

export function raiseRun(db: D1Database, by: ByFence): Promise<Fenced> {
  return raised(db, by, [])
}

const RAISE_ALL = `
  UPDATE dogear_lanes SET fence = ?2, seq = seq + 1, token = NULL, touched_at = ?3
  WHERE run_id = ?1 AND fence <= ?2 AND lane = coalesce(?4, lane)`

const FENCED = `
  SELECT (SELECT status FROM dogear_runs WHERE id = ?1) AS status,
    coalesce((SELECT max(fence) FROM dogear_lanes WHERE run_id = ?1 AND lane = coalesce(?2, lane)), 0) AS fence`

async function raised(
  db: D1Database,
  { run, fence, at, lane = null }: Omit<ByFence, 'lane'> & { lane?: number | null },
  before: D1PreparedStatement[],
): Promise<Fenced> {
  const answers = await db.batch<Fenced>([
    ...before,
    db.prepare(RAISE_ALL).bind(run, fence, at, lane),
    db.prepare(FENCED).bind(run, lane),
  ])
  return answers.at(-1)?.results[0] ?? { status: null, fence: 0 }
}
