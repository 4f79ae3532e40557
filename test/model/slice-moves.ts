import { commit, raise, startChild } from './database.ts'
import { firstDoing } from './driver-moves.ts'
import type { RunMoves } from './world.ts'
import type { Slice, World } from './world.ts'

/** What one slice may do next. */
export function sliceMoves(moves: RunMoves, slice: Slice, index: number): void {
  const who = `slice ${slice.fence}`
  const drop = (world: World): void => void world.slices.splice(index, 1)
  moves.fault(`${who} dies (${slice.doing})`, drop)
  moves.fault(`${who} dies (${slice.doing}), its message comes back`, (world) => {
    drop(world)
    world.queue.push(slice.n)
  })
  BY_DOING[slice.doing](moves, slice, { who, drop, set: setter(index) })
}

interface Hands {
  who: string
  drop: (world: World) => void
  set: (world: World, changes: Partial<Slice>) => void
}

function setter(index: number): Hands['set'] {
  return (world, changes) => void Object.assign(world.slices[index] as Slice, changes)
}

const BY_DOING: Record<Slice['doing'], (moves: RunMoves, slice: Slice, hands: Hands) => void> = {
  read: (moves, _slice, { who, drop, set }) => {
    const { row, seq, token, checkpoint } = moves.world.database
    moves.free(`${who} reads seq ${seq}`, (world) =>
      row ? set(world, { doing: 'raise', seq, token, checkpoint }) : drop(world),
    )
  },
  raise: raising,
  work: working,
  gone: (moves, _slice, { who, drop }) => moves.free(`${who} sees cancelled, ends`, drop),
  child: (moves, _slice, { who, set }) =>
    moves.free(`${who} starts the child`, (world) => {
      startChild(world, moves.without)
      set(world, { doing: 'release', end: 'completed' })
    }),
  lateChild: (moves, _slice, { who, drop }) =>
    moves.free(`${who} starts the child late`, (world) => {
      startChild(world, moves.without)
      drop(world)
    }),
  release: releasing,
  persist: (moves, _slice, { who, drop }) => {
    const may = mayRelease(moves, _slice)
    moves.free(`${who} releases: persists`, (world) => {
      drop(world)
      if (!may) return
      released(world, _slice)
      world.object.toSend = false
    })
  },
}

function raising(moves: RunMoves, slice: Slice, { who, drop, set }: Hands): void {
  const { without } = moves
  moves.free(`${who} raises`, (world) => {
    const answer = raise(world, slice.fence, without)
    // Superseded, or gone: it stops and releases nothing.
    if (!answer) return drop(world)
    const { seq, checkpoint: known } = without.has('raiseBeforeRead') ? slice : answer
    const checkpoint = Math.max(known, slice.ahead ?? 0)
    const { token } = answer
    const doing =
      answer.status === 'completed' ? 'child' : answer.status === 'cancelled' ? 'gone' : 'work'
    set(world, { seq, token, checkpoint, end: '', doing })
  })
  moves.fault(`${who} raises: no answer, may land late`, ({ late }) =>
    late.push({ kind: 'raise', fence: slice.fence, seq: 0, token: 0, checkpoint: 0 }),
  )
}

function working(moves: RunMoves, slice: Slice, hands: Hands): void {
  const { size, without, world } = moves
  const { who, set } = hands
  const { items, budget } = size
  const { fence, checkpoint } = slice
  if (checkpoint < items && slice.done >= budget) {
    moves.free(`${who}: budget used`, (next) => set(next, { doing: 'release' }))
  } else if (
    checkpoint === items &&
    without.has('childAfterEnd') &&
    world.database.children === 0
  ) {
    moves.free(`${who} starts the child early`, (next) => startChild(next, without))
  } else committing(moves, slice, hands)
  if (world.object.pausing === 1 && world.object.fence === fence) {
    moves.free(`${who} is asked to pause`, (next) => set(next, { doing: 'release', end: 'paused' }))
  }
}

function committing(moves: RunMoves, slice: Slice, { who, drop, set }: Hands): void {
  const { size, without } = moves
  const { fence, seq, token, checkpoint } = slice
  const what = checkpoint < size.items ? `item ${checkpoint}` : 'the end'
  const operation = { kind: 'commit' as const, fence, seq, token, checkpoint }
  const first = firstDoing(moves)
  // A slice works on the next item while a commit is under way. When that fails, it throws away both.
  const again = {
    doing: first,
    ...(without.has('aheadGoesWithItsCommit') &&
      checkpoint < size.items && { ahead: checkpoint + 1 }),
  }
  const send = (world: World): void => {
    if (!commit(world, operation, without, size)) {
      if (without.has('raiseAgainAfterFailedGuard')) drop(world)
      else set(world, again)
      return
    }
    if (checkpoint === size.items) {
      const doing = without.has('childBeforeRelease') ? 'release' : 'child'
      return set(world, { doing, end: 'completed' })
    }
    const next = without.has('commitMovesSeq') ? seq : seq + 1
    set(world, { checkpoint: checkpoint + 1, seq: next, done: slice.done + 1 })
    const underWay = world.late.some((late) => late.kind === 'report' && late.fence === fence)
    if (size.reports && !underWay) {
      world.late.push({ kind: 'report', fence, seq: 0, token: 0, checkpoint: checkpoint + 1 })
    }
  }
  moves.free(`${who} commits ${what}`, send)
  moves.fault(`${who} commits ${what}, doubled on its way`, (world) => {
    world.late.push(operation)
    send(world)
  })
  moves.fault(`${who} commits ${what}: no answer, may land late`, (world) => {
    world.late.push(operation)
    set(world, again)
  })
  if (without.has('oneCommitUnderWay') && checkpoint < size.items) {
    moves.free(`${who} commits ${what}, and does not wait for the answer`, (world) => {
      world.late.push(operation)
      set(world, { checkpoint: checkpoint + 1, seq: seq + 1, done: slice.done + 1 })
    })
  }
  moves.fault(`${who} dies, its commit of ${what} may land late`, (world) => {
    world.late.push(operation)
    drop(world)
  })
}

function releasing(moves: RunMoves, slice: Slice, { who, drop, set }: Hands): void {
  const { without, world } = moves
  const may = mayRelease(moves, slice)
  if (without.has('persistBeforeSend') && slice.end === '') {
    moves.free(`${who} releases: sends ${world.object.n + 1} first`, (next) => {
      if (!may) return drop(next)
      next.queue.push(next.object.n + 1)
      set(next, { doing: 'persist' })
    })
    return
  }
  moves.free(`${who} releases: ${slice.end || 'interrupted'}${may ? '' : ' (stale)'}`, (next) => {
    drop(next)
    if (!may) return
    released(next, slice)
    if (slice.end === 'completed' && without.has('childBeforeRelease')) {
      next.slices.push({ ...slice, doing: 'lateChild' })
    }
  })
}

function mayRelease({ without, world }: RunMoves, { fence }: Slice): boolean {
  const { object } = world
  if (without.has('releaseByHolderOnly')) return object.status === 'queued'
  return object.fence === fence && object.leased && !object.cancelling && object.status === 'queued'
}

function released({ object }: World, { end }: Slice): void {
  Object.assign(object, { n: object.n + 1, leased: false, toSend: true })
  if (end === 'completed') {
    Object.assign(object, { status: 'done', armed: false, toSend: false, pausing: 0 })
  } else if (end === 'paused') {
    Object.assign(object, { status: 'paused', toSend: false, pausing: 0 })
  }
}
