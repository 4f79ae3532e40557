import { describe, expect, it } from 'vitest'
import { layTimeline } from '../../src/dashboard/figures/timeline.ts'
import type { Slice } from '../../src/client/index.ts'

const NOON = Date.UTC(2026, 0, 1, 12)
const iso = (second: number) => new Date(NOON + second * 1_000).toISOString()

/** A slice by the seconds after noon at which it began and ended. */
function slice(fence: number, from: number, to: number | null): Slice {
  return {
    n: fence,
    fence,
    startedAt: iso(from),
    endedAt: to === null ? null : iso(to),
    outcome: to === null ? 'running' : 'interrupted',
    reason: null,
    items: 1,
    commits: 1,
    error: null,
  }
}

describe('The timeline of slices', () => {
  it('gives each the part that it worked', () => {
    const { spans, breaks, workedMs } = layTimeline([slice(1, 0, 6), slice(2, 6, 8)], NOON)
    expect(spans.map(({ from, to }) => [from, to])).toEqual([
      [0, 0.75],
      [0.75, 1],
    ])
    expect(breaks).toEqual([])
    expect(workedMs).toBe(8_000)
  })

  it('draws a night of waiting no longer than an eighth of the work', () => {
    const night = 9 * 3_600
    const { spans, breaks } = layTimeline([slice(1, 0, 50), slice(2, night, night + 50)], NOON)
    expect(breaks.map(({ ms }) => ms)).toEqual([(night - 50) * 1_000])
    const [wait] = breaks
    expect(wait?.from).toBe(spans[0]?.to)
    expect(wait?.to).toBe(spans[1]?.from)
    expect((spans[1]?.from ?? 0) - (spans[0]?.to ?? 0)).toBeCloseTo(12 / 112)
  })

  it('lets a slice that is at work reach to now', () => {
    const { spans } = layTimeline([slice(1, 0, 2), slice(2, 2, null)], NOON + 10_000)
    expect(spans[1]?.ms).toBe(8_000)
    expect(spans[1]?.to).toBe(1)
  })

  it('places a commit inside its slice, and none outside of all', () => {
    const { place } = layTimeline([slice(1, 0, 6), slice(2, 100, 104)], NOON)
    const whole = 10 + 1.2
    expect(place(NOON + 3_000)).toBeCloseTo(3 / whole)
    expect(place(NOON + 102_000)).toBeCloseTo((6 + 1.2 + 2) / whole)
    expect(place(NOON + 50_000)).toBeUndefined()
  })

  it('is empty without slices', () => {
    expect(layTimeline([], NOON)).toMatchObject({ spans: [], breaks: [], workedMs: 0 })
  })
})
