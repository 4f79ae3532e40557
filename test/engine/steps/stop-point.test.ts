import { describe, expect, it } from 'vitest'
import type { Cursor } from '../../../src/engine/index.ts'
import {
  hasReached,
  parseStopPoint,
  pathTo,
  stopPointForms,
} from '../../../src/engine/steps/stop-point.ts'

describe('a place to stop at', () => {
  it.each([
    ['order:500', 'order', ['500']],
    ['customer:42', 'customer/order', ['42']],
    ['customer:42/order:18', 'customer/order', ['42', '18']],
    ['region:5/store:12/product:47', 'region/store/product', ['5', '12', '47']],
    ['file:imports/a:b.csv', 'file', ['imports/a:b.csv']],
    ['folder:a/file:b/c', 'folder/file', ['a', 'b/c']],
  ])('%s is read by a job of unit %s', (at, unit, place) => {
    expect(parseStopPoint(at, unit)).toEqual(place)
  })

  it.each([
    ['order:', 'order'],
    ['order', 'order'],
    ['batch:3', 'order'],
    ['order:18', 'customer/order'],
    ['customer:42/', 'customer/order'],
    ['customer:/order:18', 'customer/order'],
    ['customer:42/order:', 'customer/order'],
    ['customer:42/batch:1', 'customer/order'],
    ['customer:42/18', 'customer/order'],
  ])('%s is refused by a job of unit %s', (at, unit) => {
    expect(parseStopPoint(at, unit)).toBeUndefined()
  })

  it('names its forms', () => {
    expect(stopPointForms('order')).toBe("'order:VALUE'")
    expect(stopPointForms('customer/order')).toBe(
      "'customer:VALUE' or 'customer:VALUE/order:VALUE'",
    )
  })
})

describe('where a run is', () => {
  it('is the cursor of its step and of each step within, as far as they have one', () => {
    expect(pathTo(undefined)).toEqual([])
    expect(pathTo({ step: 'load', cursor: null })).toEqual([])
    expect(
      pathTo({
        step: 'customers',
        cursor: '42',
        nested: { completed: ['load'], current: { step: 'orders', cursor: '18' } },
      }),
    ).toEqual([42, 18])
    expect(
      pathTo({
        step: 'customers',
        cursor: '42',
        nested: { completed: [], current: { step: 'load', cursor: null } },
      }),
    ).toEqual([42])
  })

  it('is the item that steps are within, where a walk has come to it and not done it yet', () => {
    const nested = { completed: [], current: { step: 'orders', cursor: '18' }, of: '42' }
    expect(pathTo({ step: 'customers', cursor: '41', nested })).toEqual([42, 18])
    // After those steps the walk's own cursor counts again: its last item.
    expect(
      pathTo({ step: 'customers', cursor: '41', nested: { completed: ['orders'], of: '42' } }),
    ).toEqual([41])
  })

  it('is, for the item of a walk, the steps around it and the item', () => {
    const nested = { completed: [], current: { step: 'orders', cursor: '17' } }
    const position = { step: 'customers', cursor: '42', nested }
    expect(pathTo(position, '18', 1)).toEqual([42, 18])
    expect(pathTo(position, '43', 0)).toEqual([43])
  })

  it('has a level for each of a nested walk, and one for a key of several columns', () => {
    expect(pathTo(undefined, '[{"after":41,"at":42},17]', 0)).toEqual([42, 17])
    expect(pathTo(undefined, '[{"after":4,"at":5},{"after":11,"at":12},[47,"x"]]', 0)).toEqual([
      5, 12, 47,
    ])
    expect(pathTo({ step: 'nested', cursor: '[{"after":41},null]' })).toEqual([])
    expect(pathTo(undefined, '["2026-01-31",7]', 0)).toEqual(['2026-01-31'])
  })
})

describe('a place', () => {
  it('in a file is its line: the last one that is done, or that an item ends with', () => {
    const at = (line: number) =>
      pathTo({ step: 'rows', cursor: JSON.stringify({ byte: 9, line, etag: 'x' }) })
    expect([499, 500, 501, 502].map((line) => hasReached(at(line), ['500']))).toEqual([
      false,
      false,
      true,
      true,
    ])
  })

  it.each<[Cursor[], string[], boolean]>([
    [[], ['42'], false],
    [[41], ['42'], false],
    [[42], ['42'], true],
    [[43], ['42'], true],
    [[42], ['42', '18'], false],
    [[42, 17], ['42', '18'], false],
    [[42, 18], ['42', '18'], true],
    [[41, 50], ['42', '18'], false],
    // Customer 42 has fewer orders: it is past the place.
    [[43], ['42', '18'], true],
    [[43, 1], ['42', '18'], true],
    [['b'], ['a'], false],
    [['a'], ['a'], true],
    [['a', 3], ['a', '2'], true],
    [['b', 3], ['a', '2'], false],
    [[42], ['many'], false],
  ])('at %j, %j is reached: %j', (path, place, reached) => {
    expect(hasReached(path, place)).toBe(reached)
  })
  it('is compared with bigints in order, too', () => {
    expect(hasReached([41n], ['42'])).toBe(false)
    expect(hasReached([42n], ['42'])).toBe(true)
  })
})
