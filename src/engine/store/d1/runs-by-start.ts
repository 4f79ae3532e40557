import type { Status } from '../../run.ts'

/** What tells runs apart whose ids begin alike. */
export interface Candidate {
  id: string
  job: string
  status: Status
}

/** The first runs whose ids begin so. Ids are hexadecimal: `g` comes after every digit. */
export async function runsByStart(
  db: D1Database,
  start: string,
  limit: number,
): Promise<Candidate[]> {
  const { results } = await db
    .prepare(
      `SELECT id, job, shown_status AS status FROM dogear_runs
       WHERE id >= ?1 AND id < ?2 ORDER BY id LIMIT ?3`,
    )
    .bind(start, `${start}g`, limit)
    .all<Candidate>()
  return results
}
