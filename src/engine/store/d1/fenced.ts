import type { EndStatus } from '../../run.ts'
import { CANCEL_RUN, REOPEN_RUN } from './run-rows.ts'

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
    db.prepare(CANCEL_RUN).bind(run, fence, at, closed ? 1 : 0),
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
  const [, , answer] = await db.batch<Fenced>([
    db.prepare(REOPEN_RUN).bind(run, fence, at),
    db.prepare(RAISE_ALL).bind(run, fence, at),
    db.prepare(FENCED).bind(run),
  ])
  return fenced(answer)
}

export const RAISE_ALL = `UPDATE lanes SET fence = ?2, seq = seq + 1, token = NULL, touched_at = ?3 WHERE run_id = ?1 AND fence <= ?2`

export const FENCED = `
  SELECT (SELECT status FROM runs WHERE id = ?1) AS status,
    coalesce((SELECT max(fence) FROM lanes WHERE run_id = ?1), 0) AS fence`

export function fenced(answer: D1Result<Fenced> | undefined): Fenced {
  return answer?.results[0] ?? { status: null, fence: 0 }
}
