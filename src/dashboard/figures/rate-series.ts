import { isoTime } from '../../engine/iso-time.ts'
import { isEnded } from '../../engine/run.ts'
import type { Run } from '../state/api.ts'
import { type Zone, wallTime } from '../words/times.ts'

/** A time, and how many items were done by then. */
export interface Sample {
  at: number
  done: number
}

const MOST_POINTS = 80
const LEAST_BUCKET_MS = 50

/** Items per second over time: from the ledger's commits, which also tell of what nobody watched. */
export function rateSeries(
  commits: readonly { at: string; items: number }[],
): [number[], number[]] {
  const points = commits
    .map(({ at, items }) => ({ at: Date.parse(at), items }))
    .toSorted((a, b) => a.at - b.at)
  const [first, last] = [points[0], points.at(-1)]
  if (!first || !last || last.at === first.at) return [[], []]
  const width = Math.max(LEAST_BUCKET_MS, (last.at - first.at) / MOST_POINTS)
  const buckets = Math.ceil((last.at - first.at + 1) / width)
  const sums = Array.from({ length: buckets }, () => 0)
  for (const { at, items } of points) {
    const bucket = Math.floor((at - first.at) / width)
    sums[bucket] = (sums[bucket] ?? 0) + items
  }
  return [
    sums.map((_sum, index) => (first.at + (index + 0.5) * width) / 1_000),
    sums.map((sum) => (sum * 1_000) / width),
  ]
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

/** As exactly as is worth reading: 120, 7.5, 0.03. */
function rounded(perSecond: number): number {
  if (perSecond >= 10) return Math.round(perSecond)
  return perSecond >= 1 ? Math.round(perSecond * 10) / 10 : Number(perSecond.toPrecision(1))
}

/** Items per second of a run that has ended, over the time that its slices worked; undefined for others. */
export function averageRate({
  status,
  progress,
  workedMs,
}: Pick<Run, 'status' | 'progress' | 'workedMs'>): number | undefined {
  if (!isEnded(status) || workedMs === 0) return undefined
  return rounded((progress.done * 1_000) / workedMs)
}

/** `120/s`, and how long what is left will take. */
export function pace(
  { done, total }: { done: number; total: number | null },
  itemsPerSecond: number | undefined,
): { perSecond: number | undefined; leftMs: number | undefined } {
  // More than was expected: nobody knows how many are left.
  const left = total === null || done > total ? undefined : total - done
  return {
    perSecond: itemsPerSecond === undefined ? undefined : rounded(itemsPerSecond),
    leftMs: left === undefined || !itemsPerSecond ? undefined : (left / itemsPerSecond) * 1_000,
  }
}
