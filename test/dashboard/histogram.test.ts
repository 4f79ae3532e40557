import { describe, expect, it } from 'vitest'
import { bucketWords, spanWords } from '../../src/dashboard/figures/histogram.ts'
import { kindsWords, placeWords } from '../../src/dashboard/words/totals.ts'

const bucket = (at: string, failed: number, completed: number) => ({
  at,
  active: 0,
  completed,
  failed,
  cancelled: 0,
})
const buckets = [
  bucket('2020-11-30T02:00:00.000Z', 0, 1),
  bucket('2020-11-30T03:00:00.000Z', 1_200, 3),
]

describe('The words of a histogram', () => {
  it('say from when to when, how many, and how many of them failed', () => {
    expect(bucketWords(buckets.slice(0, 1), 3_600_000, 'utc')).toBe(
      '30 Nov 2020 02:00 to 30 Nov 2020 03:00: 1 run',
    )
    expect(bucketWords(buckets, 3_600_000, 'utc')).toBe(
      '30 Nov 2020 02:00 to 30 Nov 2020 04:00: 1,204 runs, 1,200 failed',
    )
  })

  it.each([
    [60_000, 'by minute'],
    [300_000, 'by 5 minutes'],
    [3_600_000, 'by hour'],
    [10_800_000, 'by 3 hours'],
    [86_400_000, 'by day'],
    [604_800_000, 'by 7 days'],
  ])('say how long a bar is: %i ms is %s', (bucketMs, words) => {
    const span = { since: '', until: '', bucketMs, buckets }
    expect(spanWords(span, 'utc')).toContain(words)
  })

  it('say when not all are counted', () => {
    const span = { since: '', until: '', bucketMs: 60_000, buckets }
    const partly = { ...span, countedSince: '2020-11-30T03:00:00.000Z' }
    expect(spanWords(partly, 'utc')).toContain('those of before 30 Nov 2020 03:00 are not counted')
  })
})

describe('The words of a total', () => {
  it.each([
    [1, 25, { total: 312, more: false }, '1 to 25 of 312'],
    [26, 25, { total: 10_000, more: true }, '26 to 50 of more than 10,000'],
    [undefined, 25, { total: 312, more: false }, '25 of 312'],
    [1, 25, undefined, '1 to 25'],
    [1, 0, { total: 0, more: false }, ''],
    [26, 3, { total: 2, more: false }, '26 to 28'],
  ])('are place and number: from %s, %i of %j is %s', (from, shown, totals, words) => {
    expect(placeWords(from, shown, totals)).toBe(words)
  })

  it('say what a command would find', () => {
    const statuses = { failed: 1_200, completed: 3 }
    const errors = [{ error: 'page_failed', runs: 1_200 }]
    expect(kindsWords('retry', { statuses, errors })).toBe(
      '1,200 failed. 3 completed, which do not allow it. Errors: 1,200 page_failed.',
    )
    expect(kindsWords('pause', {})).toBe('')
  })
})
