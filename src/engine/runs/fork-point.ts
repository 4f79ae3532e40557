import type { Beginning, Origin } from '../drive/run-record.ts'
import { DogearError } from '../errors.ts'
import { beginOf, FORKABLE } from '../store/d1/ledger-queries.ts'
import { lineageOf } from '../store/d1/lineage.ts'
import { NOTHING_DONE } from '../store/kept-state.ts'

/**
 * The runs that a fork at commit `seq` of a run goes on from, the nearest first: the run itself, or, when
 * the commit is from before it was forked, the one of its lineage that made it.
 */
export async function originsAt(
  db: D1Database,
  run: string,
  seq: number,
): Promise<readonly [Origin, ...Origin[]]> {
  if (seq === 0) return [{ run, seq }]
  const lineage = await lineageOf(db, run)
  const owner = await db
    .prepare(
      `SELECT min(line.key) AS owner FROM json_each(?1) AS line
       JOIN ledger ON ledger.run_id = line.value ->> 'run' AND lane = 0 AND ledger.seq = ?2
       WHERE ?2 <= line.value ->> 'seq'`,
    )
    .bind(JSON.stringify(lineage), seq)
    .first<number | null>('owner')
  const at = owner === null ? undefined : lineage[owner]
  if (owner !== null && at) return [{ run: at.run, seq }, ...lineage.slice(owner + 1)]
  throw notForkable(
    `Run ${run} has no commit ${seq} in its ledger; expected 0, for its beginning, or the seq of a commit that its ledger lists`,
  )
}

/** What a fork at this place begins with. Throws `not_forkable` when not all of it is there any more. */
export async function beginningAt(db: D1Database, { run, seq }: Origin): Promise<Beginning> {
  // No code has written it, so none is too old for it.
  if (seq === 0) return { state: JSON.stringify(NOTHING_DONE), results: [], codeVersion: '' }
  // One statement, because the run may be under way.
  const row = await db
    .prepare(
      `SELECT state, code_version AS codeVersion, ${FORKABLE} AS forkable, (
         SELECT json_group_array(json_object('step', step, 'result', result, 'seq', seq))
         FROM step_results WHERE run_id = ledger.run_id AND seq <= ledger.seq) AS results
       FROM ledger WHERE run_id = ?1 AND lane = 0 AND seq = ?2`,
    )
    .bind(run, seq)
    .first<{ state: string | null; codeVersion: string; forkable: 0 | 1; results: string }>()
  if (row?.forkable === 1 && row.state !== null) {
    return {
      state: row.state,
      codeVersion: row.codeVersion,
      results: JSON.parse(row.results) as Beginning['results'],
    }
  }
  throw notForkable(
    row?.state === null
      ? `Of commit ${seq} of run ${run} no state was kept: it is older than this, too large, or one that starts over; expected a commit that the ledger lists as forkable`
      : `Of commit ${seq} of run ${run} not all is known any more: results of steps within steps, or skips, were forgotten since; expected a commit that the ledger lists as forkable`,
  )
}

/**
 * The seq after which a step had not begun, in the last round in which it did; 0 when nothing was before
 * it. `names`: the step's, with those it had before it was renamed. Undefined when it has not begun.
 */
export async function seqBefore(
  db: D1Database,
  run: string,
  names: readonly string[],
): Promise<number | undefined> {
  const lineage = await lineageOf(db, run)
  // A fork that took the step up half way: it began where the fork came from.
  let takenUpBy: string | undefined
  for (const part of lineage) {
    const found = await beginOf(db, part, names)
    if (found?.takenUp === 0) return found.before ?? 0
    if (found) takenUpBy = part.run
    else if (takenUpBy !== undefined) break
  }
  if (takenUpBy === undefined) return undefined
  throw notForkable(
    `Step '${names[0]}' had begun before run ${takenUpBy} was forked, and the ledger of its origin was purged; expected another step, or a commit to fork from`,
  )
}

export function notForkable(message: string): DogearError {
  return new DogearError('not_forkable', message)
}
