import { describe, expect, it } from 'vitest'
import type { Pair } from '../../../src/engine/enumerators/enumerator.ts'
import { enumerators, type Cursor, type Enumerator } from '../../../src/engine/index.ts'

async function pairs<Item, C extends Cursor>(walk: Enumerator<Item, C>): Promise<Pair<Item, C>[]> {
  const all: Pair<Item, C>[] = []
  for await (const pair of walk) all.push(pair)
  return all
}

describe('enumerators.array', () => {
  const letters = ['a', 'b', 'c']

  it('gives each element with its index, and goes on after any of them', async () => {
    const all = await pairs(enumerators.array(letters, { cursor: null }))
    expect(all).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
    ])
    for (const [position, [, cursor]] of all.entries()) {
      expect(await pairs(enumerators.array(letters, { cursor }))).toEqual(all.slice(position + 1))
    }
  })

  it('B12 has the size of the whole array, also after a resume', async () => {
    expect(await enumerators.array(letters, { cursor: 1 }).size?.()).toBe(3)
  })

  it('refuses what is no array, and a cursor that is no index', () => {
    expect(() => enumerators.array('abc' as never, { cursor: null })).toThrow('expected an array')
    for (const cursor of ['1', -1, 1.5, [0]] as Cursor[]) {
      expect(() => enumerators.array(letters, { cursor })).toThrow(
        expect.objectContaining({ code: 'invalid_cursor' }),
      )
    }
  })
})

describe('enumerators.times and once', () => {
  it('count from 0, and go on after the last number done', async () => {
    expect(await pairs(enumerators.times(3, { cursor: null }))).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ])
    expect(await pairs(enumerators.times(3, { cursor: 1 }))).toEqual([[2, 2]])
    expect(await enumerators.times(3, { cursor: 1 }).size?.()).toBe(3)
    expect(await pairs(enumerators.times(0, { cursor: null }))).toEqual([])
  })

  it('J19 give one element once', async () => {
    expect(await pairs(enumerators.once({ cursor: null }))).toEqual([[0, 0]])
    expect(await pairs(enumerators.once({ cursor: 0 }))).toEqual([])
  })

  it.each([-1, 1.5, Number.NaN, '3'])('refuse %s as a count', (count) => {
    expect(() => enumerators.times(count as number, { cursor: null })).toThrow(
      expect.objectContaining({ code: 'invalid_enumerator' }),
    )
  })
})
