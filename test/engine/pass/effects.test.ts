import { describe, expect, it } from 'vitest'
import { setStatement } from '../../../src/engine/job/effects.ts'
import { PendingEffects } from '../../../src/engine/pass/pending-effects.ts'
import { MAX_PARAMETER_BYTES } from '../../../src/engine/statement.ts'

const insert = setStatement<{ id: number }>(
  `INSERT INTO t SELECT value ->> 'id' FROM json_each(?1)`,
)
const update = setStatement<{ id: number }>(
  `UPDATE t SET x = ?2 WHERE id IN (SELECT value FROM json_each(?1))`,
  'x',
)

describe('pending effects', () => {
  it('bind all rows of a statement as one JSON parameter', () => {
    const pending = new PendingEffects()
    pending.add(insert, { id: 1 })
    pending.add(insert, { id: 2 })
    pending.add(update, { id: 1 })
    pending.run('DELETE FROM u WHERE id = ?', [7])
    expect(pending.take()).toEqual([
      { sql: insert.sqls[0], params: ['[{"id":1},{"id":2}]'] },
      { sql: update.sqls[0], params: ['[{"id":1}]', 'x'] },
      { sql: 'DELETE FROM u WHERE id = ?', params: [7] },
    ])
    expect(pending.empty).toBe(true)
  })

  it('run several statements over the same rows, encoded once', () => {
    const both = setStatement<number>([
      'INSERT INTO t SELECT value FROM json_each(?1)',
      'DELETE FROM u WHERE id IN (SELECT value FROM json_each(?1))',
    ])
    const pending = new PendingEffects()
    pending.add(both, 1)
    pending.add(both, 2)
    expect(pending.take()).toEqual(both.sqls.map((sql) => ({ sql, params: ['[1,2]'] })))
  })

  it('keep each row as it was when it was added, however deep', () => {
    const pending = new PendingEffects()
    const row = { id: 1, inside: { list: [1] } }
    const flat = { id: 7 }
    pending.add(insert, row)
    pending.add(insert, flat)
    flat.id = 8
    row.inside.list.push(2)
    expect(pending.take()[0]?.params).toEqual(['[{"id":1,"inside":{"list":[1]}},{"id":7}]'])
  })

  it.each([
    [{ id: NaN }, 'id NaN'],
    [{ id: 1, deep: [{ x: Infinity }] }, 'x Infinity'],
    [undefined, 'undefined'],
    [NaN, 'the value NaN'],
  ])('refuse %j, which JSON would write as null or not at all', (row, found) => {
    const pending = new PendingEffects()
    expect(() => pending.add(insert, row)).toThrow(found)
    expect(pending.empty).toBe(true)
  })

  it('refuse a row that fits no parameter, when it is added', () => {
    const pending = new PendingEffects()
    expect(() => pending.add(insert, { id: 1, text: 'x'.repeat(MAX_PARAMETER_BYTES) })).toThrow(
      'at most 2000000 bytes',
    )
  })

  it('write a Date as JSON does, and leave out what is undefined', () => {
    const pending = new PendingEffects()
    pending.add(insert, { id: 1, at: new Date(0), none: undefined })
    pending.add(insert, { id: 2, none: undefined })
    expect(pending.take()[0]?.params).toEqual([
      '[{"id":1,"at":"1970-01-01T00:00:00.000Z"},{"id":2}]',
    ])
  })

  it('split rows that exceed 2 MB, counted in bytes of UTF-8', () => {
    const pending = new PendingEffects()
    const wide = setStatement<string>('INSERT INTO t SELECT value FROM json_each(?1)')
    for (let row = 0; row < 10; row++) pending.add(wide, '漢'.repeat(130_000))
    const sizes = pending
      .take()
      .map(({ params }) => new TextEncoder().encode(params[0] as string).length)
    expect(sizes.length).toBeGreaterThan(1)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_PARAMETER_BYTES)
  })

  it('take back what was added since the mark, and nothing else', () => {
    const pending = new PendingEffects()
    pending.add(insert, { id: 1 })
    pending.mark()
    pending.add(insert, { id: 2 })
    pending.add(update, { id: 2 })
    pending.run('DELETE FROM u', [])
    pending.rollback()
    pending.add(update, { id: 3 })
    expect(pending.take()).toEqual([
      { sql: insert.sqls[0], params: ['[{"id":1}]'] },
      { sql: update.sqls[0], params: ['[{"id":3}]', 'x'] },
    ])
  })

  it.each<[string, unknown, string]>([
    ['an ArrayBuffer', new ArrayBuffer(3), 'v a ArrayBuffer'],
    ['a view of one', new Uint8Array(3), 'v a Uint8Array'],
    ['a Map', new Map([[1, 1]]), 'v a Map'],
    ['a Set', new Set([1]), 'v a Set'],
    ['a function', () => 1, 'v a function'],
    ['a symbol', Symbol('a'), 'v Symbol(a)'],
    ['a bigint', 1n, 'v 1n'],
    ['an error', new Error('no'), 'v a Error'],
    ['a number in a box', new Number(1), 'v a Number'],
    ['an instance of a class', new Headers(), 'v a Headers'],
    ['an invalid Date', new Date(NaN), 'v an invalid Date'],
    ['half an emoji', 'Bob 🐢'.slice(0, 5), 'v a string with half a surrogate pair'],
    ['half an emoji deep inside', [{ a: ['🐢'.slice(1)] }], 'v[0].a[0] a string with half'],
    ['half an emoji in a key', { ['🐢'.slice(1)]: 1 }, 'v an object with half a surrogate pair'],
    ['undefined in an array', [1, undefined], 'v[1] undefined'],
    // eslint-disable-next-line no-sparse-arrays -- that is the case
    ['a hole in an array', [1, , 2], 'v[1] undefined'],
    ['an array with keys of its own', Object.assign([1], { more: 1 }), 'v an array with keys'],
    ['symbol keys', { [Symbol('a')]: 1 }, 'v an object with symbol keys'],
    ['what toJSON makes', { toJSON: () => new Map() }, 'v a Map'],
  ])('F16 refuse %s, with its path', (_name, v, found) => {
    const pending = new PendingEffects()
    const add = () => pending.add(insert, { k: 1, v })
    expect(add).toThrow(expect.objectContaining({ code: 'invalid_effect' }))
    expect(add).toThrow(`Effect row has ${found}`)
    expect(pending.empty).toBe(true)
  })

  it('F16 refuse a row that holds itself, or is deeper than SQLite reads', () => {
    const pending = new PendingEffects()
    const round: { inside: unknown[] } = { inside: [] }
    round.inside.push(round)
    expect(() => pending.add(insert, round)).toThrow('has inside[0] part of a cycle')
    let deep: unknown = 1
    for (let level = 0; level < 1_000; level++) deep = [deep]
    expect(() => pending.add(insert, deep)).toThrow('more than 900 levels deep')
  })

  it('take what toJSON gives, keys of any name, and objects without a prototype', () => {
    const pending = new PendingEffects()
    pending.add(insert, { url: new URL('https://example.com/a') })
    pending.add(insert, JSON.parse('{"__proto__":1,"toString":2}'))
    pending.add(insert, Object.assign(Object.create(null) as object, { a: [{ b: 1 }] }))
    pending.add(insert, { a: 1, b: { none: undefined } })
    expect(pending.take()[0]?.params).toEqual([
      '[{"url":"https://example.com/a"},{"__proto__":1,"toString":2},{"a":[{"b":1}]},{"a":1,"b":{}}]',
    ])
  })

  it('A16 count parameters, and refuse what no parameter or commit can hold', () => {
    const pending = new PendingEffects()
    pending.run('SELECT ?, ?', [new ArrayBuffer(1_000_000), 'x'.repeat(500_000)])
    expect(pending.characters).toBeGreaterThan(1_500_000)
    const tooLarge = expect.objectContaining({ code: 'effect_too_large' })
    expect(() => pending.run('SELECT ?', [new ArrayBuffer(2_000_001)])).toThrow(tooLarge)
    expect(() => pending.run('SELECT ?', ['漢'.repeat(700_000)])).toThrow('has 2100000 bytes')
    for (let count = 0; count < 7; count++) pending.run('SELECT ?', [new ArrayBuffer(2_000_000)])
    expect(() => pending.run('SELECT ?', [new ArrayBuffer(2_000_000)])).toThrow(tooLarge)
  })

  it('keep a buffer as it was when it was added', () => {
    const pending = new PendingEffects()
    const bytes = new Uint8Array([1, 2])
    pending.run('SELECT ?', [bytes.buffer])
    bytes[0] = 9
    expect(pending.take()[0]?.params).toEqual([new Uint8Array([1, 2]).buffer])
  })

  it('refuse what D1 could not take, where it is added', () => {
    const pending = new PendingEffects()
    const wide = setStatement<string>('INSERT INTO t SELECT value FROM json_each(?1)')
    expect(() => pending.add(wide, 'x'.repeat(2_000_001))).toThrow(
      expect.objectContaining({ code: 'effect_too_large' }),
    )
    expect(() => pending.add(wide, undefined as unknown as string)).toThrow(
      expect.objectContaining({ code: 'invalid_effect' }),
    )
    expect(() => pending.add(insert, { id: Number.NaN })).toThrow('has id NaN')
    expect(() => pending.run('SELECT ?', ['🐢'.slice(1)])).toThrow('half a surrogate pair')
    expect(() => pending.run(`SELECT '${'🐢'.slice(1)}'`, [])).toThrow('half a surrogate pair')
    expect(() => pending.run('SELECT ?', [new Date() as never])).toThrow('Parameter 1 is a Date')
    expect(() => pending.run('SELECT ?', [new Uint8Array(1) as never])).toThrow('a Uint8Array')
    expect(() => pending.run('SELECT ?', [1n as unknown as number])).toThrow('Parameter 1 is 1n')
    expect(() => pending.run('SELECT ?', [Number.NaN])).toThrow('Parameter 1 is NaN')
    expect(() =>
      pending.run(
        'SELECT 1',
        Array.from({ length: 101 }, () => 1),
      ),
    ).toThrow('at most 100')
    expect(() => setStatement(`SELECT '${'x'.repeat(100_000)}' FROM json_each(?1)`)).toThrow(
      expect.objectContaining({ code: 'effect_too_large' }),
    )
    expect(() => setStatement('DELETE FROM t')).toThrow('?1')
  })
})
