import { alarmAndSweep, creation, lateOperations, messages } from './driver-moves.ts'
import type { Machine } from './explore.ts'
import { Moves } from './moves.ts'
import { cancelling, pausing, purging } from './person-moves.ts'
import { restoring } from './restore-moves.ts'
import { sliceMoves } from './slice-moves.ts'
import {
  copyOf,
  initialWorld,
  textOf,
  type Configuration,
  type Guard,
  type World,
} from './world.ts'

/** A run of one lane, from its creation to its end. */
export const ONE_LANE: Machine<World, Configuration, Guard> = {
  first: initialWorld,
  textOf,
  broken: ({ broken }) => broken,

  moves(world, size, without) {
    const moves = new Moves(world, copyOf, size, without)
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
  },

  isGoal({ object, database }, _size, without) {
    const { status, row, effects, completions, children } = database
    if (object.status === 'cancelled') return status === 'cancelled' && children === 0
    if (object.status !== 'done') return false
    const told = status === 'completed' || !row || without.has('endIsACommit')
    return told && effects.every((times) => times === 1) && completions === 1 && children === 1
  },
}
