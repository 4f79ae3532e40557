import type { ClosingStore, StoredEnd } from '../store.ts'

/** The rows of runs that have ended, in D1. */
export function closingStore(db: D1Database): ClosingStore {
  return {
    endOf: (run) => readEnd(db, run),
    close: (...ended) => markClosed(db, ...ended),
  }
}

async function readEnd(db: D1Database, run: string): Promise<StoredEnd | null> {
  return db
    .prepare(
      `SELECT status, result, error, attention, children, finished_at AS finishedAt
       FROM dogear_runs WHERE id = ?1 AND status <> 'active'`,
    )
    .bind(run)
    .first<StoredEnd>()
}

// Its first lane is closed by whoever holds it; the others have fences of their own.
export const MARK_CLOSED = `
  UPDATE dogear_runs SET closed_at = ?2 WHERE id = ?1 AND status <> 'active' AND closed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM dogear_lanes WHERE run_id = ?1 AND lane = 0 AND fence > ?3)`

export async function markClosed(
  db: D1Database,
  run: string,
  at: string,
  fence: number = Number.MAX_SAFE_INTEGER,
): Promise<void> {
  await db.prepare(MARK_CLOSED).bind(run, at, fence).run()
}
