import { describe, expect, it } from 'vitest'
import {
  averageRate,
  clocks,
  pace,
  rate,
  rateSeries,
} from '../../src/dashboard/figures/rate-series.ts'

const commit = (ms: number, items: number) => ({ at: new Date(ms).toISOString(), items })

describe('Items per second', () => {
  it('over time are those of the commits, however they are ordered', () => {
    const commits = Array.from({ length: 100 }, (_, index) => commit(index * 100, 5)).toReversed()
    const [times, rates] = rateSeries(commits)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    // 5 items each 100 ms, but for the bucket that the end cuts short.
    for (const one of rates.slice(0, -1)) expect(Math.abs(one - 50)).toBeLessThan(50)
    const width = ((times[1] ?? 0) - (times[0] ?? 0)) * 1_000
    expect(rates.reduce((sum, one) => sum + (one * width) / 1_000, 0)).toBeCloseTo(500)
  })

  it('are not drawn of a single moment', () => {
    expect(rateSeries([])).toEqual([[], []])
    expect(rateSeries([commit(5, 1), commit(5, 7)])).toEqual([[], []])
  })

  it.each([
    [60, ['00:00:00', '00:01:00']],
    [0.5, ['00:00:00.0', '00:00:00.5']],
    [0.01, ['00:00:00.00', '00:00:00.01']],
  ])('have labels of time that differ, %d seconds apart', (apart, labels) => {
    expect(clocks([0, apart], 'utc')).toEqual(labels)
  })

  it('just now are those of the last seconds, and never below zero', () => {
    const samples = [
      { at: 0, done: 0 },
      { at: 20_000, done: 1_000 },
      { at: 22_000, done: 1_100 },
    ]
    expect(rate(samples, 10_000)).toBe(50)
    expect(rate(samples.slice(0, 1))).toBeUndefined()
    expect(rate([])).toBeUndefined()
    expect(rate([samples[2] ?? { at: 0, done: 0 }, { at: 24_000, done: 0 }])).toBe(0)
  })

  it.each([
    [124.6, 125],
    [7.46, 7.5],
    [0.334, 0.3],
    [0.0123, 0.01],
    [0, 0],
  ])('are as exact as is worth reading: %d', (perSecond, shown) => {
    expect(pace({ done: 1, total: null }, perSecond).perSecond).toBe(shown)
  })

  it('of a run that has ended are those of the time that it was worked on', () => {
    const run = { progress: { done: 500, total: null, skipped: 0 }, workedMs: 10_000 }
    expect(averageRate({ ...run, status: 'completed' })).toBe(50)
    expect(averageRate({ ...run, status: 'running' })).toBeUndefined()
    expect(averageRate({ ...run, status: 'failed', workedMs: 0 })).toBeUndefined()
  })

  it('tell how long what is left takes, if there is a total', () => {
    expect(pace({ done: 100, total: 300 }, 50)).toEqual({ perSecond: 50, leftMs: 4_000 })
    expect(pace({ done: 100, total: null }, 50)).toEqual({ perSecond: 50, leftMs: undefined })
    expect(pace({ done: 100, total: 300 }, undefined).leftMs).toBeUndefined()
    expect(pace({ done: 100, total: 300 }, 0).leftMs).toBeUndefined()
  })
})
