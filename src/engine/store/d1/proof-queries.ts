import type { Origin } from '../../drive/run-record.ts'

/** Figures for a proof: sums over a run's ledger, beside the run's own counts. Made by D1. */

/** Commits of run ?1 up to seq ?2 that do not begin where the one before them ended. */
const BREAKS = `(
  WITH ranges AS (
    SELECT step, from_cursor,
      lag(to_cursor) OVER (PARTITION BY lane, round, step ORDER BY seq) AS expected_from,
      coalesce(lag(to_cursor) OVER (PARTITION BY lane, round ORDER BY seq), (
        SELECT first_cursor FROM dogear_lanes AS own
        WHERE own.run_id = ?1 AND own.lane = dogear_ledger.lane)) AS previous_to,
      row_number() OVER (PARTITION BY lane, round, step ORDER BY seq) AS position
    FROM dogear_ledger WHERE run_id = ?1 AND seq <= ?2 AND step IS NOT NULL)
  SELECT count(*) FROM ranges
  WHERE iif(position > 1, from_cursor IS NOT expected_from,
    from_cursor IS NOT NULL AND from_cursor IS NOT previous_to))`

// Each lane begins where exactly one other ends, but for one that begins with the walk; likewise for its end.
const GAPS = `(
  SELECT count(*) FILTER (WHERE first_cursor IS NOT NULL AND 1 <> (SELECT count(*) FROM dogear_lanes AS other
      WHERE other.run_id = ?1 AND other.last_cursor = own.first_cursor))
    + count(*) FILTER (WHERE last_cursor IS NOT NULL AND 1 <> (SELECT count(*) FROM dogear_lanes AS other
      WHERE other.run_id = ?1 AND other.first_cursor = own.last_cursor))
    + abs(count(*) FILTER (WHERE first_cursor IS NULL) - 1) + abs(count(*) FILTER (WHERE last_cursor IS NULL) - 1)
  FROM dogear_lanes AS own WHERE own.run_id = ?1)`

/** A run's ledger and lists in figures. */
export interface Ledgered {
  breaks: number
  /** Lanes that do not follow each other; null for a run of one. */
  gaps: number | null
  /** Lanes that have not come to their end. */
  unfinished: number
  items: number
  skips: number
  commits: number
  /** As the lanes count them. */
  counted: { done: number; skipped: number; commits: number }
}

export async function ledgered(db: D1Database, { run, seq }: Origin): Promise<Ledgered> {
  const row = await db
    .prepare(
      `SELECT ${BREAKS} AS breaks,
         iif((SELECT lanes FROM dogear_lanes WHERE run_id = ?1 AND lane = 0) > 0, ${GAPS}, NULL) AS gaps,
         (SELECT count(*) FROM dogear_lanes WHERE run_id = ?1 AND finished = 0) AS unfinished,
         (SELECT coalesce(sum(items), 0) FROM dogear_ledger JOIN dogear_lanes USING (run_id, lane, round)
          WHERE run_id = ?1) AS items,
         (SELECT count(*) FROM dogear_skips WHERE run_id = ?1) AS skips,
         (SELECT count(*) FROM dogear_ledger WHERE run_id = ?1 AND fence > 0) AS commits,
         (SELECT json_object('done', coalesce(sum(done), 0), 'skipped', coalesce(sum(skipped), 0),
            'commits', coalesce(sum(commits), 0)) FROM dogear_lanes WHERE run_id = ?1) AS counted`,
    )
    .bind(run, seq)
    .first<Omit<Ledgered, 'counted'> & { counted: string }>()
  if (!row) throw new TypeError('D1 gave no row to a SELECT of sums; expected one')
  return { ...row, counted: JSON.parse(row.counted) as Ledgered['counted'] }
}

/** Where a lane begins, where it is to end, and how far its ledger goes. Encoded cursors. */
export interface LaneEnds {
  lane: number
  first: string | null
  last: string | null
  reached: string | null
}

export async function laneEnds(db: D1Database, run: string): Promise<LaneEnds[]> {
  const { results } = await db
    .prepare(
      `SELECT lane, first_cursor AS first, last_cursor AS last,
         (SELECT to_cursor FROM dogear_ledger WHERE run_id = ?1 AND lane = dogear_lanes.lane AND step IS NOT NULL
          ORDER BY seq DESC LIMIT 1) AS reached
       FROM dogear_lanes WHERE run_id = ?1 ORDER BY lane`,
    )
    .bind(run)
    .all<LaneEnds>()
  return results
}

/** A fork's ledger beside that of its origin. */
export interface Link {
  /** Step, cursor and items of the origin at its commit; null when its ledger is gone. */
  stood: string | null
  /** The same, as the fork's ledger opens. */
  begun: string | null
  breaks: number
}

// The commit in question may belong to no step, as the end of a run that failed.
const LINK = `
  SELECT
    (SELECT json_array(
        state ->> '$.checkpoint.current.step',
        (SELECT to_cursor FROM dogear_ledger AS part
         WHERE part.run_id = ?1 AND part.lane = 0 AND part.seq <= ?2 AND part.round = dogear_ledger.round
           AND part.step = dogear_ledger.state ->> '$.checkpoint.current.step'
         ORDER BY part.seq DESC LIMIT 1),
        (SELECT sum(items) FROM dogear_ledger AS part
         WHERE part.run_id = ?1 AND part.lane = 0 AND part.seq <= ?2 AND part.round = dogear_ledger.round))
      FROM dogear_ledger WHERE run_id = ?1 AND lane = 0 AND seq = ?2) AS stood,
    (SELECT json_array(step, to_cursor, items)
      FROM dogear_ledger WHERE run_id = ?3 AND lane = 0 AND seq = ?2 AND fence = 0) AS begun,
    ${BREAKS} AS breaks`

export async function linkOf(db: D1Database, origin: Origin, fork: string): Promise<Link | null> {
  return db.prepare(LINK).bind(origin.run, origin.seq, fork).first<Link>()
}
