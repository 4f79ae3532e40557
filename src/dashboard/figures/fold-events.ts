import { likenessOf } from '../../engine/likeness.ts'
import type { Told } from '../state/live.ts'

/** A line of the list of events. */
export type EventLine =
  | { kind: 'event'; told: Told }
  /** A slice in which nothing happened but work: its events, and the items that it did, where they tell. */
  | { kind: 'slice'; fence: number; told: Told[]; items: number | undefined }
  /** Events between two others that are not here. */
  | { kind: 'gap'; count: number; from: string; to: string }

/** Fewer are as soon read as opened. */
const LEAST_FOLDED = 3

/** Events, oldest first, as lines: the routine of a slice is one, and where some are missing that is one, too. */
export function foldEvents(events: readonly Told[], gaps: boolean): EventLine[] {
  const lines: EventLine[] = []
  let routine: Told[] = []
  const close = (next?: Told) => {
    lines.push(...folded(routine, next))
    routine = []
  }
  let before: Told | undefined
  for (const told of events) {
    const missing = before && gaps ? Number(told.id) - Number(before.id) - 1 : 0
    if (missing > 0 && before) {
      close()
      lines.push({ kind: 'gap', count: missing, from: before.event.at, to: told.event.at })
    }
    const isRoutine = likenessOf(told.event) === undefined
    if (!isRoutine || told.event.type === 'slice.claimed') close(told)
    if (isRoutine) routine.push(told)
    else lines.push({ kind: 'event', told })
    before = told
  }
  close()
  return lines
}

function folded(told: Told[], next: Told | undefined): EventLine[] {
  const claim = told[0]?.event
  const isSlice = claim?.type === 'slice.claimed' && told.length >= LEAST_FOLDED
  // The last one may still be at work: what it does is worth a line each.
  const isOver = told.some(({ event }) => event.type === 'slice.released')
  if (!isSlice || !isOver) return told.map((one) => ({ kind: 'event', told: one }))
  const items = next?.event.type === 'slice.claimed' ? next.event.done - claim.done : undefined
  return [{ kind: 'slice', fence: claim.fence, told, items }]
}
