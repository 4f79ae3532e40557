import { cancel, raise } from './database.ts'
import type { RunMoves } from './world.ts'

/** A person cancels; the object carries it out in D1. */
export function cancelling(moves: RunMoves): void {
  const { without, world } = moves
  const { object } = world
  if (object.exists && world.cancelsLeft > 0 && object.status !== 'done') {
    moves.free('a person cancels', (next) => {
      next.cancelsLeft -= 1
      const off = { pausing: 0, leased: false, toSend: false }
      if (without.has('cancelInD1')) {
        Object.assign(next.object, { ...off, status: 'cancelled', armed: false })
      } else {
        Object.assign(next.object, { ...off, cancelling: true, fence: object.fence + 1 })
      }
    })
  }
  if (!object.cancelling || !object.inserted) return
  moves.free('the object cancels the run in D1', (next) => {
    cancel(next, next.object.fence)
    next.object.cancelling = false
    if (next.database.status === 'cancelled') {
      Object.assign(next.object, { status: 'cancelled', armed: false })
    } else {
      // D1 says completed: success wins, and a slice closes the run.
      Object.assign(next.object, { status: 'queued', n: next.object.n + 1, toSend: true })
    }
  })
  moves.fault('the object cancels the run in D1: no answer', ({ late }) =>
    late.push({ kind: 'cancel', fence: object.fence, seq: 0, token: 0, checkpoint: 0 }),
  )
}

/** A person pauses and resumes. */
export function pausing(moves: RunMoves): void {
  const { without, world } = moves
  const { object } = world
  if (object.exists && world.pausesLeft > 0 && object.status === 'queued' && !object.cancelling) {
    moves.free('a person pauses', (next) => {
      next.pausesLeft -= 1
      Object.assign(next.object, { pausing: 1, toSend: false })
    })
  }
  if (object.pausing === 1 && object.inserted) {
    const changes = without.has('pauseRaisesD1')
      ? { leased: false, status: 'paused', pausing: 0 }
      : { leased: false, fence: object.fence + 1, pausing: 2 }
    const held = world.slices.some(({ fence }) => fence === object.fence)
    if (!held || !object.leased) {
      moves.free('the object hears of no slice and revokes the lease', (next) =>
        Object.assign(next.object, changes),
      )
    } else {
      moves.fault('the lease ends while pausing, the object revokes it', (next) =>
        Object.assign(next.object, changes),
      )
    }
  }
  if (object.pausing === 2) {
    moves.free('the object raises D1, shows paused', (next) => {
      raise(next, next.object.fence, without)
      Object.assign(next.object, { status: 'paused', pausing: 0 })
    })
    moves.fault('the object raises D1: no answer', ({ late }) =>
      late.push({ kind: 'raise', fence: object.fence, seq: 0, token: 0, checkpoint: 0 }),
    )
  }
  if (object.status !== 'paused' || object.cancelling) return
  moves.free('a person resumes', (next) =>
    Object.assign(next.object, { status: 'queued', n: next.object.n + 1, toSend: true }),
  )
}

export function purging(moves: RunMoves): void {
  const { object, purgesLeft } = moves.world
  if (purgesLeft === 0 || object.status !== 'done') return
  moves.free('the run is purged', (next) => {
    next.purgesLeft -= 1
    next.database.row = false
    Object.assign(next.object, { exists: false, armed: false, reported: 0, leased: false })
  })
}
