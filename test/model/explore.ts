import type { Move } from './moves.ts'

/** What is explored: a world, what may happen in it, and where it must end. */
export interface Machine<World, Size, Guard> {
  first(size: Size): World
  /** The same text for worlds that make no difference. */
  textOf(world: World): string
  moves(world: World, size: Size, without: ReadonlySet<Guard>): Move<World>[]
  isGoal(world: World, size: Size, without: ReadonlySet<Guard>): boolean
  /** The promise that is broken; empty when none is. */
  broken(world: World): string
}

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
export function explore<World, Size, Guard>(
  machine: Machine<World, Size, Guard>,
  size: Size,
  without: ReadonlySet<Guard>,
  limit = 4_000_000,
): Explored {
  const textOf = (world: World): string => machine.textOf(world)
  const first = machine.first(size)
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
      for (const move of machine.moves(world, size, without)) {
        edges += 1
        const text = textOf(move.world)
        let to = ids.get(text)
        if (to === undefined) {
          to = cameFrom.length
          ids.set(text, to)
          cameFrom.push(id)
          by.push(move.name)
          const broken = machine.broken(move.world)
          if (broken !== '') return answer(broken, to)
          next.push(move.world)
          if (ids.size > limit) return answer('unbounded: the limit of states is reached', to)
        }
        if (!move.fault) free.push(to)
      }
      freeTo[id] = Uint32Array.from(free)
      if (free.length === 0 && !machine.isGoal(world, size, without)) stuck.push(id)
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
