import { describe, expect, it } from 'vitest'
import {
  bucketOf,
  COMMIT_MS,
  cumulative,
  quantile,
  quantiles,
} from '../../src/monitoring/histogram.ts'
import { familyText, histogramText } from '../../src/api/prometheus.ts'
import { parsePrometheus } from '../support/prometheus.ts'

describe('a histogram', () => {
  it('puts a duration into the first bucket that holds it', () => {
    expect([0, 1, 1.5, 20, 21, 5_000, 5_001].map((ms) => bucketOf(COMMIT_MS, ms))).toEqual([
      '1',
      '1',
      '2',
      '20',
      '50',
      '5000',
      'more',
    ])
  })

  it('adds its buckets up', () => {
    const buckets = new Map([
      ['10', 2],
      ['30', 3],
      ['more', 1],
    ])
    expect(cumulative([10, 20, 30], buckets)).toEqual([2, 2, 5, 6])
  })

  it('tells quantiles, evenly spread within a bucket', () => {
    const buckets = new Map([
      ['10', 50],
      ['20', 50],
    ])
    expect(quantile([10, 20, 30], buckets, 0.25)).toBe(5)
    expect(quantile([10, 20, 30], buckets, 0.5)).toBe(10)
    expect(quantile([10, 20, 30], buckets, 0.95)).toBe(19)
    expect(quantile([10, 20, 30], buckets, 0)).toBe(0)
  })

  it('tells the last bound for what is beyond it, and nothing when it is empty', () => {
    expect(quantile([10, 20], new Map([['more', 3]]), 0.5)).toBe(20)
    expect(quantiles([10, 20], new Map())).toEqual({ p50: null, p95: null, p99: null })
  })
})

describe("Prometheus' text format", () => {
  it('is read back as it was meant', () => {
    const label = 'back \\ quote " line\nfeed { } , ='
    const text =
      familyText({
        name: 'dogear_a_total',
        help: 'With a \\ and\na new line.',
        type: 'counter',
        samples: [
          { labels: {}, value: 3 },
          { labels: { job: label, other: '' }, value: 1.5e21 },
        ],
      }) +
      histogramText({
        name: 'dogear_b_seconds',
        help: 'Times.',
        bounds: [0.5, 1],
        series: [{ labels: { job: label }, counts: [1, 1, 4], sum: 2.25 }],
      })
    const families = parsePrometheus(text)
    expect(families.get('dogear_a_total')).toEqual({
      type: 'counter',
      help: 'With a \\\\ and\\na new line.',
      samples: [
        { name: 'dogear_a_total', labels: {}, value: 3 },
        { name: 'dogear_a_total', labels: { job: label, other: '' }, value: 1.5e21 },
      ],
    })
    expect(families.get('dogear_b_seconds')?.samples).toEqual([
      { name: 'dogear_b_seconds_bucket', labels: { job: label, le: '0.5' }, value: 1 },
      { name: 'dogear_b_seconds_bucket', labels: { job: label, le: '1' }, value: 1 },
      { name: 'dogear_b_seconds_bucket', labels: { job: label, le: '+Inf' }, value: 4 },
      { name: 'dogear_b_seconds_sum', labels: { job: label }, value: 2.25 },
      { name: 'dogear_b_seconds_count', labels: { job: label }, value: 4 },
    ])
  })

  it.each([
    ['no line feed at the end', '# HELP a_total x\n# TYPE a_total counter\na_total 1'],
    ['an unescaped quote', '# HELP a x\n# TYPE a gauge\na{b="c"d"} 1\n'],
    ['a sample before its TYPE', '# HELP a x\na 1\n# TYPE a gauge\n'],
    ['a sample of another family', '# HELP a x\n# TYPE a gauge\nb 1\n'],
    ['a sample twice', '# HELP a x\n# TYPE a gauge\na 1\na 2\n'],
    [
      'a histogram without +Inf',
      '# HELP a x\n# TYPE a histogram\na_bucket{le="1"} 1\na_sum 1\na_count 1\n',
    ],
    [
      'buckets that shrink',
      '# HELP a x\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
    ],
    ['no number', '# HELP a x\n# TYPE a gauge\na one\n'],
  ])('with %s would not pass the tests’ own reader', (_what, text) => {
    expect(() => parsePrometheus(text)).toThrow(/./)
  })
})
