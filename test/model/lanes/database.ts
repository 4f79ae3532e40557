import { type LaneCommit, laneRow, type LaneGuard, type LaneRow, type LanesWorld } from './world.ts'

type Without = ReadonlySet<LaneGuard>

/** D1: each function is one statement or one batch, and so one step. */

/** A slice, or the object, takes a lane over. Its row as D1 has it then, or undefined: superseded. */
export function raise(
  { database }: LanesWorld,
  lane: number,
  fence: number,
  without: Without,
): LaneRow | undefined {
  const row = database.lanes[lane]
  if (!row || row.fence > fence) return undefined
  // One fence for the run: whoever takes over one lane takes over all.
  const raised = without.has('fenceOfItsOwn') ? database.lanes : [row]
  for (const one of raised) {
    one.fence = fence
    if (!without.has('raiseUsesUpSeq')) one.seq += 1
  }
  return row
}

/** The lanes beside this one that are not finished. */
export function openBeside({ database }: LanesWorld, lane: number): number {
  return database.lanes.filter((row, index) => index !== lane && !row.finished).length
}

/** Guard, effects, checkpoint: all or nothing. False when the guard refuses it. */
export function commit(world: LanesWorld, sent: LaneCommit, without: Without): boolean {
  const { database, object } = world
  const row = database.lanes[sent.lane]
  if (!row || row.fence !== sent.fence) return false
  if (row.seq !== sent.seq && !without.has('seqInGuard')) return false
  if (database.status !== 'active' && !without.has('statusInGuard')) return false
  if (sent.what === 'join') {
    const open = openBeside(world, sent.lane)
    if (open > 0 && !without.has('joinLooksAtAllLanes')) return false
  }
  row.seq += 1
  if (object.status === 'cancelled') world.broken = 'a commit after cancelled was shown'
  if (object.status === 'paused') world.broken = 'a commit after paused was shown'
  if (sent.fence < row.lastWriter)
    world.broken = 'two writers of a lane: an older fence commits last'
  row.lastWriter = sent.fence
  write(world, row, sent, without)
  return true
}

function write(world: LanesWorld, row: LaneRow, { what, at }: LaneCommit, without: Without): void {
  const { database } = world
  switch (what) {
    case 'plan':
      database.planned = true
      cut(world, row, at, without.has('planInOneCommit'))
      break
    case 'split':
      cut(world, row, at, without.has('splitInOneCommit'))
      break
    case 'item':
      apply(world, row, at)
      break
    case 'finish':
      row.finished = true
      break
    case 'join':
      row.finished = true
      database.joins += 1
      if (database.joins > 1) world.broken = 'joined twice'
      if (!without.has('joinIsGuarded')) database.status = 'completed'
      if (database.effects.some((times) => times === 0)) world.broken = 'joined before all was done'
  }
}

/** Narrows a lane, and makes another one of what is cut off. `apart`: the row of that comes later. */
export function cut(world: LanesWorld, row: LaneRow, at: number, apart: boolean): void {
  const { end } = row
  row.end = at
  if (!apart) world.database.lanes.push(laneRow(at, end))
}

function apply(world: LanesWorld, row: LaneRow, item: number): void {
  const { effects } = world.database
  effects[item] = (effects[item] ?? 0) + 1
  if ((effects[item] ?? 0) > 1) world.broken = `item ${item} is applied twice`
  row.cursor = item + 1
}

/** The object cancels the run: all lanes in one statement. */
export function cancel({ database }: LanesWorld, without: Without): void {
  if (database.status !== 'active') return
  database.status = 'cancelled'
  const lanes = without.has('cancelInOneStatement') ? database.lanes.slice(0, 1) : database.lanes
  for (const row of lanes) {
    row.fence += 1
    row.seq += 1
  }
}
