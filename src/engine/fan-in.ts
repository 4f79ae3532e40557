import { createMissing } from './follow-ups.ts'
import type { NewRun } from './protocol.ts'
import type { EndStatus } from './run.ts'
import type { RunObjects } from './start.ts'

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
  const listed = await db
    .prepare(`SELECT children FROM runs WHERE id = ?1 AND status <> 'active'`)
    .bind(parent)
    .first<string>('children')
  const followers = JSON.parse(listed ?? '[]') as Follower[]
  const waiting = followers.filter(({ afterAll }) => afterAll)
  if (waiting.length === 0) return true
  const awaited = followers.filter(({ afterAll }) => !afterAll).map(({ id }) => id)
  const underWay = await db
    .prepare(
      // One that is not there yet is about to be created by its parent.
      `SELECT count(*) AS count FROM json_each(?1) AS child
       WHERE NOT EXISTS (SELECT 1 FROM runs WHERE id = child.value AND status <> 'active')`,
    )
    .bind(JSON.stringify(awaited))
    .first<number>('count')
  if (underWay !== 0) return true
  return createMissing(
    db,
    objects,
    waiting.map(({ afterAll: _afterAll, ...run }) => run),
  )
}

/** Whether D1 says that this run follows `parent`, and does not wait for its children. */
export async function isListed(db: D1Database, parent: string, run: string): Promise<boolean> {
  const listed = await db
    .prepare(
      `SELECT 1 FROM runs, json_each(children) AS listed WHERE runs.id = ?1 AND status <> 'active'
         AND listed.value ->> 'id' = ?2 AND listed.value ->> 'afterAll' IS NULL`,
    )
    .bind(parent, run)
    .first()
  return listed !== null
}

/** A run that another has started. */
export interface ChildRun {
  id: string
  job: string
  status: 'active' | EndStatus
  /** Encoded; null when there is none. */
  result: string | null
}

/**
 * The runs that a run has started, in the order of its list, for the one that follows them all: those it
 * waited for, and no others (followers, re-drives). None before the run's own end.
 */
export async function childrenOf(db: D1Database, parent: string): Promise<ChildRun[]> {
  const { results } = await db
    .prepare(
      `SELECT child.id, child.job, child.status, child.result
       FROM runs AS parent, json_each(parent.children) AS listed
         JOIN runs AS child ON child.id = listed.value ->> 'id'
       WHERE parent.id = ?1 AND listed.value ->> 'afterAll' IS NULL
       ORDER BY listed.key`,
    )
    .bind(parent)
    .all<ChildRun>()
  return results
}
