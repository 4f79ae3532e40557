import type { EndStatus } from '../../run.ts'

/** The list of runs that a run's end commit stores, and those runs. */

/** The list of a run that has ended; null while it is under way, or when it is gone. `children` is JSON. */
export async function listedBy(
  db: D1Database,
  parent: string,
): Promise<{ children: string; closedAt: string | null } | null> {
  return db
    .prepare(
      `SELECT children, closed_at AS closedAt FROM dogear_runs WHERE id = ?1 AND status <> 'active'`,
    )
    .bind(parent)
    .first<{ children: string; closedAt: string | null }>()
}

/** Counts those of these runs that have not ended, and those that D1 does not have. */
export async function countUnfinished(
  db: D1Database,
  runs: readonly string[],
): Promise<{ active: number; missing: number }> {
  const counts = await db
    .prepare(
      `SELECT count(*) FILTER (WHERE dogear_runs.status = 'active') AS active,
         count(*) FILTER (WHERE dogear_runs.id IS NULL) AS missing
       FROM json_each(?1) AS child LEFT JOIN dogear_runs ON dogear_runs.id = child.value`,
    )
    .bind(JSON.stringify(runs))
    .first<{ active: number; missing: number }>()
  return counts ?? { active: 0, missing: 0 }
}

/** Those of these runs that D1 does not have. */
export async function missingRuns(
  db: D1Database,
  runs: readonly string[],
): Promise<ReadonlySet<string>> {
  if (runs.length === 0) return new Set()
  const { results } = await db
    .prepare(
      `SELECT value AS id FROM json_each(?1) WHERE NOT EXISTS (SELECT 1 FROM dogear_runs WHERE id = value)`,
    )
    .bind(JSON.stringify(runs))
    .all<{ id: string }>()
  return new Set(results.map(({ id }) => id))
}

/** True when D1 says that this run follows `parent`, and does not wait for its children. */
export async function isListed(db: D1Database, parent: string, run: string): Promise<boolean> {
  const listed = await db
    .prepare(
      `SELECT 1 FROM dogear_runs, json_each(children) AS listed WHERE dogear_runs.id = ?1 AND status <> 'active'
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
       FROM dogear_runs AS parent, json_each(parent.children) AS listed
         JOIN dogear_runs AS child ON child.id = listed.value ->> 'id'
       WHERE parent.id = ?1 AND listed.value ->> 'afterAll' IS NULL
       ORDER BY listed.key`,
    )
    .bind(parent)
    .all<ChildRun>()
  return results
}
