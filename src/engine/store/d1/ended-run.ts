import type { EndStatus } from '../../run.ts'

/** Encoded as they are stored. */
export interface EndRow {
  status: EndStatus
  result: string | null
  error: string | null
  attention: string | null
  children: string
  finishedAt: string
}

/** How a run ended; null when it has not, or is gone. */
export async function readEnd(db: D1Database, run: string): Promise<EndRow | null> {
  return db
    .prepare(
      `SELECT status, result, error, attention, children, finished_at AS finishedAt
       FROM runs WHERE id = ?1 AND status <> 'active'`,
    )
    .bind(run)
    .first<EndRow>()
}

export const MARK_CLOSED = `
  UPDATE runs SET closed_at = ?2 WHERE id = ?1 AND status <> 'active' AND closed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM lanes WHERE run_id = ?1 AND fence > ?3)`

/**
 * Nothing is left to do for the run. By the fence of who has closed it: a late mark of an old closing says
 * nothing about a run that was reopened since.
 */
export async function markClosed(
  db: D1Database,
  run: string,
  at: string,
  fence: number = Number.MAX_SAFE_INTEGER,
): Promise<void> {
  await db.prepare(MARK_CLOSED).bind(run, at, fence).run()
}
