import { isoTime } from '../engine/iso-time.ts'

/** Webhooks hear of one that goes on again when ten times as many runs are failed with it, or after this time. */
const TENFOLD = 10
const AGAIN_AFTER_MS = 12 * 3_600_000

const HAS_GROWN = `state = 'open' AND internal = 0 AND (failed >= told * ${TENFOLD}
  OR (told_at <= ?2 AND last_at > told_at))`

/**
 * Makes an event of each open group of errors that has grown so since webhooks last heard of it. Whoever is second
 * finds it told. True when there was one.
 */
export async function tellGrowingGroups(db: D1Database, now: number): Promise<boolean> {
  const times = [isoTime(now), isoTime(now - AGAIN_AFTER_MS)]
  const [events] = await db.batch([
    db
      .prepare(
        `INSERT INTO dogear_webhook_events (id, type, job, run_id, at, alert_id)
         SELECT lower(hex(randomblob(16))), 'errors.group', job, '', ?1,
           (SELECT max(id) FROM dogear_alerts INDEXED BY dogear_alerts_of_groups
            WHERE error_group = dogear_error_groups.id AND error_group <> '')
         FROM dogear_error_groups INDEXED BY dogear_error_groups_by_state WHERE ${HAS_GROWN}`,
      )
      .bind(...times),
    db
      .prepare(
        `UPDATE dogear_error_groups INDEXED BY dogear_error_groups_by_state SET told = max(failed, 1), told_at = ?1
         WHERE ${HAS_GROWN}`,
      )
      .bind(...times),
  ])
  return (events?.meta.changes ?? 0) > 0
}
