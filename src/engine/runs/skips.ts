import { displayCursor } from '../cursor.ts'
import type { RunError } from '../errors.ts'
import { redactorIn } from '../sensitive.ts'
import type { SkipRow } from '../store/d1/skip-queries.ts'

/** An item that was recorded as failed and passed over. */
export interface SkippedItem {
  step: string
  cursor: unknown
  error: RunError
  attempts: number
  skippedAt: string
}

/** A page of a run's skipped items, in the order in which they were skipped, by keyset. */
export async function listSkips(
  db: D1Database,
  run: string,
  { limit, after = [-1, -1] }: { limit: number; after?: readonly [seq: number, position: number] },
): Promise<{ skips: SkippedItem[]; next: [seq: number, position: number] | null }> {
  const redact = await redactorIn(db, run)
  const { results } = await db
    .prepare(
      `SELECT seq, position, step, cursor, error, attempts, skipped_at FROM skips
       WHERE run_id = ?1 AND lane = 0 AND (seq, position) > (?2, ?3)
       ORDER BY seq, position LIMIT ?4`,
    )
    .bind(run, ...after, limit + 1)
    .all<SkipRow>()
  const rows = results.slice(0, limit)
  const last = rows.at(-1)
  return {
    skips: redact(
      rows.map(({ step, cursor, error, attempts, skipped_at }) => ({
        step,
        cursor: displayCursor(cursor),
        error: JSON.parse(error) as RunError,
        attempts,
        skippedAt: skipped_at,
      })),
    ),
    next: results.length > limit && last ? [last.seq, last.position] : null,
  }
}
