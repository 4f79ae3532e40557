import type { Origin } from '../../drive/run-record.ts'

/**
 * Whether the state after a commit is still all there: the ledger has kept it, no step result of then
 * was replaced or forgotten since, and no skip (those go when the run starts over).
 */
export const FORKABLE = `(ledger.state IS NOT NULL
  AND ledger.state ->> '$.results' = (
    SELECT count(*) FROM step_results WHERE run_id = ledger.run_id AND seq <= ledger.seq)
  AND (ledger.state ->> '$.skipped' = 0
    OR ledger.round = (SELECT round FROM lanes WHERE run_id = ledger.run_id AND lane = ledger.lane)))`

export interface CommitRow {
  seq: number
  step: string | null
  from_cursor: string | null
  to_cursor: string | null
  items: number
  fence: number
  code_version: string
  at: string
  forkable: 0 | 1
}

interface StepBegin {
  /** The commit before the step's first one of that round; null when there is none. */
  before: number | null
  takenUp: 0 | 1
}

export async function beginOf(
  db: D1Database,
  { run, seq }: Origin,
  names: readonly string[],
): Promise<StepBegin | null> {
  return db
    .prepare(
      `WITH begun AS (
         SELECT round, min(seq) AS first FROM ledger
         WHERE run_id = ?1 AND lane = 0 AND seq <= ?2 AND step IN (SELECT value FROM json_each(?3))
         GROUP BY round ORDER BY round DESC LIMIT 1)
       SELECT (SELECT fence = 0 FROM ledger WHERE run_id = ?1 AND lane = 0 AND seq = first) AS takenUp,
         (SELECT max(seq) FROM ledger
          WHERE run_id = ?1 AND lane = 0 AND seq < first AND ledger.round = begun.round) AS before
       FROM begun`,
    )
    .bind(run, seq, JSON.stringify(names))
    .first<StepBegin>()
}
