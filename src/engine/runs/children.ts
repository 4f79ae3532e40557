import type { RunObjects } from '../drive/protocol.ts'
import type { NewRun } from '../drive/run-record.ts'
import { countUnfinished, listedBy } from '../store/d1/children-queries.ts'
import { createMissing } from './follow-ups.ts'

export { childrenOf, type ChildRun } from '../store/d1/children-queries.ts'

/** A run that follows another, as the end commit lists it. */
export interface Follower extends NewRun {
  /** Waits until all the others of the list have ended. */
  afterAll?: true
}

/**
 * Starts what waits for all children of a run to have ended, if they have. Each child asks when it is
 * closed, after its own end is in D1, so the last one finds all of them ended; that two may find it, or
 * one twice, harms nothing, since creating a run twice is creating it once. False when some are left for
 * the next slice.
 */
export async function startAfterAll(
  db: D1Database,
  objects: RunObjects,
  parent: string,
): Promise<boolean> {
  const ended = await listedBy(db, parent)
  const followers = JSON.parse(ended?.children ?? '[]') as Follower[]
  const waiting = followers.filter(({ afterAll }) => afterAll)
  if (waiting.length === 0) return true
  const awaited = followers.filter(({ afterAll }) => !afterAll)
  const ids = awaited.map(({ id }) => id)
  const { active, missing } = await countUnfinished(db, ids)
  // Its parent is about to create it, unless it has done so: then D1 has lost its row since.
  if (missing > 0 && ended?.closedAt) return createMissing(db, objects, awaited)
  if (active + missing > 0) return true
  return createMissing(
    db,
    objects,
    waiting.map(({ afterAll: _afterAll, ...run }) => run),
  )
}
