import { describe, expect, it } from 'vitest'
import { barLine, progressText } from '../../src/cli/text/bar.ts'
import { Paces } from '../../src/cli/text/pace.ts'
import { pace } from '../../src/dashboard/figures/rate-series.ts'
import { aRun } from '../support/a-run.ts'

describe('M66 more done than the total', () => {
  const beyond = aRun({ progress: { done: 12, total: 10, skipped: 0 }, cursor: null })

  it('is a bar of unknown length while at work', () => {
    expect(barLine(beyond)).toContain('[··········] 12 (expected 10)')
  })

  it('is a full one once it has ended', () => {
    expect(barLine({ ...beyond, status: 'completed' })).toContain('[██████████] 12 (expected 10)')
  })

  it('is said in words', () => {
    expect(progressText(beyond)).toBe('12 (expected 10)')
    expect(progressText(aRun({ progress: { done: 10, total: 10, skipped: 0 } }))).toBe('10/10')
  })

  it('has no time left, on the command line', () => {
    let now = 0
    const paces = new Paces(() => now)
    paces.seen(aRun({ progress: { done: 8, total: 10, skipped: 0 } }))
    now = 2_000
    expect(paces.seen(beyond)).toEqual({ itemsPerSecond: 2 })
  })

  it('has no time left, on the page', () => {
    expect(pace({ done: 1_200, total: 1_000 }, 50)).toEqual({ perSecond: 50, leftMs: undefined })
    expect(pace({ done: 1_000, total: 1_000 }, 50).leftMs).toBe(0)
  })
})
