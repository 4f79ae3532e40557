import type { Slice } from '../state/api.ts'
import type { Block } from './blocks.ts'

/** A slice, or a block of those before, on the timeline; places are parts of the whole, from 0 to 1. */
export interface Span<T = Slice> {
  of: T
  from: number
  to: number
  ms: number
}

/** A wait between two slices, drawn shorter than it was. */
export interface Break {
  from: number
  to: number
  ms: number
}

export interface Timeline {
  spans: Span[]
  /** What came before them. */
  blocks: Span<Block>[]
  breaks: Break[]
  /** The time that slices worked in all. */
  workedMs: number
  /** The place of a time; undefined outside of all slices. */
  place: (at: number) => number | undefined
}

/** A wait is drawn at most this long, as a part of the time worked: a run that was held overnight is still to be seen. */
const LONGEST_WAIT = 0.12

/** Lays the slices of a run out side by side, after the blocks before them, in proportion to how long they worked. */
export function layTimeline(
  slices: readonly Slice[],
  now: number,
  blocks: readonly Block[] = [],
): Timeline {
  const times = slices.map((slice) => {
    const from = Date.parse(slice.startedAt)
    const to = slice.endedAt === null ? now : Date.parse(slice.endedAt)
    return { slice, from, to: Math.max(from + 1, to) }
  })
  const all = [...blocks.map((block) => ({ block, ...timesOf(block) })), ...times]
  const workedMs = all.reduce((sum, { from, to }) => sum + to - from, 0)
  const longest = Math.max(1, workedMs * LONGEST_WAIT)
  const laid: ((typeof all)[number] & { x: number })[] = []
  const waits: { x: number; shown: number; ms: number }[] = []
  let x = 0
  for (const time of all) {
    const before = laid.at(-1)
    if (before) {
      const ms = Math.max(0, time.from - before.to)
      const shown = Math.min(ms, longest)
      if (shown < ms) waits.push({ x, shown, ms })
      x += shown
    }
    laid.push({ ...time, x })
    x += time.to - time.from
  }
  const whole = Math.max(1, x)
  const spanOf = <T>(of: T, { from, to, x: left }: { from: number; to: number; x: number }) => ({
    of,
    from: left / whole,
    to: (left + to - from) / whole,
    ms: to - from,
  })
  return {
    spans: laid.flatMap((one) => ('slice' in one ? [spanOf(one.slice, one)] : [])),
    blocks: laid.flatMap((one) => ('block' in one ? [spanOf(one.block, one)] : [])),
    breaks: waits.map(({ x: left, shown, ms }) => ({
      from: left / whole,
      to: (left + shown) / whole,
      ms,
    })),
    workedMs,
    place: (at) => {
      const span = laid.find(({ from, to }) => at >= from && at <= to)
      return span && (span.x + at - span.from) / whole
    },
  }
}

function timesOf({ from, to }: Block): { from: number; to: number } {
  return { from, to }
}
