import type { Slice } from '../state/api.ts'

/** A slice on the timeline; places are parts of the whole, from 0 to 1. */
export interface Span {
  slice: Slice
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
  breaks: Break[]
  /** The time that slices worked in all. */
  workedMs: number
  /** The place of a time; undefined outside of all slices. */
  place: (at: number) => number | undefined
}

/** A wait is drawn at most this long, as a part of the time worked: a run that was held overnight is still to be seen. */
const LONGEST_WAIT = 0.12

/** Lays the slices of a run out side by side, in proportion to how long they worked. */
export function layTimeline(slices: readonly Slice[], now: number): Timeline {
  const times = slices.map((slice) => {
    const from = Date.parse(slice.startedAt)
    const to = slice.endedAt === null ? now : Date.parse(slice.endedAt)
    return { slice, from, to: Math.max(from + 1, to) }
  })
  const workedMs = times.reduce((sum, { from, to }) => sum + to - from, 0)
  const longest = Math.max(1, workedMs * LONGEST_WAIT)
  const laid: { slice: Slice; from: number; to: number; x: number }[] = []
  const waits: { x: number; shown: number; ms: number }[] = []
  let x = 0
  for (const time of times) {
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
  return {
    spans: laid.map(({ slice, from, to, x: left }) => ({
      slice,
      from: left / whole,
      to: (left + to - from) / whole,
      ms: to - from,
    })),
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
