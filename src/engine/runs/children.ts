import type { RunObjects } from '../drive/protocol.ts'
import type { NewRun } from '../drive/run-record.ts'
import type { EndStatus } from '../run.ts'
import { createMissing } from './follow-ups.ts'

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
  const ended = await db
    .prepare(
      `SELECT children, closed_at AS closedAt FROM runs WHERE id = ?1 AND status <> 'active'`,
    )
    .bind(parent)
    .first<{ children: string; closedAt: string | null }>()
  const followers = JSON.parse(ended?.children ?? '[]') as Follower[]
  const waiting = followers.filter(({ afterAll }) => afterAll)
  if (waiting.length === 0) return true
  const awaited = followers.filter(({ afterAll }) => !afterAll)
  const { active, missing } = await countOf(db, awaited)
  // Its parent is about to create it, unless it has done so: then D1 has lost its row since.
  if (missing > 0 && ended?.closedAt) return createMissing(db, objects, awaited)
  if (active + missing > 0) return true
  return createMissing(
    db,
    objects,
    waiting.map(({ afterAll: _afterAll, ...run }) => run),
  )
}

/** How many of these have not ended, and how many D1 does not have. */
async function countOf(
  db: D1Database,
  runs: readonly NewRun[],
): Promise<{ active: number; missing: number }> {
  const counts = await db
    .prepare(
      `SELECT count(*) FILTER (WHERE runs.status = 'active') AS active,
         count(*) FILTER (WHERE runs.id IS NULL) AS missing
       FROM json_each(?1) AS child LEFT JOIN runs ON runs.id = child.value`,
    )
    .bind(JSON.stringify(runs.map(({ id }) => id)))
    .first<{ active: number; missing: number }>()
  return counts ?? { active: 0, missing: 0 }
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
