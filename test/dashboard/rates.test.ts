import { describe, expect, it } from 'vitest'
import {
  averageRate,
  clocks,
  pace,
  rate,
  rateSeries,
  timeAt,
} from '../../src/dashboard/figures/rate-series.ts'
import type { Stretch } from '../../src/client/index.ts'
import { rateWords } from '../../src/sentences/figures.ts'

const stretch = (ms: number, items: number, workedMs: number): Stretch => ({
  from: new Date(ms).toISOString(),
  items,
  commits: 1,
  slices: 0,
  workedMs,
  vanished: 0,
  errored: 0,
  interrupted: 0,
})

describe('Items per second', () => {
  it('over time are those of the stretches, in as many points as are worth drawing', () => {
    const stretches = Array.from({ length: 500 }, (_, at) => stretch(at * 250, 5, 250))
    const points = rateSeries({ widthMs: 250, stretches })
    expect(points.length).toBeLessThanOrEqual(160)
    for (const point of points) expect(point.rate).toBeCloseTo(20)
    expect(points.reduce((sum, { items }) => sum + items, 0)).toBe(2_500)
    expect(points.map(({ x }) => x)).toEqual(points.map(({ x }) => x).toSorted((a, b) => a - b))
  })

  it('are those of an item that took minutes, not of the moment in which it was done', () => {
    const stretches = [stretch(0, 1, 250), stretch(600_000, 1, 599_000)]
    const [, second] = rateSeries({ widthMs: 250, stretches })
    expect(second?.rate).toBeCloseTo(1 / 599)
  })

  it('stand still through a wait, which is drawn short', () => {
    const night = 9 * 3_600_000
    const stretches = [0, 250, night, night + 250].map((ms) => stretch(ms, 5, 250))
    const points = rateSeries({ widthMs: 250, stretches })
    expect(points.map((point) => point.rate)).toEqual([20, 20, null, 20, 20])
    expect(points.at(-1)?.x).toBeLessThan(2_000)
    expect(timeAt(points, points.at(-1)?.x ?? 0)).toBe(night + 375)
    expect(timeAt(points, 0)).toBeCloseTo(0)
  })

  it('are not drawn of a single moment', () => {
    expect(rateSeries({ widthMs: 0, stretches: [] })).toEqual([])
    expect(rateSeries({ widthMs: 250, stretches: [stretch(5, 1, 9)] })).toEqual([])
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
    [1_234.6, '1,235/s'],
    [7.46, '7.5/s'],
    [0.334, '20/min'],
    [0.03, '1.8/min'],
    [0.0123, '44/h'],
    [0.0001, '0.4/h'],
    [0, '0/s'],
  ])('are as exact as is worth reading: %d', (perSecond, shown) => {
    expect(rateWords(perSecond)).toBe(shown)
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
