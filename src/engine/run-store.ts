import { MARK_CLOSED } from './commit-sql.ts'
import { forkedLane } from './fork-store.ts'
import type { Labels } from './labels.ts'
import type { Beginning, NewRun, Report } from './protocol.ts'
import type { EndStatus } from './run.ts'

/**
 * The statements on a run's rows in D1 that are not commits of a slice: creation, what the Durable
 * Object does by its own fence, and the index for lists. One function per statement or batch.
 */

/** Only creation inserts; everything else changes nothing for a run that is not there. */
export async function insertRun(
  db: D1Database,
  run: NewRun,
  at: string,
  codeVersion: string,
  beginning?: Beginning,
): Promise<void> {
  await db.batch([
    // First, because it looks whether the run is there.
    ...(beginning ? forkedLane(db, run, beginning, at) : []),
    db
      .prepare(
        `INSERT OR IGNORE INTO runs (id, job, style, params, options, parent, created_at, looked_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)`,
      )
      .bind(run.id, run.job, run.style, run.params, JSON.stringify(run.options), run.parent, at),
    db
      .prepare(
        `INSERT OR IGNORE INTO lanes (run_id, lane, touched_at, code_version) VALUES (?1, 0, ?2, ?3)`,
      )
      .bind(run.id, at, codeVersion),
    ...(run.options.labels ? [insertLabels(db, run.id, at, run.options.labels)] : []),
  ])
}

function insertLabels(db: D1Database, run: string, at: string, labels: Labels) {
  return db
    .prepare(
      `INSERT OR IGNORE INTO run_labels (name, value, created_at, run_id)
       SELECT key, value, ?2, ?1 FROM json_each(?3)`,
    )
    .bind(run, at, JSON.stringify(labels))
}

/** What D1 said to a statement of the Durable Object. `status` is null when the run is gone. */
export interface Fenced {
  status: 'active' | EndStatus | null
  /** The highest fence of the run's lanes now. */
  fence: number
}

/**
 * Cancels the run by the Durable Object's own fence, in one transaction: its status, and all lanes
 * raised, so that nothing sent before can commit. Idempotent; an end that came first stands. `closed`:
 * no slice has anything to do for it any more.
 */
export async function cancelInD1(
  db: D1Database,
  run: string,
  fence: number,
  at: string,
  closed: boolean,
): Promise<Fenced> {
  const [, , answer] = await db.batch<Fenced>([
    db
      .prepare(
        // One that an error rule has discarded is cancelled before: then only the closing is left.
        `UPDATE runs SET status = 'cancelled', finished_at = coalesce(finished_at, ?3),
           closed_at = coalesce(closed_at, iif(?4, ?3, NULL))
         WHERE id = ?1 AND status IN ('active', 'cancelled')
           AND NOT EXISTS (SELECT 1 FROM lanes WHERE run_id = ?1 AND fence > ?2)`,
      )
      .bind(run, fence, at, closed ? 1 : 0),
    db.prepare(RAISE_ALL).bind(run, fence, at),
    db.prepare(FENCED).bind(run),
  ])
  return fenced(answer)
}

/** Raises all lanes by the Durable Object's own fence: whatever a slice has under way is dead then. */
export async function raiseInD1(
  db: D1Database,
  run: string,
  fence: number,
  at: string,
): Promise<Fenced> {
  const [, answer] = await db.batch<Fenced>([
    db.prepare(RAISE_ALL).bind(run, fence, at),
    db.prepare(FENCED).bind(run),
  ])
  return fenced(answer)
}

/** Reopens a failed or cancelled run by the Durable Object's own fence; its checkpoint stands. */
export async function reopenInD1(
  db: D1Database,
  run: string,
  fence: number,
  at: string,
): Promise<Fenced> {
  const [, , , answer] = await db.batch<Fenced>([
    db
      .prepare(
        `UPDATE runs SET status = 'active', error = NULL, attention = NULL, finished_at = NULL, closed_at = NULL
         WHERE id = ?1 AND status IN ('failed', 'cancelled')
           AND NOT EXISTS (SELECT 1 FROM lanes WHERE run_id = ?1 AND fence > ?2)`,
      )
      .bind(run, fence),
    db
      .prepare(
        `UPDATE alerts SET holds = 0, cleared_at = coalesce(cleared_at, ?2)
         WHERE run_id = ?1 AND kind IN ('failed', 'attention') AND holds = 1
           AND EXISTS (SELECT 1 FROM runs WHERE id = ?1 AND status = 'active')`,
      )
      .bind(run, at),
    db.prepare(RAISE_ALL).bind(run, fence, at),
    db.prepare(FENCED).bind(run),
  ])
  return fenced(answer)
}

const RAISE_ALL = `UPDATE lanes SET fence = ?2, seq = seq + 1, touched_at = ?3 WHERE run_id = ?1 AND fence <= ?2`

const FENCED = `
  SELECT (SELECT status FROM runs WHERE id = ?1) AS status,
    coalesce((SELECT max(fence) FROM lanes WHERE run_id = ?1), 0) AS fence`

function fenced(answer: D1Result<Fenced> | undefined): Fenced {
  return answer?.results[0] ?? { status: null, fence: 0 }
}

/** The index row of a run that is under way. `rev` only grows, and an ended row is never touched. */
export async function indexRun(
  db: D1Database,
  run: string,
  rev: number,
  phase: string,
  driving: string,
): Promise<void> {
  await db
    .prepare(
      `UPDATE runs SET phase = ?3, driving = ?4, rev = ?2 WHERE id = ?1 AND rev < ?2 AND status = 'active'`,
    )
    .bind(run, rev, phase, driving)
    .run()
}

/** The fence of a lane; null when there is no such lane. */
export async function laneFence(db: D1Database, run: string, lane: number): Promise<number | null> {
  return db
    .prepare(`SELECT fence FROM lanes WHERE run_id = ?1 AND lane = ?2`)
    .bind(run, lane)
    .first<number>('fence')
}

export interface EndRow {
  status: EndStatus
  result: string | null
  error: string | null
  attention: string | null
  children: string
  finished_at: string
}

/** How a run ended; null when it is gone. */
export async function readEnd(db: D1Database, run: string): Promise<EndRow | null> {
  return db
    .prepare(
      `SELECT status, result, error, attention, children, finished_at FROM runs WHERE id = ?1 AND status <> 'active'`,
    )
    .bind(run)
    .first<EndRow>()
}

export async function markClosed(db: D1Database, run: string, at: string): Promise<void> {
  await db.prepare(MARK_CLOSED).bind(run, at).run()
}

/** A run that is not closed and where nothing happens; `resumeAt` when it waits for a time. */
export interface IdleRun {
  id: string
  resumeAt: string | null
}

/** Runs that are not closed and where nothing has happened since `before`: the sweep's prey. */
export async function idleRuns(db: D1Database, before: string, limit: number): Promise<IdleRun[]> {
  const { results } = await db
    .prepare(
      `SELECT id, iif(status = 'active', driving ->> '$.resumeAt', NULL) AS resumeAt
       FROM runs WHERE closed_at IS NULL AND looked_at < ?1
         AND NOT EXISTS (SELECT 1 FROM lanes WHERE run_id = runs.id AND touched_at >= ?1)
       ORDER BY looked_at LIMIT ?2`,
    )
    .bind(before, limit)
    .all<IdleRun>()
  return results
}

/** Notes as of when somebody looked at these runs; the next sweep looks at others first. */
export async function noteLookedAt(
  db: D1Database,
  runs: readonly { id: string; at: string }[],
): Promise<void> {
  await db
    .prepare(
      `UPDATE runs SET looked_at = noted.value ->> 'at'
       FROM json_each(?1) AS noted WHERE runs.id = noted.value ->> 'id'`,
    )
    .bind(JSON.stringify(runs))
    .run()
}

/** A run as D1 has it. */
export interface StoredRun extends NewRun {
  /** The highest fence of its lanes. */
  fence: number
  createdAt: string
  rev: number
  /** Where it stands. */
  seen: Report
}

/** The definition of a run as D1 has it, for a Durable Object that lost its own copy. */
export async function readRun(db: D1Database, run: string): Promise<StoredRun | null> {
  const row = await db
    .prepare(
      `SELECT id, job, style, params, options, parent, created_at AS createdAt, rev,
         coalesce((SELECT max(fence) FROM lanes WHERE run_id = id), 0) AS fence,
         (SELECT json_object('fence', fence, 'seq', seq, 'checkpoint', checkpoint, 'done', done,
           'skipped', skipped, 'total', total, 'commits', commits, 'progress', progress, 'd1Statements', d1_statements,
           'd1RowsRead', d1_rows_read, 'd1RowsWritten', d1_rows_written, 'codeVersion', code_version,
           'resumed', json('false')) FROM lanes WHERE run_id = id AND lane = 0) AS seen
       FROM runs WHERE id = ?1`,
    )
    .bind(run)
    .first<Omit<StoredRun, 'options' | 'seen'> & { options: string; seen: string }>()
  return (
    row && {
      ...row,
      options: JSON.parse(row.options) as NewRun['options'],
      seen: JSON.parse(row.seen) as Report,
    }
  )
}

export async function closedRuns(db: D1Database, before: string, limit: number): Promise<string[]> {
  const { results } = await db
    .prepare(
      // Who waits for all children of a run looks them and their parent up when one of them ends. What
      // a re-drive has taken on is known by its row, as long as somebody may ask for another.
      `SELECT id FROM runs WHERE closed_at IS NOT NULL AND closed_at < ?1
         AND NOT EXISTS (SELECT 1 FROM runs AS other WHERE other.closed_at IS NULL
           AND (other.parent = runs.id OR other.parent = runs.parent))
         AND NOT (options ->> 'redriveOf' IS NOT NULL AND EXISTS (SELECT 1 FROM runs AS origin WHERE origin.id = runs.parent))
       ORDER BY closed_at LIMIT ?2`,
    )
    .bind(before, limit)
    .all<{ id: string }>()
  return results.map(({ id }) => id)
}

/** Removes every row of a run. */
export async function deleteRun(db: D1Database, run: string): Promise<void> {
  await db.batch(
    [
      'ledger WHERE run_id',
      'skips WHERE run_id',
      'run_labels WHERE run_id',
      'step_results WHERE run_id',
      'alerts WHERE run_id',
      'runs_to_judge WHERE run_id',
      'webhook_deliveries WHERE run_id',
      'lanes WHERE run_id',
      'runs WHERE id',
    ].map((rows) => db.prepare(`DELETE FROM ${rows} = ?1`).bind(run)),
  )
}
