import { type Key, type Order, Place } from './place.ts'
import type { Source } from './sources.ts'

export interface KeysWanted extends Order {
  limit: number
}

export interface FoundKeys {
  keys: Key[]
  /** Where to go on; null when there are no more. Up to there all have been looked at, and fewer than asked for may fit. */
  next: Key | null
}

/** The first keys that all sources have together. */
export async function findKeys(
  db: D1Database,
  sources: readonly Source[],
  wanted: KeysWanted,
): Promise<FoundKeys> {
  if (sources.length === 0) return { keys: [], next: null }
  const answers = await db.batch<{ keys: string; cut: Key | null }>(
    sources.map((source) => {
      const place = new Place(source, wanted)
      const [keys, cut, refs] = [place.keys(wanted.limit + 1), place.cut(), place.refs]
      return db
        .prepare(`SELECT ${keys.sql} AS keys, ${cut.sql} AS cut FROM ${refs.sql}`)
        .bind(...keys.values, ...cut.values, ...refs.values)
    }),
  )
  return merged(
    answers.flatMap(({ results }) => results),
    wanted,
  )
}

/** Beyond the nearest place where one of them stopped looking, there may be more that fit. */
function merged(
  found: readonly { keys: string; cut: Key | null }[],
  { sort, limit }: KeysWanted,
): FoundKeys {
  const forwards = sort === 'oldest'
  const inOrder = (keys: readonly Key[]) => {
    const sorted = [...new Set(keys)].toSorted()
    return forwards ? sorted : sorted.toReversed()
  }
  const [cut = null] = inOrder(found.flatMap(({ cut: at }) => at ?? []))
  const all = inOrder(found.flatMap(({ keys }) => JSON.parse(keys) as Key[])).filter(
    (key) => cut === null || (forwards ? key <= cut : key >= cut),
  )
  const keys = all.slice(0, limit)
  return { keys, next: all.length > limit ? (keys.at(-1) ?? null) : cut }
}

/** The two parts of a key. */
export function placeOf(key: Key): { createdAt: string; id: string } {
  const at = key.indexOf(' ')
  return { createdAt: key.slice(0, at), id: key.slice(at + 1) }
}
