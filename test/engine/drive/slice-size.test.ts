import { describe, expect, it } from 'vitest'
import { type Driving, initialDriving, type Lease } from '../../../src/engine/drive/driving.ts'
import { cameBack, vanishedAgain } from '../../../src/engine/drive/slice-size.ts'
import { DEFAULT_RETRY } from '../../../src/engine/policies/retry-policy.ts'

const run = {
  id: 'a',
  job: 'job',
  style: 'iteration' as const,
  params: '{}',
  options: { retry: DEFAULT_RETRY },
  parent: null,
}

const leaseAt = (doneBefore: number): Lease => ({
  until: 1,
  claimedAt: 0,
  heard: 0,
  kill: false,
  resumptionCounted: false,
  doneBefore,
})

/** Slices of a run whose invocations can do so many items: the sizes that came back, and how many vanished. */
function sliced(limit: (slice: number) => number, slices: number) {
  const d: Driving = { ...initialDriving(run, 0), inD1: true }
  const sizes: number[] = []
  let vanished = 0
  for (let slice = 0; slice < slices; slice++) {
    const lease = leaseAt(d.seen.done)
    const items = Math.min(d.sliceSize?.items ?? Infinity, limit(slice))
    d.seen = { ...d.seen, done: d.seen.done + items }
    if (items === limit(slice)) {
      vanished += 1
      vanishedAgain(d, lease)
    } else {
      sizes.push(items)
      cameBack(d, lease)
    }
  }
  return { d, sizes, vanished }
}

describe('the items of a slice, where larger ones vanish', () => {
  it('are half as many each time, until a slice comes back, and then more again', () => {
    const { sizes, vanished } = sliced(() => 10, 40)
    expect(sizes.slice(0, 3)).toEqual([5, 5, 7])
    expect(Math.max(...sizes)).toBe(7)
    expect(vanished).toBeLessThanOrEqual(3)
  })

  it('are one in the end, where an invocation can do no more', () => {
    const { sizes } = sliced((slice) => (slice < 4 ? 1 : 2), 8)
    expect(sizes).toEqual([1, 1, 1, 1])
  })

  it('are tried again after a while, and have no limit once it holds nothing back', () => {
    const { sizes, d } = sliced((slice) => (slice < 100 ? 10 : 1_000_000), 400)
    expect(sizes.at(-1)).toBeGreaterThan(100_000)
    // A slice that something else ends sooner, its time say.
    d.sliceSize = { items: 1_000, tooMany: null, good: 0 }
    cameBack(d, leaseAt(d.seen.done - 10))
    expect(d).toMatchObject({ sliceSize: null, attention: null })
  })

  it('are reported to people, with what can be done', () => {
    const { d } = sliced(() => 10, 2)
    expect(d.attention).toMatch(/^Its slices vanish when they do more than some 10 items, .*cpu_ms/)
  })
})
