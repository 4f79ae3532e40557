import type { Beginning, Origin } from '../drive/run-record.ts'
import { DogearError } from '../errors.ts'
import { beginOf, keptAfter, ownerOf } from '../store/d1/ledger-queries.ts'
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
  const owner = await ownerOf(db, lineage, seq)
  const at = owner === null ? undefined : lineage[owner]
  if (owner !== null && at) return [{ run: at.run, seq }, ...lineage.slice(owner + 1)]
  throw notForkable(
    `Run ${run} has no commit ${seq} in its ledger; expected 0, for its beginning, or the seq of a commit that its ledger lists`,
  )
}

/** The beginning of a fork at this place. Throws `not_forkable` when not all of it is there any more. */
export async function beginningAt(db: D1Database, { run, seq }: Origin): Promise<Beginning> {
  // No code has written it, so none is too old for it.
  if (seq === 0) return { state: JSON.stringify(NOTHING_DONE), results: [], codeVersion: '' }
  const kept = await keptAfter(db, { run, seq })
  if (kept?.forkable && kept.state !== null) {
    const { state, results, codeVersion } = kept
    return { state, results, codeVersion }
  }
  throw notForkable(
    kept?.state === null
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
