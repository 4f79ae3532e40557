/**
 * Counts of durations by size. A histogram is stored as one counter per bucket, named by the bucket's
 * upper bound in ms, so that adding up those of many slices is adding counters.
 */

/** Upper bounds of the buckets, in ms and growing; one more bucket takes what is longer. */
export type Bounds = readonly number[]

/** Commits aim at some tens of ms. */
export const COMMIT_MS: Bounds = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000]

/** A message is claimed in some ms, or seconds when all consumers are busy, or never. */
export const QUEUE_LAG_MS: Bounds = [
  10, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000, 900_000,
]

/** The bucket of what is longer than every bound. */
export const LONGER = 'more'

/** The bucket that a duration belongs to. */
export function bucketOf(bounds: Bounds, ms: number): string {
  const bound = bounds.find((upper) => ms <= upper)
  return bound === undefined ? LONGER : String(bound)
}

/** The number of durations in each bucket, by its name. */
export type Buckets = ReadonlyMap<string, number>

/** The number of durations up to each bound; the last is that of all. */
export function cumulative(bounds: Bounds, buckets: Buckets): number[] {
  let sum = 0
  return [...bounds.map(String), LONGER].map((bucket) => (sum += buckets.get(bucket) ?? 0))
}

/**
 * The duration in ms that the given share (0 to 1) of all durations does not exceed, evenly spread
 * within its bucket; null without any. What is beyond the last bound counts as that bound.
 */
export function quantile(bounds: Bounds, buckets: Buckets, share: number): number | null {
  const counts = cumulative(bounds, buckets)
  const all = counts.at(-1) ?? 0
  if (all === 0) return null
  const rank = share * all
  const index = counts.findIndex((count) => count > 0 && count >= rank)
  const upper = bounds[index]
  if (upper === undefined) return bounds.at(-1) ?? null
  const lower = bounds[index - 1] ?? 0
  const below = counts[index - 1] ?? 0
  const within = (counts[index] ?? 0) - below
  return Math.round((lower + ((upper - lower) * (rank - below)) / within) * 10) / 10
}

/** Median, and what one in twenty and one in a hundred exceed, in ms; null while nothing was counted. */
export interface Quantiles {
  p50: number | null
  p95: number | null
  p99: number | null
}

export function quantiles(bounds: Bounds, buckets: Buckets): Quantiles {
  const at = (share: number): number | null => quantile(bounds, buckets, share)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}
