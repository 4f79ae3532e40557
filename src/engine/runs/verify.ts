import { check, type Check } from '../check.ts'
import type { Origin } from '../drive/run-record.ts'
import { lineageOf } from '../store/d1/lineage.ts'

/**
 * Proves from the ledger that a run's commits follow each other: within each step, every commit begins
 * at the cursor where the one before it ended, and together they hold as many items as the run counts.
 * Works in SQL, so its cost does not depend on memory.
 *
 * The ledger of a fork opens with what it was given, and its commits must go on from there. Then the
 * ledgers of its origins, each up to the commit that counts, must come to exactly that.
 */
export async function verifyLedger(db: D1Database, run: string): Promise<Check[]> {
  const [own, ...origins] = await lineageOf(db, run)
  return [...(await verifyOwn(db, own)), ...(await verifyOrigins(db, own, origins))]
}

async function verifyOwn(db: D1Database, { run, seq }: Origin): Promise<Check[]> {
  const row = await db
    .prepare(
      `SELECT ${BREAKS} AS breaks,
         (SELECT coalesce(sum(items), 0) FROM ledger JOIN lanes USING (run_id, lane, round)
          WHERE run_id = ?1) AS items,
         (SELECT count(*) FROM skips WHERE run_id = ?1) AS skips,
         (SELECT coalesce(sum(skipped), 0) FROM lanes WHERE run_id = ?1) AS skipped,
         (SELECT count(*) FROM ledger WHERE run_id = ?1 AND fence > 0) AS commits,
         (SELECT coalesce(sum(done), 0) FROM lanes WHERE run_id = ?1) AS done,
         (SELECT coalesce(sum(commits), 0) FROM lanes WHERE run_id = ?1) AS counted_commits`,
    )
    .bind(run, seq)
    .first<{
      breaks: number
      items: number
      skips: number
      skipped: number
      commits: number
      done: number
      counted_commits: number
    }>()
  const { breaks, items, skips, skipped, commits, done, counted_commits } = row ?? {
    breaks: -1,
    items: 0,
    skips: 0,
    skipped: -1,
    commits: 0,
    done: -1,
    counted_commits: -1,
  }
  return [
    check('Ledger ranges tile the run with no gap or overlap', 0, breaks),
    check('Ledger holds every item of the run', done, items),
    check('Ledger holds every commit of the run', counted_commits, commits),
    check('Every item that was passed over is listed', skipped, skips),
  ]
}

/** Each run of the lineage must begin where the one before it stood at the commit in question. */
async function verifyOrigins(
  db: D1Database,
  own: Origin,
  origins: readonly Origin[],
): Promise<Check[]> {
  const checks: Check[] = []
  let fork = own
  for (const origin of origins) {
    // Nothing was taken over from a run's beginning.
    if (origin.seq === 0) break
    const row = await db.prepare(LINK).bind(origin.run, origin.seq, fork.run).first<LinkRow>()
    if (row?.stood == null) {
      // Not for a run to be blamed for: its own part is proved without it.
      checks.push(
        check(
          `The ledger of its origin ${origin.run} is gone: only what came after is proved`,
          0,
          0,
        ),
      )
      break
    }
    const { stood, begun, breaks } = row
    checks.push(
      check(
        `Goes on exactly where run ${origin.run} stood after commit ${origin.seq}`,
        stood,
        begun,
      ),
      check(`Ledger ranges of run ${origin.run} tile its part with no gap or overlap`, 0, breaks),
    )
    fork = origin
  }
  return checks
}

interface LinkRow {
  /** Step, cursor and items of the origin at its commit; null when its ledger is gone. */
  stood: string | null
  /** The same, as the fork's ledger opens. */
  begun: string | null
  breaks: number
}

/** Commits of run ?1 up to seq ?2 that do not begin where the one before them ended. */
const BREAKS = `(
  WITH ranges AS (
    SELECT step, from_cursor,
      lag(to_cursor) OVER (PARTITION BY lane, round, step ORDER BY seq) AS expected_from,
      lag(to_cursor) OVER (PARTITION BY lane, round ORDER BY seq) AS previous_to,
      row_number() OVER (PARTITION BY lane, round, step ORDER BY seq) AS position
    FROM ledger WHERE run_id = ?1 AND seq <= ?2 AND step IS NOT NULL)
  SELECT count(*) FROM ranges
  WHERE iif(position > 1, from_cursor IS NOT expected_from,
    from_cursor IS NOT NULL AND from_cursor IS NOT previous_to))`

// The commit in question may belong to no step, as the end of a run that failed.
const LINK = `
  SELECT
    (SELECT json_array(
        state ->> '$.checkpoint.current.step',
        (SELECT to_cursor FROM ledger AS part
         WHERE part.run_id = ?1 AND part.lane = 0 AND part.seq <= ?2 AND part.round = ledger.round
           AND part.step = ledger.state ->> '$.checkpoint.current.step'
         ORDER BY part.seq DESC LIMIT 1),
        (SELECT sum(items) FROM ledger AS part
         WHERE part.run_id = ?1 AND part.lane = 0 AND part.seq <= ?2 AND part.round = ledger.round))
      FROM ledger WHERE run_id = ?1 AND lane = 0 AND seq = ?2) AS stood,
    (SELECT json_array(step, to_cursor, items)
      FROM ledger WHERE run_id = ?3 AND lane = 0 AND seq = ?2 AND fence = 0) AS begun,
    ${BREAKS} AS breaks`
