import type { Beginning, Origin } from '../../drive/run-record.ts'

/**
 * True when the state after a commit is still all there: the ledger has kept it, no step result of then
 * was replaced or forgotten since, and no skip (those go when the run starts over).
 */
const FORKABLE = `(dogear_ledger.state IS NOT NULL
  AND dogear_ledger.state ->> '$.results' = (
    SELECT count(*) FROM dogear_step_results WHERE run_id = dogear_ledger.run_id AND seq <= dogear_ledger.seq)
  AND (dogear_ledger.state ->> '$.skipped' = 0
    OR dogear_ledger.round = (
      SELECT round FROM dogear_lanes WHERE run_id = dogear_ledger.run_id AND lane = dogear_ledger.lane)))`

/** Cursors are encoded. */
export interface CommitRow {
  seq: number
  step: string | null
  fromCursor: string | null
  toCursor: string | null
  items: number
  fence: number
  codeVersion: string
  at: string
  forkable: 0 | 1
}

/** Commits of a run's lane between two seqs, the newest first. */
export async function commitsBetween(
  db: D1Database,
  run: string,
  { after, before, lane }: { after: number; before: number; lane: number },
  limit: number,
): Promise<CommitRow[]> {
  const { results } = await db
    .prepare(
      `SELECT seq, step, from_cursor AS fromCursor, to_cursor AS toCursor, items, fence,
         code_version AS codeVersion, at, ${FORKABLE} AS forkable
       FROM dogear_ledger WHERE run_id = ?1 AND lane = ?5 AND seq > ?4 AND seq < ?2 AND fence > 0
       ORDER BY seq DESC LIMIT ?3`,
    )
    .bind(run, before, limit, after, lane)
    .all<CommitRow>()
  return results
}

/** The place in a lineage of the run that made commit `seq`; null when none did. */
export async function ownerOf(
  db: D1Database,
  lineage: readonly Origin[],
  seq: number,
): Promise<number | null> {
  return db
    .prepare(
      `SELECT min(part.key) AS owner FROM json_each(?1) AS part
       JOIN dogear_ledger ON dogear_ledger.run_id = part.value ->> 'run' AND lane = 0 AND dogear_ledger.seq = ?2
       WHERE ?2 <= part.value ->> 'seq'`,
    )
    .bind(JSON.stringify(lineage), seq)
    .first<number | null>('owner')
}

/** The state after a commit, as far as the ledger has kept it. */
export interface KeptRow extends Omit<Beginning, 'state'> {
  /** JSON of a `KeptState`; null when none was kept. */
  state: string | null
  forkable: boolean
}

/** Null when there is no such commit. One statement, because the run may be under way. */
export async function keptAfter(db: D1Database, { run, seq }: Origin): Promise<KeptRow | null> {
  const row = await db
    .prepare(
      `SELECT state, code_version AS codeVersion, ${FORKABLE} AS forkable, (
         SELECT json_group_array(json_object('step', step, 'result', result, 'seq', seq))
         FROM dogear_step_results WHERE run_id = dogear_ledger.run_id AND seq <= dogear_ledger.seq) AS results
       FROM dogear_ledger WHERE run_id = ?1 AND lane = 0 AND seq = ?2`,
    )
    .bind(run, seq)
    .first<{ state: string | null; codeVersion: string; forkable: 0 | 1; results: string }>()
  return (
    row && {
      ...row,
      forkable: row.forkable === 1,
      results: JSON.parse(row.results) as Beginning['results'],
    }
  )
}

interface StepBegin {
  /** The commit before the step's first one of that round; null when there is none. */
  before: number | null
  takenUp: 0 | 1
}

/** The beginning of a step, in its last round up to commit `seq` that did; null when none did. */
export async function beginOf(
  db: D1Database,
  { run, seq }: Origin,
  names: readonly string[],
): Promise<StepBegin | null> {
  return db
    .prepare(
      `WITH begun AS (
         SELECT round, min(seq) AS first FROM dogear_ledger
         WHERE run_id = ?1 AND lane = 0 AND seq <= ?2 AND step IN (SELECT value FROM json_each(?3))
         GROUP BY round ORDER BY round DESC LIMIT 1)
       SELECT (SELECT fence = 0 FROM dogear_ledger WHERE run_id = ?1 AND lane = 0 AND seq = first) AS takenUp,
         (SELECT max(seq) FROM dogear_ledger
          WHERE run_id = ?1 AND lane = 0 AND seq < first AND dogear_ledger.round = begun.round) AS before
       FROM begun`,
    )
    .bind(run, seq, JSON.stringify(names))
    .first<StepBegin>()
}
