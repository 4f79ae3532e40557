import { describe, expect, expectTypeOf, it } from 'vitest'
import { enumerators, Throttled, Tick, type Cursor } from '../../../src/engine/index.ts'
import { entriesOf, itemsOf, itemsOneByOne, pairsOf } from '../../support/walks.ts'

type At = { cursor: Cursor | null }

const letters = (at: At) => enumerators.array(['a', 'b'], at)
const nothing = (at: At) => enumerators.array([], at)
const numbers = (at: At) => enumerators.times(3, at)

describe('enumerators.chain', () => {
  it('walks its members in their order, each item with its member in the cursor', async () => {
    const walk = enumerators.chain({ letters, nothing, numbers }, { cursor: null })
    const pairs = await pairsOf(walk)
    expectTypeOf(pairs[0]?.[0]).toEqualTypeOf<string | number | undefined>()
    expect(pairs).toEqual([
      ['a', { member: 'letters', cursor: 0 }],
      ['b', { member: 'letters', cursor: 1 }],
      [0, { member: 'numbers', cursor: 0 }],
      [1, { member: 'numbers', cursor: 1 }],
      [2, { member: 'numbers', cursor: 2 }],
    ])
    expect(await walk.size?.()).toBe(5)
  })

  it('goes on after any cursor, and gives each item once when it is stopped after every one', async () => {
    const walk = (at: At) => enumerators.chain({ letters, nothing, numbers }, at)
    const pairs = await pairsOf(walk({ cursor: null }))
    for (const [index, [, cursor]] of pairs.entries()) {
      expect(await pairsOf(walk({ cursor }))).toEqual(pairs.slice(index + 1))
    }
    expect(await itemsOneByOne(walk)).toEqual(['a', 'b', 0, 1, 2])
  })

  it('never builds a member again that is done', async () => {
    const built: string[] = []
    const member = (name: string) => (at: At) => {
      built.push(name)
      return enumerators.once(at)
    }
    const walk = (at: At) => enumerators.chain({ a: member('a'), b: member('b') }, at)
    const entries = await entriesOf(walk({ cursor: null }))
    expect(entries[1]).toEqual(new Tick({ member: 'b', cursor: null }))
    built.length = 0
    expect(await itemsOf(walk({ cursor: { member: 'b', cursor: null } }))).toEqual([0])
    expect(built).toEqual(['b'])
  })

  it('keeps its place when a deploy inserts members, or puts them in another order', async () => {
    const cursor = { member: 'numbers', cursor: 0 }
    const inserted = { nothing, more: letters, numbers, letters }
    expect(await itemsOf(enumerators.chain(inserted, { cursor }))).toEqual([1, 2, 'a', 'b'])
  })

  it('passes on ticks and throttles', async () => {
    async function* restless() {
      yield new Tick<number>()
      yield new Tick(4)
      yield new Throttled(9)
    }
    expect(await entriesOf(enumerators.chain({ restless }, { cursor: null }))).toEqual([
      new Tick(),
      new Tick({ member: 'restless', cursor: 4 }),
      new Throttled(9),
    ])
  })

  it('knows no size when a member knows none', async () => {
    async function* endless() {
      yield [1, 1] as const
    }
    const walk = enumerators.chain({ letters, endless }, { cursor: null })
    expect(await walk.size?.()).toBeNull()
  })

  it('refuses members that are no functions, or whose names an object would put first', () => {
    expect(() => enumerators.chain({ a: [1] as never }, { cursor: null })).toThrow(
      `enumerators.chain got a Array named 'a'; expected functions`,
    )
    expect(() => enumerators.chain({ letters, 7: numbers }, { cursor: null })).toThrow(`named '7'`)
  })

  it('refuses a member that builds no enumerator', async () => {
    const walk = enumerators.chain({ a: () => [1] as never }, { cursor: null })
    await expect(itemsOf(walk)).rejects.toThrow('enumerators.chain got a Array; expected')
  })

  it.each([[{ member: 'gone', cursor: 1 }], [{ member: 'toString', cursor: 1 }], [1], ['letters']])(
    'refuses the cursor %j',
    (cursor) => {
      expect(() => enumerators.chain({ letters, numbers }, { cursor })).toThrow(
        expect.objectContaining({
          code: 'invalid_cursor',
          message: expect.stringContaining('one of the members letters, numbers'),
        }),
      )
    },
  )
})
