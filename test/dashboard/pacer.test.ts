import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Pacer } from '../../src/dashboard/state/pacer.ts'

let pacer: Pacer
let gone: string[]
const go = (name: string) => () => gone.push(`${name} ${Date.now()}`)

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  pacer = new Pacer()
  gone = []
})
afterEach(() => {
  vi.useRealTimers()
})

describe('The turns of a tab', () => {
  it('come a second apart, in the order in which they were wanted', () => {
    for (const name of ['a', 'b', 'c']) pacer.turn(go(name))
    vi.advanceTimersByTime(10_000)
    expect(gone).toEqual(['a 0', 'b 1000', 'c 2000'])
    pacer.turn(go('later'))
    vi.advanceTimersByTime(0)
    expect(gone.at(-1)).toBe('later 10000')
  })

  it('are as far apart as they have requests', () => {
    pacer.turn(go('four'), 4)
    pacer.turn(go('next'))
    vi.advanceTimersByTime(10_000)
    expect(gone).toEqual(['four 0', 'next 4000'])
  })

  it('are given up by who does not want them any more', () => {
    pacer.turn(go('first'))
    const giveUp = pacer.turn(go('gone'))
    pacer.turn(go('next'))
    giveUp()
    vi.advanceTimersByTime(10_000)
    expect(gone).toEqual(['first 0', 'next 1000'])
  })

  it('do not come before the time that the Worker has asked for', () => {
    pacer.turn(go('waits'))
    pacer.hold(30_000)
    vi.advanceTimersByTime(29_999)
    expect(gone).toEqual([])
    vi.advanceTimersByTime(1)
    expect(gone).toEqual(['waits 30000'])
  })
})
