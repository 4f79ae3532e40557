import { alarmAndSweep, creation, lateOperations, messages } from './driver-moves.ts'
import { Moves, type Move } from './moves.ts'
import { cancelling, pausing, purging } from './person-moves.ts'
import { restoring } from './restore-moves.ts'
import { sliceMoves } from './slice-moves.ts'
import { initialWorld, textOf, type Configuration, type Without, type World } from './world.ts'

export interface Explored {
  states: number
  edges: number
  /** The promise that can be broken; empty when all hold. */
  violation: string
  /** The shortest way there. */
  trace: string[]
}

/**
 * Breadth first through every state. Safety is looked at in each of them. Liveness: the moves without
 * faults have no cycle, and a state without such a move is the goal. So once faults stop, every schedule
 * ends in the goal, however unfair it is.
 */
export function explore(size: Configuration, without: Without, limit = 4_000_000): Explored {
  const first = initialWorld(size)
  const ids = new Map([[textOf(first), 0]])
  const cameFrom = [-1]
  const by = ['start']
  const freeTo: Uint32Array[] = []
  const stuck: number[] = []
  let edges = 0
  const answer = (violation: string, at?: number): Explored => ({
    states: ids.size,
    edges,
    violation,
    trace: at === undefined ? [] : wayTo(at, cameFrom, by),
  })
  for (let frontier: World[] = [first]; frontier.length > 0;) {
    const next: World[] = []
    for (const world of frontier) {
      const id = ids.get(textOf(world)) as number
      const free: number[] = []
      for (const move of movesOf(world, size, without)) {
        edges += 1
        const text = textOf(move.world)
        let to = ids.get(text)
        if (to === undefined) {
          to = cameFrom.length
          ids.set(text, to)
          cameFrom.push(id)
          by.push(move.name)
          if (move.world.broken) return answer(move.world.broken, to)
          next.push(move.world)
          if (ids.size > limit) return answer('unbounded: the limit of states is reached', to)
        }
        if (!move.fault) free.push(to)
      }
      freeTo[id] = Uint32Array.from(free)
      if (free.length === 0 && !isGoal(world, without)) stuck.push(id)
    }
    frontier = next
  }
  if (stuck.length > 0) {
    return answer(`stuck for ever in ${stuck.length} states`, Math.min(...stuck))
  }
  const circling = onACycle(freeTo)
  return circling === -1
    ? answer('')
    : answer('livelock: moves without faults make a cycle', circling)
}

function movesOf(world: World, size: Configuration, without: Without): Move[] {
  const moves = new Moves(world, size, without)
  creation(moves)
  messages(moves)
  alarmAndSweep(moves)
  world.slices.forEach((slice, index) => sliceMoves(moves, slice, index))
  lateOperations(moves)
  cancelling(moves)
  pausing(moves)
  purging(moves)
  restoring(moves)
  for (const { world: next } of moves.list) {
    if (next.object.status === 'cancelled' && next.database.children > 0) {
      next.broken ||= 'a child of a cancelled run is started'
    }
  }
  return moves.list
}

function isGoal({ object, database }: World, without: Without): boolean {
  const { status, row, effects, completions, children } = database
  if (object.status === 'cancelled') return status === 'cancelled' && children === 0
  if (object.status !== 'done') return false
  const told = status === 'completed' || !row || without.has('endIsACommit')
  return told && effects.every((times) => times === 1) && completions === 1 && children === 1
}

function wayTo(id: number, cameFrom: readonly number[], by: readonly string[]): string[] {
  const names: string[] = []
  for (let at = id; at > 0; at = cameFrom[at] as number) names.push(by[at] as string)
  return names.toReversed()
}

/** A state on a cycle, or behind one; -1 when there is none. After Kahn. */
function onACycle(edges: readonly Uint32Array[]): number {
  const incoming = new Uint32Array(edges.length)
  for (const targets of edges) for (const to of targets) incoming[to] = (incoming[to] ?? 0) + 1
  const ready: number[] = []
  incoming.forEach((count, id) => void (count === 0 && ready.push(id)))
  for (let id = ready.pop(); id !== undefined; id = ready.pop()) {
    for (const to of edges[id] ?? []) {
      incoming[to] = (incoming[to] ?? 0) - 1
      if (incoming[to] === 0) ready.push(to)
    }
  }
  return incoming.findIndex((count) => count > 0)
}
