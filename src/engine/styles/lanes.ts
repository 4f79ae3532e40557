import { type Cursor, decodeCursor, encodeCursor } from '../cursor.ts'
import type { Parts, Walk } from '../enumerators/enumerator.ts'
import { DogearError } from '../errors.ts'
import type { Pass } from '../pass/pass.ts'
import type { LanePlan } from '../store/change.ts'

/**
 * Where a new run's walk is cut into its lanes; undefined where it stays whole. Cut once per run: no deploy, and no
 * other number of lanes, cuts it again. Throws `invalid_enumerator` for a walk that cannot be cut.
 */
export async function planLanes<Item, C extends Cursor>(
  { lanes }: Pass,
  walk: Walk<Item, C>,
  step: string,
): Promise<LanePlan | undefined> {
  if (lanes.wanted === 1) return undefined
  const found = await partsOf(walk, lanes.wanted).cut(lanes.wanted)
  const cuts = found.map((cursor) => encodeCursor(cursor))
  return cuts.length > 0 ? { step, cuts } : undefined
}

/** The part of a walk that this lane walks. */
export function ownPart<Item, C extends Cursor>(
  { lanes }: Pass,
  walk: Walk<Item, C>,
): Walk<Item, C> {
  if (lanes.last === null) return walk
  return partsOf(walk, lanes.count).until(decodeCursor(lanes.last) as C)
}

function partsOf<Item, C extends Cursor>(walk: Walk<Item, C>, lanes: number): Parts<Item, C> {
  if (walk.parts) return walk.parts
  throw new DogearError(
    'invalid_enumerator',
    `The run is to be worked in ${lanes} lanes, and its walk cannot be cut; expected one over times, array, records, batches or batchRanges, or one with parts of its own`,
  )
}
