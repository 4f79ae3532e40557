import { describe, expect, it } from 'vitest'
import { histogramText } from '../../src/cli/text/histogram-text.ts'
import { plainLook } from '../../src/cli/text/look.ts'

const bucket = (at: string, failed: number, completed: number) => ({
  at,
  active: 0,
  completed,
  failed,
  cancelled: 0,
})
const histogram = {
  since: '2026-11-30T02:00:00.000Z',
  until: '2026-11-30T05:00:00.000Z',
  bucketMs: 3_600_000,
  buckets: [
    bucket('2026-11-30T02:00:00.000Z', 0, 240),
    bucket('2026-11-30T03:00:00.000Z', 12, 108),
    bucket('2026-11-30T04:00:00.000Z', 0, 0),
  ],
}

describe('The histogram of runs', () => {
  it('has a line for each stretch of time, and shows what failed first', () => {
    expect(histogramText(histogram).split('\n')).toEqual([
      'CREATED (UTC)     RUNS  FAILED  CANCELLED  ACTIVE',
      `2026-11-30 02:00  240                              ${'█'.repeat(24)}`,
      `2026-11-30 03:00  120   12                         ▓${'█'.repeat(11)}`,
      '2026-11-30 04:00  0',
    ])
  })

  it('shows days as days, and fits the terminal', () => {
    const [, line = ''] = histogramText({ ...histogram, bucketMs: 86_400_000 }).split('\n')
    expect(line).toMatch(/^2026-11-30 {5}240/)
    for (const row of histogramText(histogram, { ...plainLook, columns: 60 }).split('\n')) {
      expect(row.length).toBeLessThanOrEqual(60)
    }
  })

  it('says when not all are counted, and when there are none', () => {
    const partly = { ...histogram, countedSince: '2026-11-30T03:00:00.000Z' }
    expect(histogramText(partly)).toContain('those of before 2026-11-30 03:00:00 UTC are missing')
    expect(histogramText({ ...histogram, buckets: [] })).toBe('No runs.')
  })
})
