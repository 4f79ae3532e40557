import type { Purge } from '../store.ts'

/**
 * The removal of runs that nobody needs any more. D1 works on one statement at a
 * time, so a ledger of millions of rows goes a few thousand at a time, and everybody else's statements
 * come in between.
 */

/** Runs that were closed before that time, and that no other run still looks up. */
export async function closedRuns(db: D1Database, before: string, limit: number): Promise<string[]> {
  const { results } = await db
    .prepare(
      // Who waits for all children of a run looks them and their parent up when one of them ends; a parent
      // that is not closed creates what it lists and does not find. What a re-drive has taken on is known
      // by its row, as long as somebody may ask for another.
      `SELECT id FROM dogear_runs WHERE closed_at IS NOT NULL AND closed_at < ?1
         AND NOT EXISTS (SELECT 1 FROM dogear_runs AS other WHERE other.closed_at IS NULL
           AND (other.parent = dogear_runs.id OR other.parent = dogear_runs.parent))
         AND NOT EXISTS (SELECT 1 FROM dogear_runs AS origin WHERE origin.id = dogear_runs.parent
           AND (origin.closed_at IS NULL OR dogear_runs.options ->> 'redriveOf' IS NOT NULL))
       ORDER BY closed_at LIMIT ?2`,
    )
    .bind(before, limit)
    .all<{ id: string }>()
  return results.map(({ id }) => id)
}

/** Rows that one statement removes: some milliseconds of D1's only thread. */
const ROWS_AT_ONCE = 5_000

/** Of the tables that grow with a run's length. */
const DELETE_SOME = [
  `DELETE FROM dogear_ledger WHERE run_id = ?1 AND (lane, seq) IN (
     SELECT lane, seq FROM dogear_ledger WHERE run_id = ?1 ORDER BY lane, seq LIMIT ${ROWS_AT_ONCE})`,
  `DELETE FROM dogear_skips WHERE run_id = ?1 AND (lane, seq, position) IN (
     SELECT lane, seq, position FROM dogear_skips WHERE run_id = ?1
     ORDER BY lane, seq, position LIMIT ${ROWS_AT_ONCE})`,
  `DELETE FROM dogear_step_results WHERE run_id = ?1 AND step IN (
     SELECT step FROM dogear_step_results WHERE run_id = ?1 ORDER BY step LIMIT ${ROWS_AT_ONCE})`,
]

const DELETE_REST = [
  `DELETE FROM dogear_ledger WHERE run_id = ?1`,
  `DELETE FROM dogear_skips WHERE run_id = ?1`,
  `DELETE FROM dogear_skip_groups WHERE run_id = ?1`,
  `DELETE FROM dogear_run_labels WHERE run_id = ?1`,
  `DELETE FROM dogear_step_results WHERE run_id = ?1`,
  `DELETE FROM dogear_lanes WHERE run_id = ?1`,
  `DELETE FROM dogear_runs WHERE id = ?1`,
]

/** Removes every row of a run, the run's own last: by it the sweep finds a purge that was cut off. */
export async function deleteRun(
  db: D1Database,
  run: string,
  { closed, gone, statements = Infinity }: Purge = {},
): Promise<'removed' | 'left' | 'kept'> {
  const mayGo = gone
    ? `NOT EXISTS (SELECT 1 FROM dogear_runs WHERE id = ?1)`
    : `(?2 IS NULL OR EXISTS (SELECT 1 FROM dogear_runs WHERE id = ?1 AND status <> 'active' AND closed_at <= ?2))`
  const remove = (rows: string) => {
    const statement = db.prepare(`${rows} AND ${mayGo}`)
    return gone ? statement.bind(run) : statement.bind(run, closed ?? null)
  }
  let asked = 0
  for (const some of DELETE_SOME) {
    for (;;) {
      if (asked++ >= statements) return 'left'
      const { meta } = await remove(some).run()
      if (meta.changes < ROWS_AT_ONCE) break
    }
  }
  const answers = await db.batch([
    ...DELETE_REST.map(remove),
    db.prepare(`SELECT 1 FROM dogear_runs WHERE id = ?1`).bind(run),
  ])
  return answers.at(-1)?.results.length === 0 || gone ? 'removed' : 'kept'
}
