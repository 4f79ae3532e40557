/** `min 1.2 s, median 1.9 s, max 3.4 s` of durations in milliseconds. */
export function spread(durations: readonly number[]): string {
  if (durations.length === 0) return 'none'
  const sorted = durations.toSorted((a, b) => a - b)
  const at = (share: number): string =>
    `${((sorted[Math.floor(share * (sorted.length - 1))] ?? NaN) / 1_000).toFixed(1)} s`
  return `min ${at(0)}, median ${at(0.5)}, max ${at(1)} (${sorted.length} measured)`
}
