import { decodeCursor, displayCursor } from '../cursor.ts'
import type { RunError } from '../errors.ts'
import type { SkippedItem } from '../skipped-item.ts'
import { redactorIn } from '../store/d1/redactor-in.ts'
import { type ListedSkip, skipsAfter } from '../store/d1/skip-queries.ts'

type Place = readonly [seq: number, position: number]
const START: Place = [-1, -1]

/** So many are in memory at a time. */
const PER_PAGE = 1_000

/** A page of a run's skipped items, in the order in which they were skipped, by keyset. */
export async function listSkips(
  db: D1Database,
  run: string,
  { limit, after = START, group }: { limit: number; after?: Place; group?: string },
): Promise<{ skips: SkippedItem[]; next: [seq: number, position: number] | null }> {
  const redact = await redactorIn(db, run)
  const found = await skipsAfter(db, run, after, limit + 1, group)
  const rows = found.slice(0, limit)
  const last = rows.at(-1)
  return {
    skips: redact(rows.map((row) => itemOf(row, displayCursor))),
    next: found.length > limit && last ? [last.seq, last.position] : null,
  }
}

/**
 * All skipped items of a run, as `listSkips` gives them, page by page: so many as there may be, they do not
 * fill the memory. Those of commits that come meanwhile are among them.
 */
export async function* eachSkip(
  db: D1Database,
  run: string,
  { group }: { group?: string } = {},
): AsyncGenerator<SkippedItem, void> {
  const redact = await redactorIn(db, run)
  for await (const row of eachRow(db, run, group)) yield redact(itemOf(row, displayCursor))
}

/** The same for the job itself: cursors as its walk has set them, and no param masked in them. */
export async function* skipsForJob(db: D1Database, run: string): AsyncGenerator<SkippedItem, void> {
  for await (const row of eachRow(db, run)) yield itemOf(row, asSet)
}

const asSet = (cursor: string | null) => (cursor === null ? null : decodeCursor(cursor))

async function* eachRow(
  db: D1Database,
  run: string,
  group?: string,
): AsyncGenerator<ListedSkip, void> {
  let after = START
  for (;;) {
    const rows = await skipsAfter(db, run, after, PER_PAGE, group)
    yield* rows
    const last = rows.at(-1)
    if (!last || rows.length < PER_PAGE) return
    after = [last.seq, last.position]
  }
}

function itemOf(
  { step, cursor, error, attempts, skippedAt, by }: ListedSkip,
  cursorOf: (text: string | null) => unknown,
): SkippedItem {
  return {
    step,
    cursor: cursorOf(cursor),
    error: JSON.parse(error) as RunError,
    attempts,
    skippedAt,
    ...(by !== null && { by }),
  }
}
