import type { Moves } from '../moves.ts'

/**
 * The world of a run in lanes: one object, D1 with a row for each lane, slices that work a lane each, and
 * operations whose sender has given up. What one lane alone does is the other model's; here it is about what the
 * lanes do to each other. Small numbers only: a state is compared by its text.
 */

/** How large a world is explored. */
export interface Size {
  items: number
  /** Items that a slice may do. */
  budget: number
  /** How many faults may happen. */
  faults: number
  /** How often a lane may be split. */
  splits?: number
  /** How often a person may cancel, and pause. */
  cancels?: number
  pauses?: number
}

/** A guard that is taken away; see `mutations.ts`. */
export type LaneGuard =
  | 'planInOneCommit'
  | 'splitByItsOwnLane'
  | 'splitInOneCommit'
  | 'finishIsACommit'
  | 'joinLooksAtAllLanes'
  | 'joinIsGuarded'
  | 'fenceOfItsOwn'
  | 'raiseUsesUpSeq'
  | 'seqInGuard'
  | 'cancelInOneStatement'
  | 'statusInGuard'
  | 'pauseWaitsForAllLanes'
  | 'pauseRaisesUnheardLanes'
  | 'releaseTellsLanes'
  | 'lastLaneWakesZero'

/** Two at first, and one more for a split. */
export const MOST_LANES = 3

/** What the object knows of a lane. */
export interface DrivenLane {
  fence: number
  leased: boolean
  /** A message of it is under way. */
  message: boolean
  /** 1: it waits for the others; 2: it is finished. */
  rest: 0 | 1 | 2
  /** Its lease has ended, and its slice has never said that it stopped. */
  unheard: boolean
}

export interface LanesObject {
  status: 'queued' | 'done' | 'cancelled' | 'paused'
  cancelling: boolean
  pausing: boolean
  lanes: DrivenLane[]
}

/** A lane's row in D1. It walks the items from `cursor` up to `end`. */
export interface LaneRow {
  fence: number
  seq: number
  cursor: number
  end: number
  finished: boolean
  /** The fence of the last commit. */
  lastWriter: number
}

export interface LanesDatabase {
  status: 'active' | 'completed' | 'cancelled'
  planned: boolean
  joins: number
  lanes: LaneRow[]
  /** How often each item's effect was applied. */
  effects: number[]
}

export interface LaneSlice {
  lane: number
  fence: number
  doing: 'raise' | 'work' | 'insert' | 'release'
  seq: number
  cursor: number
  end: number
  /** Lanes that D1 had when it last answered. */
  lanes: number
  /** Others that were not finished then. */
  open: number
  planned: boolean
  /** Items this slice has done. */
  done: number
  /** What a cut has left over, whose row is still to be inserted; only where a guard is missing. */
  cutOff: readonly [number, number] | null
  outcome: '' | 'waiting' | 'finished' | 'completed' | 'paused'
}

/** A commit of a lane. */
export interface LaneCommit {
  kind: 'commit'
  lane: number
  fence: number
  seq: number
  what: 'plan' | 'item' | 'split' | 'finish' | 'join'
  /** The item, or the place of a cut. */
  at: number
}

/** What is still on its way although nobody waits for it. It lands at any time, or never. */
export type LateLaneOperation =
  | LaneCommit
  | { kind: 'raise'; lane: number; fence: number }
  | { kind: 'cancel' }

export interface LanesWorld {
  object: LanesObject
  database: LanesDatabase
  slices: LaneSlice[]
  late: LateLaneOperation[]
  faultsLeft: number
  splitsLeft: number
  cancelsLeft: number
  pausesLeft: number
  /** The promise that is broken. */
  broken: string
}

export type LaneMoves = Moves<LanesWorld, Size, LaneGuard>

export const NEW_LANE: DrivenLane = {
  fence: 0,
  leased: false,
  message: false,
  rest: 0,
  unheard: false,
}

export function laneRow(cursor: number, end: number): LaneRow {
  return { fence: 0, seq: 0, cursor, end, finished: false, lastWriter: 0 }
}

export function firstWorld(size: Size): LanesWorld {
  return {
    object: { status: 'queued', cancelling: false, pausing: false, lanes: [{ ...NEW_LANE }] },
    database: {
      status: 'active',
      planned: false,
      joins: 0,
      lanes: [laneRow(0, size.items)],
      effects: Array<number>(size.items).fill(0),
    },
    slices: [],
    late: [],
    faultsLeft: size.faults,
    splitsLeft: size.splits ?? 0,
    cancelsLeft: size.cancels ?? 0,
    pausesLeft: size.pauses ?? 0,
    broken: '',
  }
}

export function copyOf(world: LanesWorld): LanesWorld {
  const { object, database } = world
  return {
    ...world,
    object: { ...object, lanes: object.lanes.map((lane) => ({ ...lane })) },
    database: {
      ...database,
      lanes: database.lanes.map((lane) => ({ ...lane })),
      effects: [...database.effects],
    },
    slices: world.slices.map((slice) => ({ ...slice })),
    late: [...world.late],
  }
}

/** The same text for worlds that differ only in the order of slices or late operations. */
export function textOf(world: LanesWorld): string {
  const { object, database, slices, late } = world
  return [
    object.status,
    object.cancelling,
    object.pausing,
    object.lanes.map(lineOf).join(';'),
    database.status,
    database.planned,
    database.joins,
    database.lanes.map(lineOf).join(';'),
    database.effects.join(''),
    slices.map(lineOf).sort().join(';'),
    late.map(lineOf).sort().join(';'),
    world.faultsLeft,
    world.splitsLeft,
    world.cancelsLeft,
    world.pausesLeft,
    world.broken,
  ].join('|')
}

export function lineOf(part: object): string {
  return Object.values(part).join()
}
