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
