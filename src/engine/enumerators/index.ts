import { array } from './array.ts'
import { batchRanges } from './batch-ranges.ts'
import { batches } from './batches.ts'
import { chain } from './chain.ts'
import {
  type Enumerator,
  pagesOf,
  pairsByHand,
  type StandStill,
  type Walk,
  wrappedParts,
} from './enumerator.ts'
import { jsonLines } from './json-lines.ts'
import { nested } from './nested.ts'
import { pages } from './pages.ts'
import { r2Objects } from './r2-objects.ts'
import { records } from './records.ts'
import { throttle } from './throttle.ts'
import { once, times } from './times.ts'
import { afterCursor } from './walk-start.ts'

/** The enumerators that come with the engine; a job's context offers them as `enumerators`. */
export const enumerators = {
  array,
  batches,
  batchRanges,
  chain,
  jsonLines,
  nested,
  once,
  pages,
  r2Objects,
  records,
  throttle,
  times,
}
export type Enumerators = typeof enumerators

/**
 * The same for one job's context: a `for await` over a walk that is throttled lets its run stand still, and of a walk
 * over rows it is noted after which cursor it begins.
 */
export function enumeratorsOf(
  standStill: StandStill,
  noteStart: (after: string | null) => void,
): Enumerators {
  const rows = <Args extends [unknown, unknown, unknown], Made>(walk: (...args: Args) => Made) => {
    return (...args: Args): Made => {
      noteStart(afterCursor(args[2]))
      return walk(...args)
    }
  }
  const made = (entry: unknown): unknown =>
    typeof entry === 'function'
      ? (...args: unknown[]) => walkedByHand(entry(...args) as Walk<unknown>, standStill)
      : Object.fromEntries(Object.entries(entry as object).map(([name, of]) => [name, made(of)]))
  return made({
    ...enumerators,
    records: rows(enumerators.records),
    batches: rows(enumerators.batches),
  }) as Enumerators
}

function walkedByHand(walk: Walk<unknown>, standStill: StandStill): Enumerator<unknown> {
  return {
    ...walk,
    ...wrappedParts(walk, (part) => walkedByHand(part, standStill)),
    [Symbol.asyncIterator]: () => pairsByHand(pagesOf(walk), standStill),
  }
}

export { Throttled, Tick, Unreadable } from './enumerator.ts'
export { InvalidRecordError } from './invalid-record.ts'
export { PageError } from './pages.ts'
export type { Entry, Enumerator, Parts, Walk } from './enumerator.ts'
export type { BatchRange } from './batch-ranges.ts'
export type { BatchOptions } from './batches.ts'
export type { ChainCursor } from './chain.ts'
export type { JsonLine, JsonLinesOptions } from './json-lines.ts'
export type { RecordQuery } from './record-query.ts'
export type { KeyCursor } from './keys.ts'
export type { Level, LevelPosition } from './nested-walk.ts'
export type { NestedCursor } from './nested-walk.ts'
export type { CursorPages, LinkedPages, NumberedPages, PageCursor } from './pages.ts'
export type { FileOptions, FilePosition } from './r2-file.ts'
export type { R2ObjectsOptions } from './r2-objects.ts'
export type { RecordOptions } from './records.ts'
export type { ThrottleOptions } from './throttle.ts'
