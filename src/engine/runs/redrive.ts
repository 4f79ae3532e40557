import { displayCursor } from '../cursor.ts'
import { DogearError, type RunError } from '../errors.ts'
import type { Job } from '../job/job.ts'
import type { Created } from '../drive/protocol.ts'
import { isEnded, type RunView } from '../run.ts'
import { readRun } from '../store/d1/run-rows.ts'
import { redactorIn } from '../sensitive.ts'
import { derivedId, ofJob, type RunObjects } from './start.ts'

/** An item that was recorded as failed and passed over. */
export interface SkippedItem {
  step: string
  cursor: unknown
  error: RunError
  attempts: number
  skippedAt: string
}

interface SkipRow {
  seq: number
  position: number
  step: string
  cursor: string | null
  error: string
  attempts: number
  skipped_at: string
}

/** A page of a run's skipped items, in the order in which they were skipped, by keyset. */
export async function listSkips(
  db: D1Database,
  run: string,
  { limit, after = [-1, -1] }: { limit: number; after?: readonly [seq: number, position: number] },
): Promise<{ skips: SkippedItem[]; next: [seq: number, position: number] | null }> {
  const redact = await redactorIn(db, run)
  const { results } = await db
    .prepare(
      `SELECT seq, position, step, cursor, error, attempts, skipped_at FROM skips
       WHERE run_id = ?1 AND lane = 0 AND (seq, position) > (?2, ?3)
       ORDER BY seq, position LIMIT ?4`,
    )
    .bind(run, ...after, limit + 1)
    .all<SkipRow>()
  const rows = results.slice(0, limit)
  const last = rows.at(-1)
  return {
    skips: redact(
      rows.map(({ step, cursor, error, attempts, skipped_at }) => ({
        step,
        cursor: displayCursor(cursor),
        error: JSON.parse(error) as RunError,
        attempts,
        skippedAt: skipped_at,
      })),
    ),
    next: results.length > limit && last ? [last.seq, last.position] : null,
  }
}

/** Between which commits of a run the skips lie that no re-drive has taken on. */
async function notYetRedriven(
  db: D1Database,
  run: string,
): Promise<{ afterSeq: number; upToSeq: number }> {
  const row = await db
    .prepare(
      `WITH last AS (SELECT max(seq) AS seq FROM skips WHERE run_id = ?1)
       SELECT (SELECT seq FROM last) AS upToSeq,
         (SELECT max(options ->> 'redriveUpToSeq') FROM runs
          WHERE parent = ?1 AND options ->> 'redriveOf' = ?1
            AND options ->> 'redriveUpToSeq' < (SELECT seq FROM last)) AS afterSeq`,
    )
    .bind(run)
    .first<{ upToSeq: number | null; afterSeq: number | null }>()
  return { afterSeq: row?.afterSeq ?? -1, upToSeq: row?.upToSeq ?? -1 }
}

/**
 * Starts a run of the same job, with the same params, that handles just the items which `run` has
 * skipped since the last re-drive. Asking twice gives the same run. Throws `invalid_transition` while `run` is under way or when
 * it has skipped nothing, `invalid_options` for a job in steps.
 */
export async function redriveRun(
  objects: RunObjects,
  db: D1Database,
  job: Job,
  run: RunView,
): Promise<Created> {
  if (job.style !== 'iteration') {
    throw new DogearError(
      'invalid_options',
      `Job '${job.name}' is written in steps; only an iteration's skipped items can be handled again`,
    )
  }
  if (!isEnded(run.status) || run.progress.skipped === 0) {
    throw new DogearError(
      'invalid_transition',
      `Run ${run.id} is ${run.status} and has skipped ${run.progress.skipped} items; expected one that has ended and has skipped some`,
    )
  }
  const definition = await readRun(db, run.id)
  if (!definition) throw new DogearError('state_lost', `The rows of run ${run.id} are gone from D1`)
  const { upToSeq, afterSeq } = await notYetRedriven(db, run.id)
  const { sensitive: masked = [], hidden } = definition.options
  const sensitive = [...new Set([...masked, ...job.sensitive])]
  const id = await derivedId(run.id, 'redrive', String(upToSeq))
  return objects(id).create({
    id,
    derived: true,
    job: job.name,
    style: job.style,
    // As the run has them: validated then, and what a schema makes of its own output is its own affair.
    params: definition.params,
    options: {
      ...ofJob(job),
      ...(sensitive.length > 0 && { sensitive }),
      ...(hidden && { hidden }),
      redriveOf: run.id,
      redriveAfterSeq: afterSeq,
      redriveUpToSeq: upToSeq,
    },
    parent: run.id,
  })
}
