import type { StepPosition } from './continuation.ts'
import { decodeCursor, type Cursor } from '../cursor.ts'
import { levelsOf } from '../enumerators/nested-walk.ts'
import type { FilePosition } from '../enumerators/r2-file.ts'

/** A place to stop at: a value per level of a job's walk, outermost first, as a person wrote it. */
export type StopPoint = readonly string[]

/**
 * Reads `order:500`, or, where a job's unit is `customer/order`, `customer:42` and
 * `customer:42/order:18`. Only the innermost level's value may contain a slash. Undefined for anything
 * else.
 */
export function parseStopPoint(at: string, unit: string): StopPoint | undefined {
  const units = unit.split('/')
  const place: string[] = []
  let rest = at
  for (const [level, name] of units.entries()) {
    if (!rest.startsWith(`${name}:`)) return undefined
    rest = rest.slice(name.length + 1)
    const end = level === units.length - 1 ? -1 : rest.indexOf('/')
    const value = end < 0 ? rest : rest.slice(0, end)
    if (value === '') return undefined
    place.push(value)
    if (end < 0) return place
    rest = rest.slice(end + 1)
  }
  return undefined
}

/** The ways to write a point for a job of this unit, for messages. */
export function stopPointForms(unit: string): string {
  const parts = unit.split('/').map((name) => `${name}:VALUE`)
  return parts.map((_, level) => `'${parts.slice(0, level + 1).join('/')}'`).join(' or ')
}

/**
 * The place of a run, level by level: the cursors of a step and of the steps within it, those of a nested
 * walk one by one. Levels without a cursor do not count. With an item's cursor, the place of that item,
 * which a step `depth` levels deep walks to.
 */
export function pathTo(
  position: StepPosition | undefined,
  item: string | null = null,
  depth = Infinity,
): Cursor[] {
  const path: Cursor[] = []
  const add = (cursor: string | null) => {
    if (cursor !== null) path.push(...levelsOf(decodeCursor(cursor)).map(named))
  }
  let at = position
  for (let level = 0; at && level < depth; level++) {
    const inner = at.nested?.current
    // A walk's cursor names the item before the one that the steps inside belong to.
    add((inner && at.nested?.of) ?? at.cursor)
    at = inner
  }
  add(item)
  return path.filter((cursor) => cursor !== null)
}

/**
 * True for a run at `path` that has come to the place or is past it. Numbers are compared in order,
 * everything else for being equal; a level that the path does not have yet has not been come to.
 */
export function hasReached(path: readonly Cursor[], place: StopPoint): boolean {
  for (const [level, wanted] of place.entries()) {
    const found = path[level]
    if (found === undefined) return false
    const order = compare(found, wanted)
    if (order !== 0) return order > 0
  }
  return true
}

function compare(found: Cursor, wanted: string): number {
  if (typeof found !== 'number' && typeof found !== 'bigint') return found === wanted ? 0 : -1
  const number = Number(wanted)
  // A text in place of a number is NaN, which is never come to.
  if (found > number) return 1
  return found >= number ? 0 : -1
}

/** The name of an item: of a key of several columns the first, of a place in a file the line before it. */
function named(cursor: Cursor): Cursor {
  if (isFilePosition(cursor)) return cursor.line - 1
  return Array.isArray(cursor) ? ((cursor[0] as Cursor | undefined) ?? null) : cursor
}

function isFilePosition(cursor: Cursor): cursor is FilePosition {
  if (typeof cursor !== 'object' || cursor === null) return false
  const { byte, line } = cursor as Partial<FilePosition>
  return typeof byte === 'number' && typeof line === 'number'
}
