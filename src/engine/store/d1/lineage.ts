import type { Origin } from '../../drive/run-record.ts'

/**
 * The lineage of a run: itself, then the runs whose work it goes on from, the nearest first, each up to
 * the commit that counts. A run that is no fork is its own lineage.
 */
export async function lineageOf(
  db: D1Database,
  run: string,
): Promise<readonly [Origin, ...Origin[]]> {
  const origins = await db
    .prepare(`SELECT options ->> '$.origins' AS origins FROM dogear_runs WHERE id = ?1`)
    .bind(run)
    .first<string | null>('origins')
  const own = { run, seq: Number.MAX_SAFE_INTEGER }
  return [own, ...(origins ? (JSON.parse(origins) as Origin[]) : [])]
}
