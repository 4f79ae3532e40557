import { useRef } from 'hono/jsx/dom'
import type { Run } from './api.ts'
import { rate, type Sample } from '../figures/rate-series.ts'

const KEPT = 30

/** The speed of each run, from what this page has learned of it poll by poll. */
export function useRates(runs: readonly Run[] | undefined): (run: Run) => number | undefined {
  const seen = useRef<Map<string, Sample[]>>(new Map())
  const known = seen.current ?? new Map<string, Sample[]>()
  for (const { id, progress, updatedAt } of runs ?? []) {
    const samples = known.get(id) ?? []
    const at = Date.parse(updatedAt)
    if (samples.at(-1)?.at !== at)
      known.set(id, [...samples, { at, done: progress.done }].slice(-KEPT))
  }
  return (run) => (run.status === 'running' ? rate(known.get(run.id) ?? []) : undefined)
}
