import { raise } from './database.ts'
import type { RunMoves } from './world.ts'
import type { Database } from './world.ts'

/**
 * D1 is put back to an earlier time (`wrangler d1 time-travel restore`): effects and checkpoints go back
 * together, objects, messages and what is on its way do not. The sweep has the objects look.
 */
export function restoring(moves: RunMoves): void {
  const { world } = moves
  if (world.restoresLeft > 0 && world.database.row) {
    if (world.bookmark === null) {
      moves.free('somebody notes the time', (next) => {
        next.bookmark = copyOf(next.database)
      })
    } else {
      moves.free('D1 is put back to that time', (next) => {
        next.database = copyOf(next.bookmark as Database)
        next.bookmark = null
        next.restoresLeft -= 1
        next.stopForgotten = next.object.status === 'cancelled' || next.object.status === 'paused'
      })
    }
  }
  adopting(moves)
}

function copyOf(database: Database): Database {
  return { ...database, effects: [...database.effects] }
}

/** The sweep finds a run that D1 does not call closed, and its object adopts what D1 says. */
function adopting(moves: RunMoves): void {
  const { world, without } = moves
  const { object, database } = world
  const ended = object.status === 'done' || object.status === 'cancelled'
  if (object.reopening) {
    moves.free('the object reopens the run in D1', (next) => {
      raise(next, next.object.fence, without)
      const on = { reopening: false, status: 'queued', n: next.object.n + 1, toSend: true }
      Object.assign(next.object, { ...on, armed: true })
    })
    moves.fault('the object reopens the run in D1: no answer', ({ late }) =>
      late.push({ kind: 'raise', fence: object.fence, seq: 0, token: 0, checkpoint: 0 }),
    )
    return
  }
  if (!ended || !database.row || without.has('adoptRestored')) return
  if (database.status === 'active') {
    moves.free('sweep: the object finds its ended run active', (next) => {
      const fence = Math.max(next.object.fence, next.database.fence) + 1
      Object.assign(next.object, { reopening: true, fence })
    })
  } else if (database.status === 'completed' && database.children === 0) {
    moves.free('sweep: the object finds its run not closed', (next) => {
      const on = { status: 'queued', n: next.object.n + 1, toSend: true }
      Object.assign(next.object, { ...on, armed: true, pausing: 0 })
    })
  }
}
