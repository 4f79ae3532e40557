export interface SkipRow {
  seq: number
  position: number
  step: string
  cursor: string | null
  error: string
  attempts: number
  skipped_at: string
}

/** Between which commits of a run the skips lie that no re-drive has taken on. */
export async function notYetRedriven(
  db: D1Database,
  run: string,
): Promise<{ afterSeq: number; upToSeq: number }> {
  const row = await db
    .prepare(
      `WITH last AS (SELECT max(seq) AS seq FROM skips WHERE run_id = ?1)
       SELECT (SELECT seq FROM last) AS upToSeq,
         (SELECT max(options ->> 'redriveUpToSeq') FROM runs
          WHERE parent = ?1 AND options ->> 'redriveOf' = ?1
            AND options ->> 'redriveUpToSeq' < (SELECT seq FROM last)) AS afterSeq`,
    )
    .bind(run)
    .first<{ upToSeq: number | null; afterSeq: number | null }>()
  return { afterSeq: row?.afterSeq ?? -1, upToSeq: row?.upToSeq ?? -1 }
}
