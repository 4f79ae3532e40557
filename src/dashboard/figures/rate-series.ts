import { isoTime } from '../../engine/iso-time.ts'
import { isEnded } from '../../engine/run.ts'
import type { Run, Stretch, StretchList } from '../state/api.ts'
import { type Zone, wallTime } from '../words/times.ts'

/** A time, and how many items were done by then. */
export interface Sample {
  at: number
  done: number
}

/** A point of the chart: a place on its axis, the time that it stands for, and the rate there; null where nobody worked. */
export interface RatePoint {
  x: number
  at: number
  rate: number | null
  items: number
  commits: number
}

const MOST_POINTS = 160
/** A wait is drawn at most this long, as a part of the time worked. */
const LONGEST_WAIT = 0.12

/** Items per second over a run's whole course. Waits are drawn shortened, as gaps. */
export function rateSeries({ widthMs, stretches }: StretchList): RatePoint[] {
  const worked = stretches.filter(({ workedMs }) => workedMs > 0)
  const together = Math.ceil(worked.length / MOST_POINTS)
  const parts = chunks(worked, together).map((part) => partOf(part, widthMs))
  const longest = LONGEST_WAIT * parts.reduce((sum, { from, to }) => sum + to - from, 0)
  const points: RatePoint[] = []
  let x = 0
  for (const [index, { from, to, ...sums }] of parts.entries()) {
    const before = parts[index - 1]
    const wait = before ? Math.max(0, from - before.to) : 0
    if (wait > widthMs) {
      const gap = { rate: null, items: 0, commits: 0 }
      points.push({ ...gap, x: x + Math.min(wait, longest) / 2, at: from - wait / 2 })
    }
    x += Math.min(wait, longest)
    points.push({ x: x + (to - from) / 2, at: (from + to) / 2, ...sums })
    x += to - from
  }
  return points.length < 2 ? [] : points
}

function partOf(part: readonly Stretch[], widthMs: number) {
  const sum = (name: 'items' | 'commits' | 'workedMs') =>
    part.reduce((total, stretch) => total + stretch[name], 0)
  const workedMs = sum('workedMs')
  const to = Date.parse(part.at(-1)?.from ?? '') + widthMs
  // What it took may have begun before: an item that takes minutes ends in a single stretch.
  const from = Math.min(Date.parse(part[0]?.from ?? ''), to - workedMs)
  const items = sum('items')
  return { from, to, items, commits: sum('commits'), rate: (items * 1_000) / workedMs }
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  const count = size === 0 ? 0 : Math.ceil(all.length / size)
  return Array.from({ length: count }, (_, index) => all.slice(index * size, (index + 1) * size))
}

/** The time at a place of the chart's axis. */
export function timeAt(points: readonly RatePoint[], x: number): number {
  const after = points.findIndex((point) => point.x >= x)
  const [a, b] = after <= 0 ? points : points.slice(after - 1)
  const [last] = points.slice(-1)
  if (after === -1 && last) return last.at + x - last.x
  if (!a || !b) return a?.at ?? 0
  return a.at + ((x - a.x) * (b.at - a.at)) / (b.x - a.x)
}

/** The labels of an axis of time, in seconds: as everywhere on the page, with the parts of a second that tell them apart. */
export function clocks(times: readonly number[], zone: Zone): string[] {
  const apart = (times[1] ?? Infinity) - (times[0] ?? 0)
  const parts = apart > 0.99 ? 0 : apart > 0.099 ? 2 : apart > 0.0099 ? 3 : 4
  return times.map((time) =>
    wallTime(isoTime(Math.round(time * 1_000)), zone).slice(11, 19 + parts),
  )
}

/** Items per second over the last seconds; undefined when the samples cannot tell. */
export function rate(samples: readonly Sample[], withinMs = 10_000): number | undefined {
  const last = samples.at(-1)
  if (!last) return undefined
  const first = samples.find(({ at }) => last.at - at <= withinMs)
  return first && last.at - first.at > 500
    ? Math.max(0, ((last.done - first.done) * 1_000) / (last.at - first.at))
    : undefined
}

/** Items per second of a run that has ended, over the time that its slices worked; undefined for others. */
export function averageRate({
  status,
  progress,
  workedMs,
  lanes = [],
}: Pick<Run, 'status' | 'progress' | 'workedMs' | 'lanes'>): number | undefined {
  if (!isEnded(status) || workedMs === 0) return undefined
  // Lanes work at the same time.
  const longest = lanes.length === 0 ? workedMs : Math.max(...lanes.map((lane) => lane.workedMs))
  return (progress.done * 1_000) / longest
}

/** Items per second, and how long what is left will take. */
export function pace(
  { done, total }: { done: number; total: number | null },
  itemsPerSecond: number | undefined,
): { perSecond: number | undefined; leftMs: number | undefined } {
  // More than was expected: nobody knows how many are left.
  const left = total === null || done > total ? undefined : total - done
  return {
    perSecond: itemsPerSecond,
    leftMs: left === undefined || !itemsPerSecond ? undefined : (left / itemsPerSecond) * 1_000,
  }
}
