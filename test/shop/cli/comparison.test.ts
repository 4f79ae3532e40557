import { describe, expect, it } from 'vitest'
import { authorLines, authorLinesOf } from '../../../src/shop/cli/author-lines.ts'
import { comparisonText } from '../../../src/shop/cli/comparison-text.ts'
import { type Comparison, figures } from '../../../src/shop/cli/comparison.ts'
import { spread, spreadText } from '../../../src/shop/cli/spread.ts'
import { aRun } from '../../support/a-run.ts'

const START = Date.parse('2026-02-02T10:00:00.000Z')

/** A completed run over 1,000 orders. */
function took(ms: number, commits: number) {
  return aRun({
    status: 'completed',
    commits,
    progress: { done: 1000, total: 1000, skipped: 0 },
    createdAt: new Date(START - 5_000).toISOString(),
    startedAt: new Date(START).toISOString(),
    finishedAt: new Date(START + ms).toISOString(),
  })
}

describe('The figures of a style', () => {
  it('hold what its runs took, without the wait before their first slice', () => {
    const own = [took(400, 5), took(500, 5), took(800, 5)]
    const found = figures(
      'process-orders',
      own.map((run) => ({ own: run, eachOrder: took(2_400, 1_005) })),
    )
    expect(found.timeMs).toEqual({ median: 500, min: 400, max: 800 })
    expect(found.ordersPerSecond).toEqual({ median: 2_000, min: 1_250, max: 2_500 })
    expect(found.commits).toEqual({ median: 5, min: 5, max: 5 })
  })

  it('give commits the time that runs with more of them take longer', () => {
    // 1,000 commits more took 2,000 ms more: 2 ms each. 5 of them in 400 ms, 1,005 in 2,400 ms.
    const { overhead } = figures('x', [{ own: took(400, 5), eachOrder: took(2_400, 1_005) }])
    expect(overhead.perCommitMs?.median).toBeCloseTo(2)
    expect(overhead.share?.median).toBeCloseTo((5 * 2) / 400)
    expect(overhead.shareEachOrder?.median).toBeCloseTo((1_005 * 2) / 2_400)
  })

  it('do not know the overhead where the difference is too small to tell', () => {
    const few = figures('x', [{ own: took(400, 5), eachOrder: took(500, 9) }])
    const noise = figures('x', [{ own: took(400, 5), eachOrder: took(390, 1_005) }])
    expect(few.overhead.share).toBeUndefined()
    expect(noise.overhead.share).toBeUndefined()
  })
})

describe('A comparison', () => {
  const comparison = (failed: string[]): Comparison => ({
    ok: failed.length === 0,
    orders: 1_000,
    rounds: 2,
    styles: [
      {
        ...figures('process-orders', [
          { own: took(400, 5), eachOrder: took(2_400, 1_005) },
          { own: took(500, 5), eachOrder: took(2_500, 1_005) },
        ]),
        checkpointBytes: 80,
        authorLines: 20,
        verification: { ok: failed.length === 0, runs: 5, failed },
      },
    ],
  })

  it('is a table of median and range', () => {
    const lines = comparisonText(comparison([])).split('\n')
    expect(lines[0]).toBe('1000 orders in both styles, 2 rounds by turns: median [min max]')
    expect(lines).toContain('Time (ms)                  450 [400 500]')
    expect(lines).toContain('Orders/s                   2,250 [2,000 2,500]')
    expect(lines).toContain('Checkpoint overhead        2.3 % [2.0 % 2.5 %]')
    expect(lines).toContain('  one commit (ms)          2.00')
    expect(lines).toContain('Checkpoint (bytes)         80')
    expect(lines.at(-1)).toBe('Verified                   all 5 runs')
  })

  it('names every check that failed', () => {
    const text = comparisonText(comparison(['No order has two log rows (run b7e1)']))
    expect(text).toContain('1 checks failed\n❌ No order has two log rows (run b7e1)')
  })
})

describe('Lines of code', () => {
  it('are those an author writes: no imports, comments and blank lines', () => {
    const source = `
import { z } from 'zod'
import {
  one,
  two,
} from '../shop/orders.ts'
import './side-effect.ts'

/** A comment. */
// Another.
/*
 * A third.
 */
export const job = define({
  name: 'import * from "x"', // the name

  run: () => one('/* no comment */'),
})
`
    expect(authorLines(source)).toBe(4)
  })

  it('are counted in the jobs themselves', async () => {
    const [steps, iteration] = [
      await authorLinesOf('process-orders'),
      await authorLinesOf('process-orders-iteration'),
    ]
    expect(iteration).toBeGreaterThan(5)
    expect(steps).toBeGreaterThan(iteration)
  })
})

describe('A spread', () => {
  it('has the middle of an odd and of an even number of values', () => {
    expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 })
    expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 })
  })

  it('is one value where all are the same', () => {
    expect(spreadText(spread([1_234, 1_234]))).toBe('1,234')
    expect(spreadText(spread([1, 3]))).toBe('2 [1 3]')
  })
})
