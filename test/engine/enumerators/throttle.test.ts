import { describe, expect, it } from 'vitest'
import { enumerators, Throttled, Tick, type Entry, type Walk } from '../../../src/engine/index.ts'
import { entriesOf, met, pairsOf } from '../../support/walks.ts'

const three = () => enumerators.times(3, { cursor: null })

/** The entries of a walk until it throttles for the first time. */
async function untilThrottled<Item>(walk: Walk<Item>): Promise<Entry<Item>[]> {
  const entries: Entry<Item>[] = []
  for await (const entry of met(walk)) {
    entries.push(entry)
    if (entry instanceof Throttled) break
  }
  return entries
}

describe('enumerators.throttle', () => {
  it.each(['before', 'after'] as const)(
    'J143 J145 gives the same pairs and size when nothing throttles: checked %s',
    async (check) => {
      const walk = enumerators.throttle(three(), { check, wait: 5, throttleOn: () => false })
      expect(await entriesOf(walk)).toEqual(await pairsOf(three()))
      expect(await walk.size?.()).toBe(3)
    },
  )

  it('B11 sees the next item once it has been fetched, before it is handled', async () => {
    const seen: number[] = []
    const walk = enumerators.throttle(three(), {
      wait: '2 minutes',
      throttleOn(item) {
        seen.push(item)
        return item === 1
      },
    })
    expect(await untilThrottled(walk)).toEqual([[0, 0], new Throttled(120_000)])
    expect(seen).toEqual([0, 1])
  })

  it('B11 asks before the next item is fetched, if told so', async () => {
    const fetched: number[] = []
    async function* fetching() {
      for (const item of [0, 1, 2]) {
        fetched.push(item)
        yield [item, item] as const
      }
    }
    const walk = enumerators.throttle(fetching(), {
      check: 'before',
      wait: () => Promise.resolve('1s'),
      throttleOn: async () => fetched.length === 2,
    })
    expect(await untilThrottled(walk)).toEqual([[0, 0], [1, 1], new Throttled(1_000)])
    expect(fetched).toEqual([0, 1])
  })

  it('asks again after the wait, and loses no item', async () => {
    let asked = 0
    const walk = enumerators.throttle(three(), { wait: 1, throttleOn: () => ++asked % 3 !== 0 })
    expect(await pairsOf(walk)).toEqual(await pairsOf(three()))
    expect(asked).toBe(9)
  })

  it('asks nothing for ticks and throttles, which it passes on', async () => {
    async function* restless() {
      yield new Tick(1)
      yield new Throttled(7)
    }
    const throttleOn = () => true
    const walk = enumerators.throttle(restless(), { wait: 1, throttleOn })
    expect(await entriesOf(walk)).toEqual([new Tick(1), new Throttled(7)])
    expect(await walk.size?.()).toBeNull()
  })

  it('ends the walk within when it is left', async () => {
    let ended = false
    async function* fetching() {
      try {
        yield [1, 1] as const
        yield [2, 2] as const
      } finally {
        ended = true
      }
    }
    const throttleOn = (item: number) => item === 2
    await untilThrottled(enumerators.throttle(fetching(), { wait: 1, throttleOn }))
    expect(ended).toBe(true)
  })

  it('J151 refuses what is no enumerator', () => {
    expect(() =>
      enumerators.throttle([1, 2] as never, { wait: 1, throttleOn: () => true }),
    ).toThrow('enumerators.throttle got a Array; expected an enumerator')
  })

  it.each(['soon', -1, Number.NaN])('refuses the wait %s', async (wait) => {
    const throttleOn = () => true
    const code = { code: 'invalid_options' }
    expect(() => enumerators.throttle(three(), { wait, throttleOn })).toThrow(
      expect.objectContaining(code),
    )
    const late = enumerators.throttle(three(), { wait: () => wait, throttleOn })
    await expect(entriesOf(late)).rejects.toMatchObject(code)
  })
})
