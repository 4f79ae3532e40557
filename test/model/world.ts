import type { Moves } from './moves.ts'

/**
 * The world of the model: one run, its Durable Object, D1, the queue, the slices, and operations whose
 * sender has given up. Small numbers and short strings only: a state is compared by its text.
 */

/** How large a world is explored. */
export interface Configuration {
  items: number
  /** Items that a slice may do. */
  budget: number
  /** How many faults may happen. */
  faults: number
  /** How often a person may cancel, and pause. */
  cancels?: number
  pauses?: number
  /** How often the run is purged once it is done. */
  purges?: number
  /** How often D1 is put back to an earlier time. */
  restores?: number
  /** Slices report their progress, and reports may be late. */
  reports?: true
}

/** A guard that is taken away; see `mutations.ts`. */
export type Guard =
  | 'fenceInGuard'
  | 'seqInGuard'
  | 'tokenInGuard'
  | 'commitMovesSeq'
  | 'raiseLooksAtFence'
  | 'raiseUsesUpSeq'
  | 'raiseBeforeRead'
  | 'raise'
  | 'raiseAgainAfterFailedGuard'
  | 'aheadGoesWithItsCommit'
  | 'oneCommitUnderWay'
  | 'raiseAtEqualFence'
  | 'endIsACommit'
  | 'cancelInD1'
  | 'pauseRaisesD1'
  | 'releaseByHolderOnly'
  | 'reportByFenceAndSeq'
  | 'childIdDerived'
  | 'childAfterEnd'
  | 'childBeforeRelease'
  | 'raiseCreatesNothing'
  | 'alarm'
  | 'alarmArmedAgain'
  | 'sweep'
  | 'sweepByClosedAt'
  | 'persistBeforeSend'
  | 'claimByNumber'
  | 'claimByLease'
  | 'adoptRestored'

export type Without = ReadonlySet<Guard>

export interface RunObject {
  n: number
  fence: number
  status: 'queued' | 'done' | 'cancelled' | 'paused'
  leased: boolean
  armed: boolean
  /** A message that is to be sent; in memory only. */
  toSend: boolean
  cancelling: boolean
  /** 1: asked for; 2: the lease is revoked, and D1 is to be raised. */
  pausing: 0 | 1 | 2
  /** The checkpoint as last reported, and by which fence. */
  reported: number
  reportedBy: number
  inserted: boolean
  exists: boolean
  /** D1 has forgotten the end; the run is to be reopened there. */
  reopening: boolean
}

export interface Database {
  row: boolean
  fence: number
  seq: number
  /** Of the last raise. No two raises have the same, also when D1 was put back between them. */
  token: number
  /** Items done. */
  checkpoint: number
  status: 'active' | 'completed' | 'cancelled'
  completions: number
  children: number
  /** The fence of the last commit. */
  lastWriter: number
  /** How often each item's effect was applied. */
  effects: number[]
}

/** Where a slice stands. */
export type Doing =
  | 'read'
  | 'raise'
  | 'work'
  | 'gone'
  | 'child'
  | 'lateChild'
  | 'release'
  | 'persist'

export interface Slice {
  fence: number
  n: number
  doing: Doing
  seq: number
  token: number
  checkpoint: number
  /** Items this slice has done. */
  done: number
  /** An item that was worked on while the commit before it was under way, and is kept although that failed. */
  ahead?: number
  end: '' | 'completed' | 'paused'
}

/** An operation that is still on its way although nobody waits for it. It lands at any time, or never. */
export interface Late {
  kind: 'commit' | 'raise' | 'cancel' | 'report'
  fence: number
  seq: number
  token: number
  checkpoint: number
}

export interface World {
  object: RunObject
  database: Database
  /** Numbers of the messages under way. */
  queue: number[]
  slices: Slice[]
  late: Late[]
  faultsLeft: number
  cancelsLeft: number
  pausesLeft: number
  purgesLeft: number
  restoresLeft: number
  /** Tokens handed out; counted only where D1 is put back, since they make no difference elsewhere. */
  tokens: number
  /** D1 as it was when somebody noted the time. */
  bookmark: Database | null
  /** A stop that was shown went with what D1 has forgotten. */
  stopForgotten: boolean
  /** The promise that is broken. */
  broken: string
}

export function initialWorld(size: Configuration): World {
  return {
    object: {
      n: 1,
      fence: 0,
      status: 'queued',
      leased: false,
      armed: true,
      toSend: false,
      cancelling: false,
      pausing: 0,
      reported: 0,
      reportedBy: 0,
      inserted: false,
      exists: true,
      reopening: false,
    },
    database: {
      row: false,
      fence: 0,
      seq: 0,
      token: 0,
      checkpoint: 0,
      status: 'active',
      completions: 0,
      children: 0,
      lastWriter: 0,
      effects: Array<number>(size.items).fill(0),
    },
    queue: [],
    slices: [],
    late: [],
    faultsLeft: size.faults,
    cancelsLeft: size.cancels ?? 0,
    pausesLeft: size.pauses ?? 0,
    purgesLeft: size.purges ?? 0,
    restoresLeft: size.restores ?? 0,
    tokens: 0,
    bookmark: null,
    stopForgotten: false,
    broken: '',
  }
}

export function copyOf(world: World): World {
  return {
    ...world,
    object: { ...world.object },
    database: { ...world.database, effects: [...world.database.effects] },
    queue: [...world.queue],
    slices: world.slices.map((slice) => ({ ...slice })),
    late: world.late.map((operation) => ({ ...operation })),
  }
}

/** The same text for worlds that differ only in the order of messages, slices or late operations. */
export function textOf(world: World): string {
  const { object, database, queue, slices, late } = world
  return [
    Object.values(object).join(),
    Object.values(database).join(),
    [...queue].sort((a, b) => a - b).join(),
    slices.map(lineOf).sort().join(';'),
    late.map(lineOf).sort().join(';'),
    world.faultsLeft,
    world.cancelsLeft,
    world.pausesLeft,
    world.purgesLeft,
    world.restoresLeft,
    world.tokens,
    world.bookmark === null ? '' : Object.values(world.bookmark).join(),
    world.stopForgotten,
    world.broken,
  ].join('|')
}

export function lineOf(part: Slice | Late): string {
  return Object.values(part).join()
}

/** The moves of such a world. */
export type RunMoves = Moves<World, Configuration, Guard>
