import { cancel, commit, cut, raise } from './database.ts'
import {
  type DrivenLane,
  type LaneMoves,
  type LaneSlice,
  type LanesObject,
  type LanesWorld,
  lineOf,
  MOST_LANES,
  NEW_LANE,
} from './world.ts'

/** The object drives each lane that it knows of; lane 0 waits for the others when it has done its part. */
export function driving(moves: LaneMoves): void {
  const { object, slices } = moves.world
  object.lanes.forEach((lane, index) => {
    if (lane.message) {
      moves.free(`the message of lane ${index} is delivered`, (world) => claim(world, index, moves))
      moves.fault(`the message of lane ${index} is lost`, (world) => {
        laneAt(world, index).message = false
      })
    } else if (isDue(object, index, moves)) {
      moves.free(`the object sends a message of lane ${index}`, (world) => {
        laneAt(world, index).message = true
      })
    }
    if (!lane.leased) return
    const alive = slices.some((slice) => slice.lane === index && slice.fence === lane.fence)
    const ends = (world: LanesWorld): void => leaseEnds(world, index)
    if (alive) moves.fault(`the lease of lane ${index} ends early`, ends)
    else moves.free(`the lease of lane ${index} ends`, ends)
  })
}

function claim(world: LanesWorld, index: number, { without }: LaneMoves): void {
  const { object } = world
  const lane = laneAt(world, index)
  lane.message = false
  if (!isWaiting(object) || lane.leased || lane.rest === 2) return
  const fences = without.has('fenceOfItsOwn')
    ? object.lanes.map(({ fence }) => fence)
    : [lane.fence]
  lane.fence = Math.max(...fences) + 1
  lane.leased = true
  world.slices.push({ ...NEW_SLICE, lane: index, fence: lane.fence })
}

const NEW_SLICE: LaneSlice = {
  lane: 0,
  fence: 0,
  doing: 'raise',
  seq: 0,
  cursor: 0,
  end: 0,
  lanes: 0,
  open: 0,
  planned: false,
  done: 0,
  cutOff: null,
  outcome: '',
}

function isWaiting({ status, cancelling, pausing }: LanesObject): boolean {
  return status === 'queued' && !cancelling && !pausing
}

function isDue(object: LanesObject, index: number, { without }: LaneMoves): boolean {
  const { rest, leased } = object.lanes[index] as DrivenLane
  if (!isWaiting(object) || leased || rest === 2) return false
  if (rest === 0) return true
  const last = object.lanes.every((lane, other) => other === index || lane.rest === 2)
  return last && !without.has('lastLaneWakesZero')
}

function leaseEnds(world: LanesWorld, index: number): void {
  Object.assign(laneAt(world, index), { leased: false, unheard: true })
}

/** The object hears a release. Only the holder of the lane's lease speaks. */
export function heard(world: LanesWorld, slice: LaneSlice, without: LaneMoves['without']): void {
  const { object } = world
  const lane = laneAt(world, slice.lane)
  if (!lane.leased || lane.fence !== slice.fence) return
  // It has raised: whoever held the lane before can write no more.
  Object.assign(lane, { leased: false, unheard: false })
  if (!without.has('releaseTellsLanes')) learn(world, slice.lanes)
  if (slice.outcome === 'finished') lane.rest = 2
  else if (slice.outcome === 'waiting') lane.rest = 1
  else if (slice.outcome === 'completed') object.status = 'done'
}

/** A report: the object hears of lanes that there are since a commit of this slice, and has them worked at once. */
export function reporting(moves: LaneMoves, { lane, fence, lanes }: LaneSlice): void {
  const { lanes: driven } = moves.world.object
  const holds = driven[lane]?.leased === true && driven[lane].fence === fence
  if (!holds || lanes <= driven.length) return
  moves.free(`slice ${fence} of lane ${lane} reports ${lanes} lanes`, (world) =>
    learn(world, lanes),
  )
}

function learn({ object }: LanesWorld, lanes: number): void {
  while (object.lanes.length < lanes) object.lanes.push({ ...NEW_LANE })
}

/** A person cancels and pauses; the object carries it out. */
export function persons(moves: LaneMoves): void {
  const { object, cancelsLeft } = moves.world
  if (cancelsLeft > 0 && object.status !== 'done' && object.status !== 'cancelled') {
    moves.free('a person cancels', (world) => {
      world.cancelsLeft -= 1
      Object.assign(world.object, { cancelling: true, pausing: false })
      for (const lane of world.object.lanes) Object.assign(lane, QUIET)
    })
  }
  if (object.cancelling) cancels(moves)
  else pauses(moves)
}

const QUIET = { leased: false, message: false, unheard: false }

function cancels(moves: LaneMoves): void {
  moves.free('the object cancels the run in D1', (world) => {
    cancel(world, moves.without)
    const { object, database } = world
    object.cancelling = false
    if (database.status === 'cancelled') object.status = 'cancelled'
    else {
      // D1 says completed: success wins, and a slice of lane 0 closes the run.
      object.status = 'queued'
      laneAt(world, 0).rest = 0
    }
  })
  moves.fault('the object cancels the run in D1: no answer', ({ late }) =>
    late.push({ kind: 'cancel' }),
  )
}

function pauses(moves: LaneMoves): void {
  const { world, without } = moves
  const { object } = world
  if (world.pausesLeft > 0 && isWaiting(object)) {
    moves.free('a person pauses', (next) => {
      next.pausesLeft -= 1
      next.object.pausing = true
    })
  }
  const mayWrite = ({ leased, unheard }: DrivenLane): boolean =>
    leased || (unheard && !without.has('pauseRaisesUnheardLanes'))
  if (object.pausing) {
    object.lanes.forEach((lane, index) => {
      if (!lane.leased && mayWrite(lane)) raisingFromOutside(moves, index, lane.fence + 1)
    })
  }
  const looked = without.has('pauseWaitsForAllLanes') ? object.lanes.slice(0, 1) : object.lanes
  if (object.pausing && !looked.some(mayWrite)) {
    moves.free('the object shows paused', (next) =>
      Object.assign(next.object, { status: 'paused', pausing: false }),
    )
  }
  if (object.status === 'paused') {
    moves.free('a person resumes', (next) => {
      next.object.status = 'queued'
    })
  }
}

/** Nobody says that a lane has stopped: D1 has to. */
function raisingFromOutside(moves: LaneMoves, lane: number, fence: number): void {
  moves.free(`the object raises lane ${lane} in D1`, (next) => {
    raise(next, lane, fence, moves.without)
    Object.assign(laneAt(next, lane), { fence, unheard: false })
  })
  moves.fault(`the object raises lane ${lane} in D1: no answer`, ({ late }) =>
    late.push({ kind: 'raise', lane, fence }),
  )
}

/** Where a lane is not cut by itself: the object writes its row, beside the slice that is at work. */
export function cuttingFromOutside(moves: LaneMoves): void {
  const { world, without } = moves
  if (!without.has('splitByItsOwnLane') || world.splitsLeft === 0) return
  const { lanes, status } = world.database
  lanes.forEach(({ cursor, end, finished }, lane) => {
    const left = end - cursor
    if (status !== 'active' || finished || left < 2 || lanes.length >= MOST_LANES) return
    moves.free(`the object cuts lane ${lane} in D1`, (next) => {
      next.splitsLeft -= 1
      const row = next.database.lanes[lane]
      if (row) cut(next, row, cursor + Math.ceil(left / 2), false)
      next.object.lanes.push({ ...NEW_LANE })
    })
  })
}

/** Operations whose sender has given up land late, or never. */
export function lateOperations(moves: LaneMoves): void {
  const { without, world } = moves
  const seen = new Set<string>()
  world.late.forEach((late, index) => {
    const words = `late ${late.kind === 'commit' ? `${late.what} of lane ${late.lane}` : late.kind}`
    if (seen.has(lineOf(late))) return
    seen.add(lineOf(late))
    const gone = (next: LanesWorld): void => void next.late.splice(index, 1)
    moves.free(`${words} lands`, (next) => {
      gone(next)
      if (late.kind === 'commit') commit(next, late, without)
      else if (late.kind === 'raise') raise(next, late.lane, late.fence, without)
      else cancel(next, without)
    })
    moves.free(`${words} never lands`, gone)
  })
}

function laneAt({ object }: LanesWorld, index: number): DrivenLane {
  return object.lanes[index] as DrivenLane
}
