/** A run's lane, as its checkpoint is shown. */
export interface LaneRow {
  /** Encoded. */
  checkpoint: string
  /** Size of the checkpoint. */
  bytes: number
  fence: number
  seq: number
  updatedAt: string
}

/** Null for an unknown run. */
export async function readLane(db: D1Database, run: string): Promise<LaneRow | null> {
  return db
    .prepare(
      `SELECT checkpoint, length(CAST(checkpoint AS BLOB)) AS bytes, fence, seq, touched_at AS updatedAt
       FROM dogear_lanes WHERE run_id = ?1 AND lane = 0`,
    )
    .bind(run)
    .first<LaneRow>()
}

/** The results of a run's steps, by their keys, and its attributes. All of it is encoded. */
export interface KeptValues {
  results: ReadonlyMap<string, string>
  /** Null before the first commit of a job that declares some. */
  attributes: string | null
}

export async function readKeptValues(db: D1Database, run: string): Promise<KeptValues> {
  const row = await db
    .prepare(
      `SELECT attributes, (SELECT json_group_object(step, result) FROM dogear_step_results WHERE run_id = ?1) AS results
       FROM dogear_lanes WHERE run_id = ?1 AND lane = 0`,
    )
    .bind(run)
    .first<{ attributes: string | null; results: string }>()
  const results = JSON.parse(row?.results ?? '{}') as Record<string, string>
  return { results: new Map(Object.entries(results)), attributes: row?.attributes ?? null }
}
