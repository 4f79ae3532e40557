import type { Configuration, Database, Without, World } from './world.ts'

/** D1: each function is one statement or one batch, and so one step. */

/** A slice or the object takes over. Answers what D1 says, or null: superseded, or the run is gone. */
export function raise(world: World, fence: number, without: Without): Database | null {
  const { database } = world
  if (!database.row) {
    if (!without.has('raiseCreatesNothing')) return null
    Object.assign(database, { row: true, fence, seq: 0, checkpoint: 0, status: 'active' })
  }
  if (without.has('raise')) return fence >= database.fence ? database : null
  const higher = without.has('raiseAtEqualFence') ? database.fence >= fence : database.fence > fence
  if (higher && !without.has('raiseLooksAtFence')) return null
  database.fence = fence
  if (world.restoresLeft > 0 || world.tokens > 0) {
    world.tokens += 1
    database.token = world.tokens
  }
  // Whatever was sent before it is dead.
  if (!without.has('raiseUsesUpSeq')) database.seq += 1
  return database
}

/** Guard, effects, checkpoint: all or nothing. False when the guard refuses it. */
export function commit(
  world: World,
  sent: { fence: number; seq: number; token: number; checkpoint: number },
  without: Without,
  { items }: Configuration,
): boolean {
  const { database, object } = world
  const byFence =
    without.has('fenceInGuard') ||
    (without.has('raise') ? database.fence <= sent.fence : database.fence === sent.fence)
  const byToken = without.has('tokenInGuard') || database.token === sent.token
  const bySeq = without.has('seqInGuard') || database.seq === sent.seq
  if (!database.row || !byFence || !bySeq || !byToken || database.status !== 'active') return false
  if (without.has('raise')) database.fence = sent.fence
  if (!without.has('commitMovesSeq')) database.seq += 1
  if (!world.stopForgotten) {
    if (object.status === 'cancelled') world.broken = 'a commit after cancelled was shown'
    if (object.status === 'paused') world.broken = 'a commit after paused was shown'
  }
  if (sent.fence < database.lastWriter) world.broken = 'two writers: an older fence commits last'
  database.lastWriter = sent.fence
  if (sent.checkpoint < items) apply(world, sent.checkpoint)
  else {
    database.completions += 1
    if (database.completions > 1) world.broken = 'completed twice'
    if (!without.has('endIsACommit')) database.status = 'completed'
  }
  const lost = database.effects.findIndex((times, item) => item < database.checkpoint && times < 1)
  if (lost >= 0) world.broken = `item ${lost} is lost`
  return true
}

function apply(world: World, item: number): void {
  const { database } = world
  database.effects[item] = (database.effects[item] ?? 0) + 1
  if ((database.effects[item] ?? 0) > 1) world.broken = `item ${item} is applied twice`
  if (item + 1 < database.checkpoint) world.broken = 'the checkpoint goes back'
  database.checkpoint = item + 1
}

/** The object cancels the run: one fenced statement. */
export function cancel({ database }: World, fence: number): void {
  if (!database.row || database.status !== 'active' || database.fence > fence) return
  database.status = 'cancelled'
  database.fence = fence
  database.seq += 1
}

export function startChild(world: World, without: Without): void {
  const { database } = world
  database.children = without.has('childIdDerived') ? database.children + 1 : 1
  if (database.children > 1) world.broken = 'a child is started twice'
}
