import type { Beginning, NewRun } from '../../drive/run-record.ts'
import type { RunError } from '../../errors.ts'
import type { Labels } from '../../labels.ts'
import type { EndStatus } from '../../run.ts'
import { MARK_CLOSED } from './commit-sql.ts'
import { fenced, type Fenced, FENCED, RAISE_ALL } from './fenced.ts'
import { forkedLane } from './fork-rows.ts'

/**
 * The statements on a run's rows in D1 that are not commits of a slice: creation, what the Durable
 * Object does by its own fence, and the index for lists. One function per statement or batch.
 */

export const INSERT_RUN = `
  INSERT OR IGNORE INTO runs (id, job, style, params, options, parent, created_at, looked_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)`

// One that an error rule has discarded is cancelled before: then only the closing is left.
export const CANCEL_RUN = `
  UPDATE runs SET status = 'cancelled', finished_at = coalesce(finished_at, ?3),
    closed_at = coalesce(closed_at, iif(?4, ?3, NULL))
  WHERE id = ?1 AND status IN ('active', 'cancelled')
    AND NOT EXISTS (SELECT 1 FROM lanes WHERE run_id = ?1 AND fence > ?2)`

export const FAIL_RUN = `
  UPDATE runs SET status = 'failed', error = ?5, finished_at = ?3, closed_at = iif(?4, ?3, NULL)
  WHERE id = ?1 AND status = 'active'
    AND NOT EXISTS (SELECT 1 FROM lanes WHERE run_id = ?1 AND fence > ?2)`

export const REOPEN_RUN = `
  UPDATE runs SET status = 'active', error = NULL, attention = NULL, finished_at = NULL, closed_at = NULL,
    reopened_at = ?3
  WHERE id = ?1 AND status IN ('failed', 'cancelled')
    AND NOT EXISTS (SELECT 1 FROM lanes WHERE run_id = ?1 AND fence > ?2)`

export const INDEX_RUN = `UPDATE runs SET phase = ?3, driving = ?4, rev = ?2 WHERE id = ?1 AND rev < ?2 AND status = 'active'`

/**
 * Only creation inserts; everything else changes nothing for a run that is not there. False when D1 had the
 * run before.
 */
export async function insertRun(
  db: D1Database,
  run: NewRun,
  at: string,
  codeVersion: string,
  beginning?: Beginning,
): Promise<boolean> {
  const forked = beginning ? forkedLane(db, run, beginning, at) : []
  const answers = await db.batch([
    // First, because it looks whether the run is there.
    ...forked,
    db
      .prepare(INSERT_RUN)
      .bind(run.id, run.job, run.style, run.params, JSON.stringify(run.options), run.parent, at),
    db
      .prepare(
        `INSERT OR IGNORE INTO lanes (run_id, lane, touched_at, code_version) VALUES (?1, 0, ?2, ?3)`,
      )
      .bind(run.id, at, codeVersion),
    ...(run.options.labels ? [insertLabels(db, run.id, at, run.options.labels)] : []),
  ])
  return answers[forked.length]?.meta.changes !== 0
}

function insertLabels(db: D1Database, run: string, at: string, labels: Labels) {
  return db
    .prepare(
      `INSERT OR IGNORE INTO run_labels (name, value, created_at, run_id)
       SELECT key, value, ?2, ?1 FROM json_each(?3)`,
    )
    .bind(run, at, JSON.stringify(labels))
}

/** Fails the run in the same way; an end that came first stands. */
export async function failInD1(
  db: D1Database,
  run: string,
  fence: number,
  at: string,
  { closed, error }: { closed: boolean; error: RunError },
): Promise<Fenced> {
  const [, , answer] = await db.batch<Fenced>([
    db.prepare(FAIL_RUN).bind(run, fence, at, closed ? 1 : 0, JSON.stringify(error)),
    db.prepare(RAISE_ALL).bind(run, fence, at),
    db.prepare(FENCED).bind(run),
  ])
  return fenced(answer)
}

/** The index row of a run that is under way. `rev` only grows, and an ended row is never touched. */
export async function indexRun(
  db: D1Database,
  run: string,
  rev: number,
  phase: string,
  driving: string,
): Promise<void> {
  await db.prepare(INDEX_RUN).bind(run, rev, phase, driving).run()
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

/**
 * Nothing is left to do for the run. By the fence of who has closed it: a late mark of an old closing says
 * nothing about a run that was reopened since.
 */
export async function markClosed(
  db: D1Database,
  run: string,
  at: string,
  fence: number = Number.MAX_SAFE_INTEGER,
): Promise<void> {
  await db.prepare(MARK_CLOSED).bind(run, at, fence).run()
}

export { closedRuns, deleteRun } from './purge.ts'
export { idleRuns, noteLookedAt, type IdleRun } from './idle-runs.ts'
export { readRun } from './stored-run.ts'
export { type StoredRun } from '../../drive/run-record.ts'
