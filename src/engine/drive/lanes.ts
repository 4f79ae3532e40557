import { isEnded, type LaneView, type Status } from '../run.ts'
import type { Driving, LaneOrder } from './driving.ts'

/**
 * What a run's object knows of its other lanes. Each is driven by an object of its own, as a run is: it has its own
 * lease, attempts and patience. This one says whether they are to work, and hears how they are. Pure.
 */

/** D1 has so many lanes of the run. */
export function learnLanes(d: Driving, count: number): void {
  const known = d.lanes ?? []
  // It is the run's object that gives orders, not that of another lane.
  if (d.toldRun !== undefined) return
  if (count - 1 <= known.length) return
  const news = Array.from({ length: count - 1 - known.length }, () => ({ told: null, shown: null }))
  d.lanes = [...known, ...news]
}

/** What all lanes of the run are to do. */
export function orderFor(d: Driving): LaneOrder {
  const { kind } = d.intent
  // D1 completes a run only when all of its lanes have finished.
  if (d.status === 'completed') return 'finish'
  if (isEnded(d.status) || kind === 'cancel' || kind === 'fail') return 'stop'
  if (d.closing || d.endedInD1) return 'stop'
  return kind === 'pause' || d.status === 'paused' || d.held ? 'pause' : 'work'
}

/** The numbers of the lanes whose objects have not taken what they are to do. */
export function lanesToOrder(d: Driving): number[] {
  const order = orderFor(d)
  return (d.lanes ?? []).flatMap(({ told, shown }, index) =>
    told === order || isDone(shown) ? [] : [index + 1],
  )
}

/** Its object has taken the order. */
export function ordered(d: Driving, lane: number, order: LaneOrder): void {
  const known = d.lanes?.[lane - 1]
  if (known) known.told = order
}

/**
 * D1 says that some have not finished. Where all were heard to have, it was put back to an earlier time: it is to be
 * looked up how each of them is.
 */
export function doubtLanes(d: Driving): void {
  if (!lanesDone(d)) return
  for (const lane of d.lanes ?? []) Object.assign(lane, { told: null, shown: null })
}

/** Tells all of them again: their objects may have missed something, or a person has asked for it. */
export function orderAgain(d: Driving): void {
  for (const lane of d.lanes ?? []) lane.told = null
}

/** A lane tells how it is. True when the run has ended by it, as D1 knows. */
export function hearLane(d: Driving, shown: LaneView, now: number): boolean {
  learnLanes(d, shown.lane + 1)
  const lane = d.lanes?.[shown.lane - 1]
  if (!lane) return false
  const before = lane.shown
  lane.shown = shown
  d.updatedAt = now
  if (before?.status !== shown.status || before.attention !== shown.attention) d.rev += 1
  if (isEnded(shown.status) && shown.status !== 'completed') {
    // Should the run be reopened, the lane is to be told.
    lane.told = 'stop'
    return !isEnded(d.status)
  }
  // It was asked to stand still, and then to work, and came to rest in between.
  if (shown.status === 'paused' && shown.reason === 'pause' && orderFor(d) === 'work')
    lane.told = null
  if (waitsForLanes(d) && lanesDone(d) && d.lease === null) d.sendAt ??= now
  return false
}

/** Whether the first lane has done its part, and waits for the others. */
export function waitsForLanes({ status, reason }: Driving): boolean {
  return status === 'interrupted' && reason === 'lanes'
}

/** Whether all the others have come to their end. */
export function lanesDone({ lanes = [] }: Driving): boolean {
  return lanes.every(({ shown }) => isDone(shown))
}

/** How the run is as a whole: at work, as long as one of its lanes is. */
export function statusOfAll(d: Driving): Status {
  const others = (d.lanes ?? []).flatMap(({ shown }) => (isDone(shown) ? [] : [statusOf(shown)]))
  if (others.length === 0 || isEnded(d.status)) return d.status
  // A lane that has ended otherwise has ended the run, which is about to be shown.
  if (others.some((status) => status === 'running')) return 'running'
  if (d.status === 'paused')
    return others.every((status) => status === 'paused') ? 'paused' : 'running'
  if (!waitsForLanes(d)) return d.status
  return others.find((status) => !isEnded(status)) ?? 'running'
}

function statusOf(shown: LaneView | null): Status {
  return shown?.status ?? 'queued'
}

function isDone(shown: LaneView | null): boolean {
  return shown?.status === 'completed'
}
