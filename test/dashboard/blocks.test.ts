import { describe, expect, it } from 'vitest'
import { blocksBefore, sumsBetween, toneOfBlock } from '../../src/dashboard/figures/blocks.ts'
import { layTimeline } from '../../src/dashboard/figures/timeline.ts'
import type { Slice, Stretch } from '../../src/client/index.ts'

const iso = (ms: number) => new Date(ms).toISOString()
const stretch = (ms: number, more: Partial<Stretch> = {}): Stretch => ({
  from: iso(ms),
  items: 10,
  commits: 2,
  slices: 1,
  workedMs: 900,
  vanished: 0,
  errored: 0,
  interrupted: 0,
  ...more,
})
const slice = (from: number, to: number): Slice => ({
  n: 1,
  fence: 1,
  startedAt: iso(from),
  endedAt: iso(to),
  outcome: 'ended',
  reason: null,
  items: 1,
  commits: 1,
  error: null,
})

describe('The slices of which only sums are kept', () => {
  it('are blocks before the first one that is there, a hundred at most', () => {
    const stretches = Array.from({ length: 512 }, (_, at) => stretch(at * 1_000))
    const blocks = blocksBefore([slice(400_500, 401_000)], { widthMs: 1_000, stretches })
    expect(blocks.length).toBeLessThanOrEqual(100)
    expect(blocks.reduce((sum, { slices }) => sum + slices, 0)).toBe(400)
    expect(blocks[0]).toMatchObject({ from: 0, items: 40, workedMs: 3_600 })
    expect(blocks.at(-1)?.to).toBe(400_000)
  })

  it('have the colour of the worst that happened', () => {
    const [block] = blocksBefore([slice(9_000, 9_001)], {
      widthMs: 1_000,
      stretches: [stretch(0, { interrupted: 3, errored: 1 })],
    })
    expect(block && toneOfBlock(block)).toBe('errored')
    expect(block && toneOfBlock({ ...block, vanished: 1 })).toBe('vanished')
    expect(block && toneOfBlock({ ...block, errored: 0, interrupted: 0 })).toBe('budget')
  })

  it('lie before the slices on the timeline', () => {
    const stretches = [stretch(0), stretch(1_000)]
    const known = [slice(2_000, 4_000)]
    const { blocks, spans } = layTimeline(
      known,
      5_000,
      blocksBefore(known, { widthMs: 1_000, stretches }),
    )
    expect(blocks.map(({ from, to }) => [from, to])).toEqual([
      [0, 0.25],
      [0.25, 0.5],
    ])
    expect(spans.map(({ from, to }) => [from, to])).toEqual([[0.5, 1]])
  })

  it('are none where every slice is there', () => {
    expect(blocksBefore([slice(0, 9)], { widthMs: 250, stretches: [stretch(0)] })).toEqual([])
    expect(blocksBefore([], { widthMs: 250, stretches: [stretch(0)] })).toEqual([])
  })
})

it('The sums between two times are those of the stretches there', () => {
  const stretches = [0, 1_000, 2_000, 3_000].map((ms) => stretch(ms))
  expect(sumsBetween({ widthMs: 1_000, stretches }, 1_000, 3_000)).toEqual({ slices: 2, items: 20 })
})
