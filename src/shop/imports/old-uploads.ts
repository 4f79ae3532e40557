import { listRuns } from 'dogear/runs'
import { IMPORTS_PREFIX, type Upload } from './upload.ts'

/** A younger file may be about to get its run, and a cancelled import be taken up again. */
const MIN_AGE_MS = 86_400_000

const RUNS_PER_PAGE = 100

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
  const named = await filesOfImports(db)
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

/** The files of all imports that are not cancelled. */
async function filesOfImports(db: D1Database): Promise<Set<string>> {
  const files = new Set<string>()
  let after: { createdAt: string; id: string } | undefined
  do {
    const page = await listRuns(db, {
      job: 'import-orders',
      limit: RUNS_PER_PAGE,
      ...(after && { after }),
    })
    for (const { status, params } of page.runs) {
      if (status !== 'cancelled') files.add((params as Upload).file)
    }
    after = page.next ?? undefined
  } while (after)
  return files
}
