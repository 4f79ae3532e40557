import type { Beginning, NewRun } from '../../drive/run-record.ts'
import type { Labels } from '../../labels.ts'
import { forkedLane } from './forked-lane.ts'
import { SCHEDULE_LABEL } from './schedule-label.ts'

/** The rows of a new run: only creation inserts, everything else changes nothing for a run that is not there. */

/** False when D1 had the run before. `at` is ISO 8601. */
export async function createRun(
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
    insertRun(db, run, at),
    insertLane(db, run.id, at, codeVersion),
    ...labelsOf(run).map((labels) => insertLabels(db, run.id, at, labels)),
  ])
  return answers[forked.length]?.meta.changes !== 0
}

export const INSERT_RUN = `
  INSERT OR IGNORE INTO dogear_runs (id, job, style, params, options, parent, created_at, looked_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)`

function insertRun(
  db: D1Database,
  { id, job, style, params, options, parent }: NewRun,
  at: string,
): D1PreparedStatement {
  return db.prepare(INSERT_RUN).bind(id, job, style, params, JSON.stringify(options), parent, at)
}

/** A fork's lane is there before. */
function insertLane(
  db: D1Database,
  run: string,
  at: string,
  codeVersion: string,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT OR IGNORE INTO dogear_lanes (run_id, lane, touched_at, code_version) VALUES (?1, 0, ?2, ?3)`,
    )
    .bind(run, at, codeVersion)
}

/** All that it is found by, in one; none for most. */
function labelsOf({ options: { labels, schedule } }: NewRun): [] | [Labels] {
  if (!labels && !schedule) return []
  return [{ ...labels, ...(schedule && { [SCHEDULE_LABEL]: schedule.name }) }]
}

function insertLabels(
  db: D1Database,
  run: string,
  at: string,
  labels: Labels,
): D1PreparedStatement {
  return db
    .prepare(
      `INSERT OR IGNORE INTO dogear_run_labels (name, value, created_at, run_id)
       SELECT key, value, ?2, ?1 FROM json_each(?3)`,
    )
    .bind(run, at, JSON.stringify(labels))
}
