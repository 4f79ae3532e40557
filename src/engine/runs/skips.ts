import { displayCursor } from '../cursor.ts'
import type { RunError } from '../errors.ts'
import { redactorIn } from '../store/d1/redactor-in.ts'
import { skipsAfter } from '../store/d1/skip-queries.ts'

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
  const found = await skipsAfter(db, run, after, limit + 1)
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return {
    skips: redact(
      rows.map(({ step, cursor, error, attempts, skippedAt }) => ({
        step,
        cursor: displayCursor(cursor),
        error: JSON.parse(error) as RunError,
        attempts,
        skippedAt,
      })),
    ),
    next: found.length > limit && last ? [last.seq, last.position] : null,
  }
}
