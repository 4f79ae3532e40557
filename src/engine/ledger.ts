/** One statement of a verification: what was expected, what was found. */
export interface Check {
  name: string
  ok: boolean
  expected: unknown
  actual: unknown
}

export function check(name: string, expected: unknown, actual: unknown): Check {
  return { name, ok: JSON.stringify(expected) === JSON.stringify(actual), expected, actual }
}

/**
 * Proves from the ledger that a run's commits follow each other: within each step, every commit begins
 * at the cursor where the one before it ended, and together they hold as many items as the run counts.
 * Reads nothing but rows of the run and works in SQL, so its cost does not depend on memory.
 */
export async function verifyLedger(db: D1Database, run: string): Promise<Check[]> {
  const row = await db
    .prepare(
      `WITH ranges AS (
         SELECT step, from_cursor, items,
           lag(to_cursor) OVER (PARTITION BY lane, round, step ORDER BY seq) AS expected_from,
           lag(to_cursor) OVER (PARTITION BY lane, round ORDER BY seq) AS previous_to,
           row_number() OVER (PARTITION BY lane, round, step ORDER BY seq) AS position
         FROM ledger WHERE run_id = ?1 AND step IS NOT NULL)
       SELECT
         (SELECT count(*) FROM ranges WHERE position > 1 AND from_cursor IS NOT expected_from) AS breaks,
         (SELECT count(*) FROM ranges WHERE position = 1 AND from_cursor IS NOT NULL
            AND from_cursor IS NOT previous_to) AS late_starts,
         (SELECT coalesce(sum(items), 0) FROM ledger JOIN lanes USING (run_id, lane, round)
          WHERE run_id = ?1) AS items,
         (SELECT count(*) FROM skips WHERE run_id = ?1) AS skips,
         (SELECT coalesce(sum(skipped), 0) FROM lanes WHERE run_id = ?1) AS skipped,
         (SELECT count(*) FROM ledger WHERE run_id = ?1) AS commits,
         (SELECT coalesce(sum(done), 0) FROM lanes WHERE run_id = ?1) AS done,
         (SELECT coalesce(sum(commits), 0) FROM lanes WHERE run_id = ?1) AS counted_commits`,
    )
    .bind(run)
    .first<{
      breaks: number
      late_starts: number
      items: number
      skips: number
      skipped: number
      commits: number
      done: number
      counted_commits: number
    }>()
  const { breaks, late_starts, items, skips, skipped, commits, done, counted_commits } = row ?? {
    breaks: -1,
    late_starts: 0,
    items: 0,
    skips: 0,
    skipped: -1,
    commits: 0,
    done: -1,
    counted_commits: -1,
  }
  return [
    check('Ledger ranges tile the run with no gap or overlap', 0, breaks + late_starts),
    check('Ledger holds every item of the run', done, items),
    check('Ledger holds every commit of the run', counted_commits, commits),
    check('Every item that was passed over is listed', skipped, skips),
  ]
}
