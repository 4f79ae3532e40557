import { IMPORTS_PREFIX } from './upload.ts'

/** A younger file may be about to get its run. */
const MIN_AGE_MS = 86_400_000

// What a run may still need: it is under way, or it could be asked to be tried again, forked or verified.
const NAMED_BY_A_RUN = `job = 'import-orders' AND status <> 'cancelled'`

/** Removes the file of a cancelled import, unless another run names it. */
export async function removeUpload(db: D1Database, bucket: R2Bucket, file: string): Promise<void> {
  const named = await db
    .prepare(`SELECT 1 FROM runs WHERE ${NAMED_BY_A_RUN} AND params ->> 'file' = ?1 LIMIT 1`)
    .bind(file)
    .first()
  if (named === null) await bucket.delete(file)
}

/**
 * Removes uploaded files that no run can need any more: their imports were purged or cancelled, or have
 * never come to be. Meant to go with each upload, so that the bucket does not grow by them.
 */
export async function removeOldUploads(
  db: D1Database,
  bucket: R2Bucket,
  now: number,
): Promise<number> {
  const { results } = await db
    .prepare(`SELECT DISTINCT params ->> 'file' AS file FROM runs WHERE ${NAMED_BY_A_RUN}`)
    .all<{ file: string }>()
  const named = new Set(results.map(({ file }) => file))
  let removed = 0
  let cursor: string | undefined
  do {
    const listed = await bucket.list({
      prefix: IMPORTS_PREFIX,
      ...(cursor !== undefined && { cursor }),
    })
    const old = listed.objects.filter(
      ({ key, uploaded }) => !named.has(key) && uploaded.getTime() < now - MIN_AGE_MS,
    )
    if (old.length > 0) await bucket.delete(old.map(({ key }) => key))
    removed += old.length
    cursor = listed.truncated ? listed.cursor : undefined
  } while (cursor !== undefined)
  return removed
}
