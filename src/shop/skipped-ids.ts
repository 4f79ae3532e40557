import type { SkippedItem } from 'dogear'

/** So many ids go into one statement. */
const PER_STATEMENT = 1_000

/** The ids of skipped rows, which are their cursors, in lists that fit a statement. */
export async function* skippedIds(skips: AsyncIterable<SkippedItem>): AsyncGenerator<number[]> {
  let ids: number[] = []
  for await (const { cursor } of skips) {
    ids.push(Number(cursor))
    if (ids.length < PER_STATEMENT) continue
    yield ids
    ids = []
  }
  if (ids.length > 0) yield ids
}
