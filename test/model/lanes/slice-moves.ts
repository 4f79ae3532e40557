import { commit, openBeside, raise } from './database.ts'
import { heard, reporting } from './object-moves.ts'
import {
  laneRow,
  type LaneCommit,
  type LaneMoves,
  type LaneSlice,
  type LanesWorld,
  MOST_LANES,
} from './world.ts'

/** What one slice may do next. */
export function sliceMoves(moves: LaneMoves, slice: LaneSlice, index: number): void {
  const hands: Hands = {
    who: `slice ${slice.fence} of lane ${slice.lane}`,
    drop: (world) => void world.slices.splice(index, 1),
    set: (world, changes) => void Object.assign(world.slices[index] as LaneSlice, changes),
  }
  moves.fault(`${hands.who} dies (${slice.doing})`, hands.drop)
  if (slice.doing === 'work') reporting(moves, slice)
  if (slice.doing === 'raise') raising(moves, slice, hands)
  else if (slice.doing === 'work') working(moves, slice, hands)
  else if (slice.doing === 'insert') inserting(moves, slice, hands)
  else releasing(moves, slice, hands)
}

interface Hands {
  who: string
  drop: (world: LanesWorld) => void
  set: (world: LanesWorld, changes: Partial<LaneSlice>) => void
}

function raising(moves: LaneMoves, slice: LaneSlice, { who, drop, set }: Hands): void {
  const { lane, fence } = slice
  moves.free(`${who} raises`, (world) => {
    const row = raise(world, lane, fence, moves.without)
    if (!row || world.database.status === 'cancelled') return drop(world)
    const { seq, cursor, end, finished } = row
    const { lanes, planned, status } = world.database
    const known = { seq, cursor, end, planned, lanes: lanes.length }
    set(world, { ...known, open: openBeside(world, lane), doing: 'work' })
    if (status === 'completed') set(world, { doing: 'release', outcome: 'completed' })
    else if (finished) set(world, { doing: 'release', outcome: 'finished' })
  })
  moves.fault(`${who} raises: no answer, may land late`, ({ late }) =>
    late.push({ kind: 'raise', lane, fence }),
  )
}

function working(moves: LaneMoves, slice: LaneSlice, hands: Hands): void {
  const { size, without, world } = moves
  const { who, set } = hands
  const { lane, cursor, end, done, open, planned } = slice
  const left = end - cursor
  const middle = cursor + Math.ceil(left / 2)
  const leave = (words: string, outcome: LaneSlice['outcome']): void =>
    moves.free(`${who} ${words}`, (next) => set(next, { doing: 'release', outcome }))
  if (lane === 0 && !planned && left > 1) committing(moves, slice, hands, 'plan', middle)
  else if (left > 0 && done >= size.budget) leave('has used its budget', '')
  else if (left > 0) committing(moves, slice, hands, 'item', cursor)
  else if (lane > 0 && without.has('finishIsACommit')) leave('tells the object only', 'finished')
  else if (lane > 0) committing(moves, slice, hands, 'finish', end)
  else if (open > 0 && !without.has('joinLooksAtAllLanes')) leave('waits for the others', 'waiting')
  else committing(moves, slice, hands, 'join', end)
  // The object asks the lane that has most left; which one that is makes no difference to the promises.
  const mayCut = world.splitsLeft > 0 && world.database.lanes.length < MOST_LANES
  if (planned && left > 1 && mayCut) committing(moves, slice, hands, 'split', middle)
  if (world.object.pausing) leave('is asked to pause', 'paused')
}

function committing(
  moves: LaneMoves,
  slice: LaneSlice,
  { who, drop, set }: Hands,
  what: LaneCommit['what'],
  at: number,
): void {
  const { without } = moves
  const { lane, fence, seq } = slice
  const sent: LaneCommit = { kind: 'commit', lane, fence, seq, what, at }
  const words = `${who} commits ${what} ${at}`
  const begin = (world: LanesWorld): void => {
    if (what === 'split') world.splitsLeft -= 1
  }
  moves.free(words, (world) => {
    begin(world)
    const done = commit(world, sent, without)
    set(world, done ? { seq: seq + 1, ...after(slice, sent, without) } : { doing: 'raise' })
  })
  moves.fault(`${words}: no answer, may land late`, (world) => {
    begin(world)
    world.late.push(sent)
    set(world, { doing: 'raise' })
  })
  moves.fault(`${words}, and dies; it may land late`, (world) => {
    begin(world)
    world.late.push(sent)
    drop(world)
  })
}

/** What a slice knows once its commit has been answered. */
function after(
  { lanes, open, done, end }: LaneSlice,
  { what, at }: LaneCommit,
  without: LaneMoves['without'],
): Partial<LaneSlice> {
  switch (what) {
    case 'item':
      return { cursor: at + 1, done: done + 1 }
    case 'finish':
      return { doing: 'release', outcome: 'finished' }
    case 'join':
      return { doing: 'release', outcome: 'completed' }
    case 'plan':
    case 'split': {
      const known = { end: at, planned: true, lanes: lanes + 1, open: open + 1 }
      const apart = without.has(what === 'plan' ? 'planInOneCommit' : 'splitInOneCommit')
      return apart ? { ...known, doing: 'insert', cutOff: [at, end] } : known
    }
  }
}

/** The second half of what should have been one commit. */
function inserting(moves: LaneMoves, { cutOff }: LaneSlice, { who, set }: Hands): void {
  moves.free(`${who} inserts the lane that it has cut off`, (world) => {
    if (cutOff) world.database.lanes.push(laneRow(...cutOff))
    set(world, { doing: 'work', cutOff: null })
  })
}

function releasing(moves: LaneMoves, slice: LaneSlice, { who, drop }: Hands): void {
  moves.free(`${who} releases: ${slice.outcome || 'interrupted'}`, (world) => {
    drop(world)
    heard(world, slice, moves.without)
  })
}
