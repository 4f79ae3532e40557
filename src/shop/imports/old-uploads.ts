import { IMPORTS_PREFIX } from './upload.ts'

/** A younger file may be about to get its run, and a cancelled import be taken up again. */
const MIN_AGE_MS = 86_400_000

/**
 * Removes uploaded files that no run can need any more: their imports were purged, were cancelled, or
 * have never come to be. A run that has ended otherwise may still be verified, forked or tried again.
 * Meant to go with each upload, so that the bucket does not grow by what they leave.
 */
export async function removeOldUploads(
  db: D1Database,
  bucket: R2Bucket,
  now: number,
): Promise<number> {
  const { results } = await db
    .prepare(`SELECT DISTINCT params ->> 'file' AS file FROM dogear_runs
       WHERE job = 'import-orders' AND status <> 'cancelled'`)
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
