import { cancel, commit, raise } from './database.ts'
import type { RunMoves } from './world.ts'
import { lineOf, type Slice, type World } from './world.ts'

/** The Durable Object creates the run: it is persisted and armed already. */
export function creation(moves: RunMoves): void {
  const { exists, inserted, toSend, n } = moves.world.object
  if (exists && !inserted) {
    moves.free('the object inserts the row', ({ database, object }) => {
      database.row = true
      object.inserted = true
      object.toSend = true
    })
    moves.fault('the object inserts the row, its answer is lost', ({ database }) => {
      database.row = true
    })
  }
  if (!toSend) return
  moves.free(`the object sends message ${n}`, ({ object, queue }) => {
    object.toSend = false
    queue.push(object.n)
  })
  moves.fault('the object is evicted before it sends', ({ object }) => {
    object.toSend = false
  })
}

/** The queue delivers, doubles and loses messages; the object grants or refuses the claim. */
export function messages(moves: RunMoves): void {
  const { without, world } = moves
  const { object } = world
  for (const n of new Set(world.queue)) {
    const take = ({ queue }: World): void => void queue.splice(queue.indexOf(n), 1)
    const granted =
      isWaiting(world) &&
      (without.has('claimByLease') || !object.leased) &&
      (without.has('claimByNumber') || n === object.n)
    if (granted) {
      moves.free(`message ${n}: claim granted, fence ${object.fence + 1}`, (next) => {
        take(next)
        next.object.fence += 1
        next.object.leased = true
        next.slices.push({ ...NEW_SLICE, fence: next.object.fence, n, doing: firstDoing(moves) })
      })
    } else moves.free(`message ${n}: stale, acknowledged`, take)
    if (world.queue.length < 3) moves.fault(`message ${n} is doubled`, ({ queue }) => queue.push(n))
    moves.fault(`message ${n} is lost`, take)
  }
}

const NEW_SLICE: Slice = {
  fence: 0,
  n: 0,
  doing: 'raise',
  seq: 0,
  token: 0,
  checkpoint: 0,
  done: 0,
  end: '',
}

export function firstDoing({ without }: RunMoves): 'read' | 'raise' {
  return without.has('raiseBeforeRead') ? 'read' : 'raise'
}

function isWaiting({ object }: World): boolean {
  const { exists, inserted, status, cancelling, pausing } = object
  return exists && inserted && status === 'queued' && !cancelling && pausing === 0
}

/** Alarm and sweep send again when lease or message are overdue. */
export function alarmAndSweep(moves: RunMoves): void {
  const { without, world } = moves
  const { object, queue, slices, database } = world
  const waiting = isWaiting(world)
  const grantsAnyway = without.has('claimByLease') || without.has('claimByNumber')
  const held = grantsAnyway ? slices.length > 0 : slices.some(({ fence }) => fence === object.fence)
  const idle = waiting && !object.toSend && !queue.includes(object.n) && !held
  const alarms = !without.has('alarm')
  if (alarms && object.armed && waiting) {
    const again = (next: World): void => {
      Object.assign(next.object, { leased: false, toSend: true })
      if (without.has('alarmArmedAgain')) next.object.armed = false
    }
    if (idle) moves.free('alarm: send again', again)
    else if (!object.toSend && queue.length < 3) {
      moves.fault('alarm although slice or message is alive: send again', again)
    }
    if (!without.has('alarmArmedAgain')) {
      moves.fault('the alarm is lost', (next) => {
        next.object.armed = false
      })
    }
  }
  const found = !without.has('sweepByClosedAt') || database.status === 'active'
  if (without.has('sweep') || (object.armed && alarms) || !idle || !found) return
  moves.free('sweep: send again', (next) => {
    Object.assign(next.object, { leased: false, toSend: true, armed: true })
  })
}

/** Operations whose sender has given up land late, or never. */
export function lateOperations(moves: RunMoves): void {
  const { without, world, size } = moves
  const seen = new Set<string>()
  world.late.forEach((late, index) => {
    if (seen.has(lineOf(late))) return
    seen.add(lineOf(late))
    const gone = (next: World): void => void next.late.splice(index, 1)
    moves.free(`late ${late.kind} of fence ${late.fence} lands`, (next) => {
      gone(next)
      if (late.kind === 'commit') commit(next, late, without, size)
      else if (late.kind === 'raise') raise(next, late.fence, without)
      else if (late.kind === 'cancel') cancel(next, late.fence)
      else hearReport(next, late, moves)
    })
    moves.free(`late ${late.kind} of fence ${late.fence} never lands`, gone)
  })
}

function hearReport(
  world: World,
  report: { fence: number; checkpoint: number },
  { without }: RunMoves,
): void {
  const { object } = world
  const { fence, checkpoint } = report
  const news =
    fence > object.reportedBy || (fence === object.reportedBy && checkpoint > object.reported)
  if (!news && !without.has('reportByFenceAndSeq')) return
  if (checkpoint < object.reported) world.broken = "the object's progress goes back"
  object.reported = checkpoint
  object.reportedBy = fence
}
