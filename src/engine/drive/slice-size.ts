import { type Driving, type Lease } from './driving.ts'

/** So many slices that come back make it likely that larger ones would, too. */
const TRY_MORE_AFTER = 50
/** This much of what was too much is about as much as a slice can do. */
const SAFE = 0.75

const VANISHES = 'Its slices vanish when they do more than some '

/**
 * Slices that vanish one after the other do less each time, until they come back; those that do make the next one
 * larger again. Pure, like all of driving.
 */

/** A slice has vanished, and not as the first in a row: what ended it was most likely no deploy. */
export function vanishedAgain(d: Driving, lease: Lease): void {
  const { sliceSize } = d
  const tried = sliceSize?.items ?? doneBy(d, lease)
  const items = Math.max(1, Math.floor(tried / 2))
  // What a slice was heard of to have done, without a limit, is less than it did.
  d.sliceSize = { items, tooMany: sliceSize ? tried : null, good: 0 }
  if (d.attention?.startsWith(VANISHES)) d.attention = null
  d.attention ??= `${VANISHES}${tried > 1 ? `${tried} items` : 'items'}, as if by a limit of CPU time or memory; the next does ${items}. Expected items that need less, or a larger limit ([limits] cpu_ms)`
}

/** A slice has come back. */
export function cameBack(d: Driving, lease: Lease): void {
  const { sliceSize } = d
  if (!sliceSize) return
  const { items, tooMany, good } = sliceSize
  if (doneBy(d, lease) < items) {
    // Something else has ended it sooner: the limit holds nothing back.
    if (tooMany === null) forget(d)
    return
  }
  const most = tooMany === null ? Infinity : Math.floor(tooMany * SAFE)
  const again = good + 1 >= TRY_MORE_AFTER
  d.sliceSize = {
    items: Math.max(items, Math.min(items * 2, most)),
    tooMany: again ? null : tooMany,
    good: again ? 0 : good + 1,
  }
}

function forget(d: Driving): void {
  d.sliceSize = null
  if (d.attention?.startsWith(VANISHES)) d.attention = null
}

/** Items that a slice is known to have done. */
function doneBy(d: Driving, { doneBefore = d.seen.done }: Lease): number {
  return Math.max(0, d.seen.done - doneBefore)
}
