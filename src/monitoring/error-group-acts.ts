import { isoTime } from '../engine/iso-time.ts'
import { thinTrends } from './error-trend.ts'

/** What people do about groups of errors, and what time does. The alert of a group follows by triggers. */

interface Act {
  at: string
  /** Who does it. */
  by: string
}

/** A person has seen it. Nothing is said of it until it occurs again. */
export async function dismissErrorGroup(
  db: D1Database,
  id: string,
  { at, by }: Act,
): Promise<void> {
  await db
    .prepare(
      `UPDATE dogear_error_groups SET dismissed_at = ?2, dismissed_by = ?3, muted_until = NULL, changed_at = ?2
       WHERE id = ?1 AND state IN ('open', 'muted') AND failed > 0`,
    )
    .bind(id, at, by)
    .run()
}

/** Nothing is said of it until then, whether it occurs again or not. */
export async function muteErrorGroup(
  db: D1Database,
  id: string,
  { at, by, until }: Act & { until: string },
): Promise<void> {
  await db
    .prepare(
      `UPDATE dogear_error_groups SET muted_until = ?4, muted_by = ?3, dismissed_at = NULL, changed_at = ?2
       WHERE id = ?1`,
    )
    .bind(id, at, by, until)
    .run()
}

/** What is said of it is said again. */
export async function unmuteErrorGroup(db: D1Database, id: string, at: string): Promise<void> {
  await db
    .prepare(
      `UPDATE dogear_error_groups SET muted_until = NULL, changed_at = ?2 WHERE id = ?1 AND muted_until IS NOT NULL`,
    )
    .bind(id, at)
    .run()
}

/** Groups that nobody is failed with are kept as long as runs are. */
const KEPT_MS = 30 * 86_400_000
const PER_PRUNE = 500

/** Ends what is muted until now, and forgets what is old. To be called every minute. */
export async function tendErrorGroups(db: D1Database, now: number): Promise<void> {
  await db.batch([
    db
      .prepare(
        `UPDATE dogear_error_groups SET muted_until = NULL, changed_at = ?1
         WHERE muted_until IS NOT NULL AND muted_until <= ?1`,
      )
      .bind(isoTime(now)),
    db
      .prepare(
        `DELETE FROM dogear_error_groups WHERE id IN (
           SELECT id FROM dogear_error_groups INDEXED BY dogear_error_groups_by_state
           WHERE state = 'resolved' AND last_at < ?1 LIMIT ?2)`,
      )
      .bind(isoTime(now - KEPT_MS), PER_PRUNE),
  ])
  await thinTrends(db, now)
}
