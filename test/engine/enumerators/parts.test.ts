import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  enumerators,
  Throttled,
  type BatchRange,
  type Cursor,
  type RecordQuery,
} from '../../../src/engine/index.ts'
import { enumeratorsOf } from '../../../src/engine/enumerators/index.ts'
import { buildPart, cut, itemsInParts, partsOf } from '../../support/parts.ts'
import { itemsOf, itemsOneByOne, type Build } from '../../support/walks.ts'

interface Visit {
  day: string
  id: number
}

const visits = (order: 'asc' | 'desc' = 'asc'): RecordQuery<Visit> => ({
  sql: 'SELECT day, id FROM part_visits',
  by: ['day', 'id'],
  order,
})

/** Builds a walk, and flattens what it meets into what is to be met once. */
interface Shape {
  build: Build<unknown, Cursor>
  flat: (items: readonly unknown[]) => unknown[] | Promise<unknown[]>
}

const flat = (items: readonly unknown[]) => items.flat()

async function rowsOf(ranges: readonly unknown[]) {
  const found: unknown[] = []
  for (const { keys, params } of ranges as readonly BatchRange[]) {
    const { results } = await env.DB.prepare(keys)
      .bind(...params)
      .all()
    found.push(...results)
  }
  return found
}

const days = { sql: 'SELECT day FROM part_visits', by: 'day' }
const shape = (
  walk: (at: { cursor: Cursor | null }) => unknown,
  flatten: Shape['flat'] = flat,
) => ({
  build: walk as Build<unknown, Cursor>,
  flat: flatten,
})

const SHAPES: Record<string, Shape> = {
  times: shape((at) => enumerators.times(41, at)),
  array: shape((at) => enumerators.array(Array.from('resumable jobs'), at)),
  'a throttled walk': shape((at) =>
    enumerators.throttle(enumerators.times(9, at), { wait: 1, throttleOn: () => false }),
  ),
  records: shape((at) => enumerators.records(env.DB, visits(), { ...at, pageSize: 4 })),
  'records downwards': shape((at) => enumerators.records(env.DB, visits('desc'), at)),
  'batches of 3': shape((at) => enumerators.batches(env.DB, visits(), { ...at, batchSize: 3 })),
  'batches downwards': shape((at) =>
    enumerators.batches(env.DB, visits('desc'), { ...at, batchSize: 4 }),
  ),
  'ranges of 3': shape(
    (at) => enumerators.batchRanges(env.DB, visits(), { ...at, batchSize: 3 }),
    rowsOf,
  ),
  'ranges of equal keys': shape(
    (at) => enumerators.batchRanges(env.DB, days, { ...at, batchSize: 2 }),
    rowsOf,
  ),
}

beforeAll(async () => {
  await env.DB.batch([
    env.DB.prepare('CREATE TABLE part_visits (id INTEGER, day TEXT)'),
    env.DB.prepare('CREATE INDEX part_visits_by_day ON part_visits (day, id)'),
    env.DB.prepare(
      `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 29)
       INSERT INTO part_visits SELECT i, '2026-01-0' || (i / 8 + 1) FROM n`,
    ),
  ])
})

describe.each(Object.entries(SHAPES))('The parts of %s', (_, { build, flat: flatten }) => {
  it.each([1, 2, 3, 8, 100])(
    'together meet each item once, in order: cut into %s',
    async (count) => {
      const whole = await flatten(await itemsOf(build({ cursor: null })))
      const parts = await itemsInParts(build, count)
      expect(await flatten(parts.flat())).toEqual(whole)
      expect(parts.length).toBeLessThanOrEqual(count)
      expect(parts.filter((items) => items.length === 0)).toEqual([])
    },
  )

  it('also where each is resumed after each of its items', async () => {
    const found: unknown[] = []
    for (const part of await cut(build, 3))
      found.push(...(await itemsOneByOne(buildPart(build, part))))
    expect(await flatten(found)).toEqual(await flatten(await itemsOf(build({ cursor: null }))))
  })

  it('can be cut again, and have the size of the whole walk', async () => {
    const [first, second] = await cut(build, 2)
    const again = await cut((at) => buildPart(build, first as never)(at), 2)
    const pieces = [...again.slice(0, -1), { ...again.at(-1), last: first?.last }, second]
    const found: unknown[] = []
    for (const piece of pieces)
      found.push(...(await itemsOf(buildPart(build, piece as never)({ cursor: null }))))
    expect(await flatten(found)).toEqual(await flatten(await itemsOf(build({ cursor: null }))))
    const part = buildPart(build, first as never)({ cursor: null })
    expect(await part.size?.()).toBe(await build({ cursor: null }).size?.())
  })

  it('end within one another', async () => {
    const [one, two] = await partsOf(build({ cursor: null })).cut(3)
    const inner = partsOf(build({ cursor: null })).until(one as Cursor)
    const both = partsOf(inner).until(two as Cursor)
    expect(await itemsOf(both)).toEqual(await itemsOf(inner))
  })
})

describe('times and arrays', () => {
  it('are cut into parts that differ by one item at most', async () => {
    const lengths = async (count: number, items: number) =>
      (await itemsInParts((at) => enumerators.times(items, at), count)).map(({ length }) => length)
    expect(await lengths(4, 10)).toEqual([2, 3, 2, 3])
    expect(await lengths(4, 3)).toEqual([1, 1, 1])
    expect(await lengths(4, 0)).toEqual([0])
    expect(await partsOf(enumerators.times(10, { cursor: 5 })).cut(2)).toEqual([7])
  })

  it('end where they do, whatever comes after it', async () => {
    const part = partsOf(enumerators.times(3, { cursor: null })).until(99)
    expect(await itemsOf(part)).toEqual([0, 1, 2])
  })

  it.each([null, -1, 1.5, 'x'])('refuse to end with %s', (last) => {
    for (const walk of [
      enumerators.times(3, { cursor: null }),
      enumerators.array([1], { cursor: null }),
    ])
      expect(() => partsOf(walk).until(last as never)).toThrow(
        expect.objectContaining({ code: 'invalid_cursor' }),
      )
  })
})

describe('The parts of the enumerators of a context', () => {
  it('are walked by hand as the whole is', async () => {
    const stands: Throttled[] = []
    const context = enumeratorsOf(
      async (mark) => {
        stands.push(mark)
        throw new Error('stands')
      },
      () => undefined,
    )
    const throttled = context.throttle(context.times(9, { cursor: null }), {
      wait: 7,
      throttleOn: (item) => item === 2,
    })
    const seen: number[] = []
    const walk = async () => {
      for await (const [item] of partsOf(throttled).until(5)) seen.push(item)
    }
    await expect(walk()).rejects.toThrow('stands')
    expect([seen, stands]).toEqual([[0, 1], [new Throttled(7)]])
    expect(await partsOf(throttled).cut(3)).toEqual([2, 5])
  })

  it('are none of a walk that has none', () => {
    const walk = { async *[Symbol.asyncIterator]() {} }
    expect(enumerators.throttle(walk, { wait: 1, throttleOn: () => false }).parts).toBeUndefined()
    expect(enumerators.chain({}, { cursor: null }).parts).toBeUndefined()
  })
})
