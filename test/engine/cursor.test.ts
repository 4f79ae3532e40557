import { describe, expect, it } from 'vitest'
import { decodeCursor, displayCursor, encodeCursor, MAX_DEPTH } from '../../src/engine/cursor.ts'

describe('I09 a cursor', () => {
  it.each([
    ['null', null],
    ['a boolean', true],
    ['an integer', 347],
    ['a fraction', 1.1],
    ['the largest safe integer', Number.MAX_SAFE_INTEGER],
    ['a string', 'A-1 "quoted" é 🛒'],
    ['a bigint beyond 2^53', 9_007_199_254_740_993n],
    ['a Date', new Date('2026-02-02T10:23:45.678Z')],
    ['an array', [42, 'x', [null, 7n]]],
    ['an object', { region: 5, since: new Date(0), nested: { id: 10n } }],
    [
      'an object with keys that look like the codec’s own',
      { $date: 'no date', $object: { $bigint: 1 } },
    ],
    ['an empty array and object', [[], {}]],
  ])('J59 P13 comes back as it was set: %s', (_what, cursor) => {
    expect(decodeCursor(encodeCursor(cursor))).toEqual(cursor)
  })

  it('is plain JSON where JSON can hold it', () => {
    expect(encodeCursor([1, 'a', null, true])).toBe('[1,"a",null,true]')
  })

  it.each([
    [undefined, 'cursor is undefined'],
    [Number.NaN, 'cursor is NaN'],
    [Infinity, 'cursor is Infinity'],
    [-0, 'cursor is -0'],
    [{ page: { size: undefined } }, 'cursor.page.size is undefined'],
    [[1, [2, Number.NaN]], 'cursor[1][1] is NaN'],
    [new Map([['a', 1]]), 'cursor is a Map'],
    [{ when: new Date(Number.NaN) }, 'cursor.when is an invalid Date'],
    [() => 1, 'cursor is a function'],
    [Symbol('s'), 'cursor is Symbol(s)'],
    [new URL('http://a.test'), 'cursor is a URL'],
    // eslint-disable-next-line no-sparse-arrays -- a hole is what is refused
    [[1, , 3], 'cursor[1] is undefined'],
    [Object.assign(Object.create(null), { [Symbol('x')]: 1 }), 'symbol keys'],
  ])(
    'J55 J56 J58 B04 is refused where it is set, with the path of the bad value: %o',
    (cursor, message) => {
      expect(() => encodeCursor(cursor)).toThrow(
        expect.objectContaining({
          code: 'invalid_cursor',
          message: expect.stringContaining(message),
        }),
      )
    },
  )

  it('is refused when a string holds half a surrogate pair', () => {
    expect(() => encodeCursor(['\ud800'])).toThrow(
      'cursor[0] is a string with half a surrogate pair',
    )
  })

  it('is refused when it contains itself', () => {
    const ring: Record<string, unknown> = {}
    ring['self'] = ring
    expect(() => encodeCursor(ring)).toThrow('cursor.self is part of a cycle')
  })

  it.each([
    ['arrays', (inner: unknown) => [inner]],
    ['objects', (inner: unknown) => ({ next: inner })],
    ['objects whose keys need a wrapper', (inner: unknown) => ({ $next: inner })],
  ])('F29 A15 is refused when %s lie too deep in each other, and kept when not', (_what, wrap) => {
    const nested = (depth: number) => {
      let value: unknown = 7
      for (let level = 0; level < depth; level++) value = wrap(value)
      return value
    }
    expect(decodeCursor(encodeCursor(nested(MAX_DEPTH)))).toEqual(nested(MAX_DEPTH))
    for (const depth of [MAX_DEPTH + 1, 1_000, 30_000]) {
      const purposes = [
        'invalid_cursor',
        'invalid_result',
        'invalid_attribute',
        'invalid_params',
      ] as const
      for (const purpose of purposes) {
        let error: unknown
        try {
          encodeCursor(nested(depth), purpose)
        } catch (thrown) {
          error = thrown
        }
        expect(error).toMatchObject({
          code: purpose,
          message: expect.stringContaining('is nested deeper than 100 levels'),
        })
        expect((error as Error).message.length).toBeLessThan(400)
      }
    }
  })

  it('names the place of a bad value shortly, however long the names there are', () => {
    expect(() => encodeCursor({ ['x'.repeat(50_000)]: undefined })).toThrow(/^.{100,400}$/)
  })

  it('is refused when a key holds half a surrogate pair', () => {
    expect(() => encodeCursor({ '\ud800': 1 })).toThrow('half a surrogate pair in a key')
  })

  it('B08 is refused when it is too long to be written with every commit', () => {
    expect(() => encodeCursor('x'.repeat(40_000))).toThrow('expected at most 32768')
  })

  it.each<[string, unknown]>([
    ['beside other keys', { $date: 'harmless', amount: 1_000_000, to: 'mallory' }],
    ['further down', { a: { $bigint: '1', b: 2 } }],
    ['alone', { $date: 'harmless' }],
    ['within each other', { $object: { $date: { $bigint: { $object: [] } } } }],
    ['beside real ones', [{ $date: '2026-01-01' }]],
  ])('A14 H53 is shown with the keys of its own that look like the codec’s: %s', (_what, value) => {
    expect(displayCursor(encodeCursor(value))).toEqual(value)
  })

  it('J109 is shown with Dates in ISO 8601 and bigints as digits', () => {
    const stored = encodeCursor([new Date('2026-02-02T10:23:45Z'), 12n, { $a: 1 }])
    expect(displayCursor(stored)).toEqual(['2026-02-02T10:23:45.000Z', '12', { $a: 1 }])
  })
})
