/** A skip as a list shows it. */
export interface ListedSkip {
  seq: number
  position: number
  step: string
  /** Encoded. */
  cursor: string | null
  /** JSON. */
  error: string
  attempts: number
  skippedAt: string
  /** Who has asked for it; null where it was the job's tolerance. */
  by: string | null
}

/** A page goes on after one number, also among the commits of several lanes. */
const PER_LANE = 2 ** 40

/** Skips of a run after that one, lane by lane in the order in which they were skipped. */
export async function skipsAfter(
  db: D1Database,
  run: string,
  after: readonly [seq: number, position: number],
  limit: number,
  group?: string,
): Promise<ListedSkip[]> {
  const [index, ofGroup] =
    group === undefined ? ['', ''] : ['INDEXED BY dogear_skips_by_group', 'AND error_group = ?6']
  const [numbered, position] = after
  const lane = Math.max(0, Math.floor(numbered / PER_LANE))
  const seq = numbered - lane * PER_LANE
  const { results } = await db
    .prepare(
      `SELECT lane * ${PER_LANE} + seq AS seq, position, step, cursor, error, attempts, skipped_at AS skippedAt,
         passed_by AS by
       FROM dogear_skips ${index}
       WHERE run_id = ?1 AND (lane, seq, position) > (?2, ?3, ?4) ${ofGroup}
       ORDER BY lane, seq, position LIMIT ?5`,
    )
    .bind(run, lane, seq, position, limit, ...(group === undefined ? [] : [group]))
    .all<ListedSkip>()
  return results
}

/** Skips of a run that are the same but for numbers, ids and times. */
export interface ListedSkipGroup {
  id: string
  /** JSON, of the first of them. */
  error: string
  skips: number
  firstAt: string
  lastAt: string
}

/** The groups of a run's skips, the largest first. Counted as skips are committed, and not from them. */
export async function skipGroups(
  db: D1Database,
  run: string,
  limit: number,
): Promise<ListedSkipGroup[]> {
  const { results } = await db
    .prepare(
      `SELECT id, error, skips, first_at AS firstAt, last_at AS lastAt FROM dogear_skip_groups
       WHERE run_id = ?1 ORDER BY skips DESC, id LIMIT ?2`,
    )
    .bind(run, limit)
    .all<ListedSkipGroup>()
  return results
}

/** The skips of a step by the commits after `afterSeq` and up to `upToSeq`. */
export interface SkipRange {
  run: string
  step: string
  afterSeq: number
  upToSeq: number
}

/** A skip as a re-drive looks for its item. Cursors are encoded. */
export interface SkipToRedrive {
  lane: number
  seq: number
  position: number
  cursor: string
  /** The cursor of its walk before it. */
  before: string | null
  /** The mark by which it is known again; null where the cursor alone says it, and in rows of older code. */
  item: string | null
}

export async function skipsToRedrive(
  db: D1Database,
  { run, step, upToSeq }: SkipRange,
  after: readonly [lane: number, seq: number, position: number],
  limit: number,
): Promise<SkipToRedrive[]> {
  const { results } = await db
    .prepare(
      `SELECT lane, seq, position, cursor, before_cursor AS before, item FROM dogear_skips
       WHERE run_id = ?1 AND step = ?2 AND (lane, seq, position) > (?3, ?4, ?5) AND seq <= ?6
       ORDER BY lane, seq, position LIMIT ?7`,
    )
    .bind(run, step, ...after, upToSeq, limit)
    .all<SkipToRedrive>()
  return results
}

/** How many of a run's skips lie between two of its commits, whatever their step. */
export async function countBetween(
  db: D1Database,
  run: string,
  { afterSeq, upToSeq }: { afterSeq: number; upToSeq: number },
): Promise<number> {
  const count = await db
    .prepare(
      `SELECT count(*) AS count FROM dogear_skips
       WHERE run_id = ?1 AND lane IN (SELECT lane FROM dogear_lanes WHERE run_id = ?1) AND seq > ?2 AND seq <= ?3`,
    )
    .bind(run, afterSeq, upToSeq)
    .first<number>('count')
  return count ?? 0
}

export async function countSkips(
  db: D1Database,
  { run, step, afterSeq, upToSeq }: SkipRange,
): Promise<number | null> {
  return db
    .prepare(
      `SELECT count(*) AS count FROM dogear_skips WHERE run_id = ?1 AND step = ?2 AND seq > ?3 AND seq <= ?4`,
    )
    .bind(run, step, afterSeq, upToSeq)
    .first<number>('count')
}

/** Between which commits of a run the skips lie that no re-drive has taken on. */
export async function notYetRedriven(
  db: D1Database,
  run: string,
): Promise<{ afterSeq: number; upToSeq: number }> {
  const row = await db
    .prepare(
      `WITH last AS (SELECT max(seq) AS seq FROM dogear_skips WHERE run_id = ?1)
       SELECT (SELECT seq FROM last) AS upToSeq,
         (SELECT max(options ->> 'redriveUpToSeq') FROM dogear_runs
          WHERE parent = ?1 AND options ->> 'redriveOf' = ?1
            AND options ->> 'redriveUpToSeq' < (SELECT seq FROM last)) AS afterSeq`,
    )
    .bind(run)
    .first<{ upToSeq: number | null; afterSeq: number | null }>()
  return { afterSeq: row?.afterSeq ?? -1, upToSeq: row?.upToSeq ?? -1 }
}
