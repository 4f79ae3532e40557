import { decodeCursor } from '../cursor.ts'
import type { LaneEnds } from '../store/d1/proof-queries.ts'

/**
 * The lanes that have gone beyond their end, as far as cursors are numbers: of other keys only D1 knows which comes
 * first, since columns may be compared in ways of their own.
 */
export function lanesBeyondEnd(lanes: readonly LaneEnds[]): number[] {
  const numbered = lanes.map(({ lane, first, last, reached }) => {
    return { lane, first: numberIn(first), last: numberIn(last), reached: numberIn(reached) }
  })
  // The last lane has no end, and shows which way the walk goes by what it has done.
  const way = numbered
    .map(({ first, last, reached }) => Math.sign((last ?? reached ?? NaN) - (first ?? NaN)))
    .find((sign) => Math.abs(sign) === 1)
  if (way === undefined) return []
  return numbered.flatMap(({ lane, last, reached }) =>
    last !== undefined && reached !== undefined && (reached - last) * way > 0 ? [lane] : [],
  )
}

function numberIn(cursor: string | null): number | undefined {
  const value = cursor === null ? undefined : decodeCursor(cursor)
  return typeof value === 'number' ? value : undefined
}
