import { describe, expect, expectTypeOf, it } from 'vitest'
import { enumerators, Throttled, Tick, type Cursor, type Walk } from '../../../src/engine/index.ts'
import { entriesOf, itemsOf, itemsOneByOne, pairsOf } from '../../support/walks.ts'

interface Product {
  id: number
  comments: number[]
}

/** Walks rows by their id, as `records` does: also those inserted while it is under way. */
async function* byId<Row extends { id: number }>(
  rows: readonly Row[],
  after: Cursor | null,
): AsyncGenerator<readonly [Row, number]> {
  let last = Number(after ?? 0)
  for (;;) {
    const next = rows.filter(({ id }) => id > last).sort((a, b) => a.id - b.id)[0]
    if (!next) return
    yield [next, next.id]
    last = next.id
  }
}

function products(): Product[] {
  return [
    { id: 1, comments: [1] },
    { id: 2, comments: [2, 3] },
    { id: 3, comments: [4, 5, 6] },
  ]
}

function comments(of: readonly Product[], cursor: Cursor | null = null) {
  return enumerators.nested(
    [
      (at) => byId(of, at.cursor),
      (at, product) =>
        byId(
          product.comments.map((id) => ({ id, product: product.id })),
          at.cursor,
        ),
    ],
    { cursor },
  )
}

describe('enumerators.nested', () => {
  it('J139 gives the innermost items with the cursors of all levels', async () => {
    const pairs = await pairsOf(comments(products()))
    expectTypeOf(pairs[0]?.[0]).toEqualTypeOf<{ id: number; product: number } | undefined>()
    expect(pairs.map(([{ id }, cursor]) => [id, cursor])).toEqual([
      [1, [{ after: null, at: 1 }, 1]],
      [2, [{ after: 1, at: 2 }, 2]],
      [3, [{ after: 1, at: 2 }, 3]],
      [4, [{ after: 2, at: 3 }, 4]],
      [5, [{ after: 2, at: 3 }, 5]],
      [6, [{ after: 2, at: 3 }, 6]],
    ])
  })

  it('J140 goes on after any cursor', async () => {
    const pairs = await pairsOf(comments(products()))
    for (const [index, [, cursor]] of pairs.entries()) {
      expect(await pairsOf(comments(products(), cursor))).toEqual(pairs.slice(index + 1))
    }
  })

  it('P01 stopped after every single item it still makes progress, to any depth', async () => {
    const two = (at: { cursor: Cursor | null }) => enumerators.array(['a', 'b'], at)
    const walk = (at: { cursor: Cursor | null }) =>
      enumerators.nested(
        [
          two,
          (inner) => enumerators.times(3, inner),
          two,
          (inner, one, number, letter) =>
            enumerators.array(number === 1 ? [] : [`${one}${number}${letter}`], inner),
        ],
        at,
      )
    const expected = ['a0a', 'a0b', 'a2a', 'a2b', 'b0a', 'b0b', 'b2a', 'b2b']
    expect(await itemsOf(walk({ cursor: null }))).toEqual(expected)
    expect(await itemsOneByOne(walk)).toEqual(expected)
  })

  it('walks more levels than have types of their own', async () => {
    const levels = Array.from(
      { length: 6 },
      () => (at: { cursor: Cursor | null }) => enumerators.times(2, at),
    )
    const walk = (at: { cursor: Cursor | null }) => enumerators.nested<number>(levels, at)
    expect(await itemsOf(walk({ cursor: null }))).toHaveLength(64)
    expect(await itemsOneByOne(walk)).toHaveLength(64)
  })

  it('J142 works with a single level and cursors of one entry', async () => {
    const walk = (cursor: Cursor | null) =>
      enumerators.nested([(at) => enumerators.times(3, at)], { cursor })
    expect(await pairsOf(walk(null))).toEqual([
      [0, [0]],
      [1, [1]],
      [2, [2]],
    ])
    expect(await itemsOf(walk([1]))).toEqual([2])
  })

  it('J187 B05 starts the next outer item from its beginning when the current one has become empty', async () => {
    const walk = (middles: readonly number[][], cursor: Cursor | null) =>
      enumerators.nested(
        [
          (at) => enumerators.array(middles, at),
          (at, middle) => enumerators.array(middle, at),
          (at, _middle, number) => enumerators.array([number, number + 0.5], at),
        ],
        { cursor },
      )
    const first = [[10], [20, 30]]
    const [pair] = await pairsOf(walk(first, null))
    expect(pair?.[1]).toEqual([{ after: null, at: 0 }, { after: null, at: 0 }, 0])
    expect(await itemsOf(walk(first, pair?.[1] ?? null))).toEqual([10.5, 20, 20.5, 30, 30.5])
    expect(await itemsOf(walk([[], [20, 30]], pair?.[1] ?? null))).toEqual([20, 20.5, 30, 30.5])
  })

  it('J188 B05 does not apply the inner cursor to an item inserted before the current one', async () => {
    const before = [
      { id: 10, comments: [1, 2, 3] },
      { id: 20, comments: [4] },
    ]
    const [, [, cursor]] = (await pairsOf(comments(before))) as [unknown, [unknown, Cursor]]
    const after = [...before, { id: 5, comments: [1, 2, 9] }]
    // The new one whole, and then the current one from where it was left.
    expect(await seenOf(comments(after, cursor))).toEqual(['5/1', '5/2', '5/9', '10/3', '20/4'])
  })

  it('J188 gives each item once when outer items are inserted before the current one again and again', async () => {
    const rows = [{ id: 50, comments: [1, 2, 3, 4] }]
    const found = await itemsOneByOne(
      ({ cursor }) => comments(rows, cursor),
      (items) => {
        if (items.length <= 3) rows.push({ id: 50 - items.length * 10, comments: [1, 2] })
      },
    )
    const seen = found.map(({ product, id }) => `${product}/${id}`)
    expect(seen.sort()).toEqual(
      ['20/1', '20/2', '30/1', '30/2', '40/1', '40/2', '50/1', '50/2', '50/3', '50/4'].sort(),
    )
  })

  it('does not apply the inner cursor to the item after one that is gone', async () => {
    const rows = products()
    const cursor = (await pairsOf(comments(rows)))[1]?.[1] ?? null
    const rest = rows.filter(({ id }) => id !== 2)
    expect(await seenOf(comments(rest, cursor))).toEqual(['3/4', '3/5', '3/6'])
  })

  it('keeps a cursor of bounded length while outer items are deleted as soon as they are begun', async () => {
    const rows = Array.from({ length: 40 }, (_, index) => ({ id: index + 1, comments: [1, 2] }))
    const sizes: number[] = []
    let cursor: Cursor | null = null
    while (rows.length > 0) {
      const pairs: readonly (readonly [unknown, Cursor, number?])[] = await pairsOf(
        comments(rows, cursor),
      )
      cursor = pairs[0]?.[1] ?? null
      sizes.push(JSON.stringify(cursor).length)
      rows.shift()
    }
    expect(sizes).toHaveLength(40)
    expect(Math.max(...sizes.slice(20)) - Math.min(...sizes.slice(20))).toBeLessThan(10)
  })

  it('offers a stop, and passes for good, at every outer item that has no inner ones', async () => {
    const rows = [
      { id: 1, comments: [] },
      { id: 2, comments: [] },
      { id: 3, comments: [7] },
    ]
    const entries = await entriesOf(comments(rows))
    expect(entries).toEqual([
      new Tick([{ after: 1 }, null]),
      new Tick([{ after: 2 }, null]),
      [{ id: 7, product: 3 }, [{ after: 2, at: 3 }, 7]],
    ])
    for (const [index, entry] of entries.entries()) {
      const cursor = entry instanceof Tick ? (entry.cursor ?? null) : null
      if (cursor === null) continue
      expect(await entriesOf(comments(rows, cursor))).toEqual(entries.slice(index + 1))
    }
  })

  it('passes on the ticks and throttles of every level, with the cursor of all levels', async () => {
    async function* restless(at: { cursor: Cursor | null }, outer = 0) {
      yield new Tick<number>()
      yield new Throttled(5 + outer)
      if (at.cursor === null) yield new Tick(1)
      if (at.cursor !== 2) yield [2, 2] as const
    }
    const walk = (cursor: Cursor | null) => enumerators.nested([restless, restless], { cursor })
    expect(await entriesOf(walk(null))).toEqual([
      new Tick(),
      new Throttled(5),
      new Tick([{ after: 1 }, null]),
      new Tick(),
      new Throttled(7),
      new Tick([{ after: 1, at: 2 }, 1]),
      [2, [{ after: 1, at: 2 }, 2]],
    ])
    expect(await pairsOf(walk([{ after: 1 }, null]))).toEqual([[2, [{ after: 1, at: 2 }, 2]]])
  })

  it('gives out the items before the one at which an inner walk breaks', async () => {
    async function* breaking(): AsyncGenerator<readonly [number, number]> {
      yield [1, 1]
      throw new Error('broken')
    }
    const seen: number[] = []
    const walk = async () => {
      const levels = [(at: { cursor: Cursor | null }) => enumerators.once(at), breaking] as const
      for await (const [item] of enumerators.nested<number>(levels, { cursor: null }))
        seen.push(item)
    }
    await expect(walk()).rejects.toThrow('broken')
    expect(seen).toEqual([1])
  })

  it('J136 refuses a level that is no function, and no levels at all', () => {
    for (const [levels, found] of [
      [[() => enumerators.times(1, { cursor: null }), [1, 2]], 'a Array as level 2'],
      [[], 'no levels'],
      ['levels', 'no levels'],
    ] as const) {
      expect(() => enumerators.nested(levels as never, { cursor: null })).toThrow(
        `enumerators.nested got ${found}; expected functions that each build an enumerator`,
      )
    }
  })

  it.each([[[1]], [[{ after: 1, at: 2 }, 1, 1]], [[1, 1]], [['a', 1]], [5], [{ after: 1 }]])(
    'J137 refuses the cursor %j for two levels',
    (cursor) => {
      expect(() => comments(products(), cursor)).toThrow(
        expect.objectContaining({
          code: 'invalid_cursor',
          message: expect.stringContaining('with one entry for each of the 2 levels'),
        }),
      )
    },
  )

  it('refuses a level that builds no enumerator, and outer items that no cursor tells apart', async () => {
    const noWalk = enumerators.nested([() => [1, 2] as unknown as Walk<number>], { cursor: null })
    await expect(itemsOf(noWalk)).rejects.toThrow('enumerators.nested got a Array; expected')
    async function* garbage() {
      yield 5 as unknown as readonly [number, number]
    }
    for (const levels of [[garbage], [garbage, garbage]])
      await expect(itemsOf(enumerators.nested(levels, { cursor: null }))).rejects.toThrow(
        'An enumerator yielded 5; expected a pair [item, cursor]',
      )
    async function* nameless() {
      yield ['job', null] as const
    }
    const outer = enumerators.nested([nameless, (at) => enumerators.once(at)], { cursor: null })
    await expect(itemsOf(outer)).rejects.toThrow('expected a cursor that tells the items apart')
  })
})

async function seenOf(walk: Walk<{ id: number; product: number }>): Promise<string[]> {
  return (await itemsOf(walk)).map(({ product, id }) => `${product}/${id}`)
}
