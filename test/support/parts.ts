import type { Cursor, Parts, Walk } from '../../src/engine/index.ts'
import { pairsOf, type Build } from './walks.ts'

/** A part of a walk, which begins after one cursor and ends with another; null where the walk itself does. */
export interface Part<C extends Cursor> {
  readonly after: C | null
  readonly last: C | null
}

export function partsOf<Item, C extends Cursor>(walk: Walk<Item, C>): Parts<Item, C> {
  if (!walk.parts) throw new Error('The walk has no parts')
  return walk.parts
}

/** Cuts a walk as the engine does it. */
export async function cut<Item, C extends Cursor>(
  build: Build<Item, C>,
  count: number,
): Promise<Part<C>[]> {
  const cuts = await partsOf(build({ cursor: null })).cut(count)
  return [...cuts, null].map((last, index) => ({ after: cuts[index - 1] ?? null, last }))
}

/** Builds the walk of a part; it goes on after its cursor once there is one. */
export function buildPart<Item, C extends Cursor>(
  build: Build<Item, C>,
  { after, last }: Part<C>,
): Build<Item, C> {
  return ({ cursor }) => {
    const walk = build({ cursor: cursor ?? after })
    return last === null ? walk : partsOf(walk).until(last)
  }
}

/** The items of each part of a walk. */
export async function itemsInParts<Item, C extends Cursor>(
  build: Build<Item, C>,
  count: number,
): Promise<Item[][]> {
  const found: Item[][] = []
  for (const part of await cut(build, count)) {
    const pairs = await pairsOf(buildPart(build, part)({ cursor: null }))
    found.push(pairs.map(([item]) => item))
  }
  return found
}
