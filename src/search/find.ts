import { listRuns, type RunPage } from '../engine/runs/list.ts'
import type { RunFilter } from '../engine/store/d1/run-filter.ts'
import { findKeys, type FoundKeys, type KeysWanted, placeOf } from './keys.ts'
import { meaningsOf } from './meanings.ts'
import { type Source, sourcesOf } from './sources.ts'
import { wordsOf } from './words.ts'

/** A filter, and what somebody has typed besides to find runs by: each word must fit. */
export interface Sought extends RunFilter {
  q?: string
}

/** Where to look for them. Words are looked up in D1, each time again: labels come and go. */
export async function sourcesFor(db: D1Database, { q = '', ...filter }: Sought): Promise<Source[]> {
  const words = wordsOf(q)
  return sourcesOf(filter, words.length === 0 ? [] : await meaningsOf(db, words))
}

/** The places in lists of the first runs that fit. */
export async function findPlaces(
  db: D1Database,
  sought: Sought,
  wanted: KeysWanted,
): Promise<FoundKeys> {
  return findKeys(db, await sourcesFor(db, sought), wanted)
}

/** A page of the runs that fit; it may be shorter than was asked for, and go on all the same. */
export async function findRuns(
  db: D1Database,
  sought: Sought,
  wanted: KeysWanted,
): Promise<RunPage> {
  const { q: _q, ...filter } = sought
  const sources = await sourcesFor(db, sought)
  const [only] = sources
  // What an index has in order is read in one go.
  if (
    sources.length === 1 &&
    only &&
    !only.refs &&
    only.checks.sql.length === 0 &&
    !isTyped(sought)
  ) {
    return listRuns(db, { ...filter, ...wanted })
  }
  const { keys, next } = await findKeys(db, sources, wanted)
  const ids = keys.map((key) => placeOf(key).id)
  const { runs } = await listRuns(db, { ids, sort: wanted.sort, limit: Math.max(1, ids.length) })
  return { runs, next: next === null ? null : placeOf(next) }
}

function isTyped({ q }: Sought): boolean {
  return q !== undefined && q.trim() !== ''
}
