import type { Machine } from '../explore.ts'
import { Moves } from '../moves.ts'
import { cuttingFromOutside, driving, lateOperations, persons } from './object-moves.ts'
import { sliceMoves } from './slice-moves.ts'
import { copyOf, firstWorld, textOf, type LaneGuard, type LanesWorld, type Size } from './world.ts'

/** A run in two lanes, one of which may be split: each with a fence of its own, and one end. */
export const LANES: Machine<LanesWorld, Size, LaneGuard> = {
  first: firstWorld,
  textOf,
  broken: ({ broken }) => broken,

  moves(world, size, without) {
    const moves = new Moves(world, copyOf, size, without)
    driving(moves)
    world.slices.forEach((slice, index) => sliceMoves(moves, slice, index))
    persons(moves)
    cuttingFromOutside(moves)
    lateOperations(moves)
    return moves.list
  },

  isGoal({ object, database }) {
    if (object.status === 'cancelled') return database.status === 'cancelled'
    const { status, effects, joins } = database
    const all = effects.every((times) => times === 1)
    return object.status === 'done' && status === 'completed' && joins === 1 && all
  },
}
