import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Cursor, FileOptions } from '../../../src/engine/index.ts'
import { upload } from '../../support/files.ts'
import { pairsOf } from '../../support/walks.ts'
import { csv, csvBatches, type CsvOptions } from '../../../src/engine/enumerators/csv-reading.ts'

/** The records of a file; a walk resumed after each of them must give the rest. */
async function recordsOf(content: string, options: CsvOptions = {}) {
  const key = await upload(content)
  const walk = (at: FileOptions) => pairsOf(csv(env.FILES, key, { ...options, ...at }))
  const whole = await walk({ cursor: null })
  for (const chunkBytes of [1, 3, 7])
    expect(await walk({ cursor: null, chunkBytes })).toEqual(whole)
  for (const [done, [, cursor]] of whole.entries())
    for (const chunkBytes of [1, 100])
      expect(await walk({ cursor, chunkBytes })).toEqual(whole.slice(done + 1))
  return whole.map(([{ record }]) => record)
}

const rows = [
  { id: '1', price: '2,50' },
  { id: '2', price: '3' },
]

describe('what sets fields apart', () => {
  it.each([
    [';', 'id;price\n1;2,50\n2;3\n'],
    ['\t', 'id\tprice\n1\t2,50\n2\t3\n'],
    ['|', 'id|price\r\n1|"2,50"\r\n2|3'],
    [',', '\uFEFFid,price\n1,"2,50"\n2,3\n'],
  ])('is %j when it is set, or found out', async (delimiter, content) => {
    expect(await recordsOf(content, { delimiter })).toEqual(rows)
    expect(await recordsOf(content, { delimiter: 'auto' })).toEqual(rows)
  })

  it.each([
    ['semicolons between names with commas', 'amount, net;day\n1,50;2\n2,50;3\n', 'day'],
    ['commas, a semicolon in a quoted field', 'id,"a;b;c"\n1,2\n', 'a;b;c'],
    ['one column', 'name\nx\n', 'name'],
    ['tabs and commas in text', 'id\ttext\n1\ta, b, c\n2\td\n', 'text'],
  ])('is found out: %s', async (_, content, column) => {
    const [first] = await recordsOf(content, { delimiter: 'auto' })
    expect(Object.keys(first ?? {})).toContain(column)
  })

  it.each([
    ['by default', 'id;price\n1;2\n', {}, /found one column, "id;price", with ";" in it/],
    ['tabs', 'id\tprice\n1\t2\n', {}, /Set delimiter: "\\t", or 'auto'/],
    [
      'by a wrong one',
      'id,price\n1,2\n',
      { delimiter: ';' },
      /with "," in it; expected fields set/,
    ],
    [
      'without a header',
      '1;2\n',
      { columns: ['id', 'price'] },
      /found one column, "1;2", with ";" in it/,
    ],
  ])('is not guessed: one column with another delimiter in it is refused: %s', async (...given) => {
    const [, content, options, message] = given
    await expect(recordsOf(content, options)).rejects.toMatchObject({
      code: 'invalid_record',
      line: 1,
      message: expect.stringMatching(message),
    })
  })

  it.each([';', '\t', '|'])('is named when it sets quoted names apart: %j', async (delimiter) => {
    const content = `"id"${delimiter}"name"\n"1"${delimiter}"a"\n`
    const hint = `set delimiter: ${JSON.stringify(delimiter)}, or 'auto'`
    await expect(recordsOf(content)).rejects.toMatchObject({
      code: 'invalid_record',
      message: expect.stringContaining(hint),
    })
    expect(await recordsOf(content, { delimiter: 'auto' })).toEqual([{ id: '1', name: 'a' }])
  })

  it('may stand in the name of a single column, in quotes', async () => {
    expect(await recordsOf('"id;price"\nx\n')).toEqual([{ 'id;price': 'x' }])
  })

  it.each([
    ['sep=,\nid,name\n1,a\n', {}],
    ['sep=;\r\nid;name\r\n1;a\r\n', {}],
    ['\uFEFF"sep=;"\nid;name\n1;a\n', { delimiter: 'auto' }],
    ['SEP=\t\nid\tname\n1\ta\n', {}],
    ['sep=;\nid,name\n1,a\n', { delimiter: ',' }],
  ])('is what the first line tells Excel, unless it is set: %j', async (content, options) => {
    expect(await recordsOf(content, options)).toEqual([{ id: '1', name: 'a' }])
  })

  it('the lines after such a first line keep their numbers', async () => {
    const key = await upload('sep=;\nid;name\n1;a\n')
    const [pair] = await pairsOf(csv(env.FILES, key, { cursor: null }))
    expect(pair?.[0].line).toBe(3)
  })

  it.each([
    [{ delimiter: '' }],
    [{ delimiter: ', ' }],
    [{ delimiter: '"' }],
    [{ delimiter: '\n' }],
    [{ columns: [] }],
    [{ columns: ['a', 'a'] }],
    [{ columns: ['a', ''] }],
  ])('is refused when it can be none: %j', (options) => {
    const built = (walk: typeof csv | typeof csvBatches) => () =>
      walk(env.FILES, 'any', { cursor: null, ...options })
    for (const walk of [csv, csvBatches])
      expect(built(walk)).toThrow(expect.objectContaining({ code: 'invalid_enumerator' }))
  })
})

describe('columns', () => {
  const columns = ['id', 'name']

  it('J130 are named here for a file without a header, and a header of these names is no row', async () => {
    const expected = [
      { id: '1', name: 'a' },
      { id: '2', name: 'b' },
    ]
    expect(await recordsOf('1,a\n2,b\n', { columns })).toEqual(expected)
    expect(await recordsOf('\uFEFFid,name\n1,a\n2,b\n', { columns })).toEqual(expected)
    expect(await recordsOf('', { columns })).toEqual([])
  })

  it('A empty ones at the end, as spreadsheets write them, are no columns', async () => {
    expect(await recordsOf('id,name,,\n1,a,,\n2,b\n3,c,,,,\n')).toEqual([
      { id: '1', name: 'a', '': '' },
      { id: '2', name: 'b', '': '' },
      { id: '3', name: 'c', '': '' },
    ])
    expect(await recordsOf('id,name\n1,a,,\n')).toEqual([{ id: '1', name: 'a' }])
  })

  it.each([
    ['id,name,,\n1,a,b,\n', 'Line 2: found "b" in a column without a name'],
    ['id,name\n1,a,,b\n', 'Line 2: found 4 fields; expected 2'],
    [',,\n1,a,b\n', 'Line 1: the header names "" twice'],
    ['id,,name,\n1,a,b,\n', undefined],
  ])('a value without a name is not lost silently: %j', async (content, message) => {
    if (message === undefined)
      expect(await recordsOf(content)).toEqual([{ id: '1', '': '', name: 'b' }])
    else await expect(recordsOf(content)).rejects.toThrow(message)
  })
})

describe('two files in one', () => {
  it.each([
    ['each with its mark and header', '\uFEFFid,name\n1,a\n\uFEFFid,name\n2,b\n'],
    ['with quoted headers', '\uFEFF"id","name"\r\n1,a\r\n\uFEFF"id","name"\r\n2,b\r\n'],
  ])('A the second header is no row: %s', async (_, content) => {
    expect(await recordsOf(content)).toEqual([
      { id: '1', name: 'a' },
      { id: '2', name: 'b' },
    ])
  })

  it('without headers the mark is no part of the field', async () => {
    const columns = ['id', 'name']
    expect(await recordsOf('\uFEFF1,a\n\uFEFF2,b\n\uFEFF"3",c\n', { columns })).toEqual([
      { id: '1', name: 'a' },
      { id: '2', name: 'b' },
      { id: '3', name: 'c' },
    ])
  })

  it.each(['\uFEFFname,id\nb,2\n', '\uFEFF2,b\n', '\uFEFF"name","id"\nb,2\n'])(
    'a second one with another header is refused: %j',
    async (second) => {
      await expect(recordsOf(`id,name\n1,a\n${second}`)).rejects.toMatchObject({
        code: 'invalid_record',
        line: 3,
        message: expect.stringContaining('expected its header to be id, name'),
      })
    },
  )
})

it.each([
  ['a mark and a quoted header', '\uFEFF"id","name"\r\n1,"ä🐢"\r\n', [{ id: '1', name: 'ä🐢' }]],
  ['CR CR LF', 'id,name\r\r\n1,a\r\r\n', [{ id: '1', name: 'a' }]],
  ['all line breaks', 'id,name\r\n1,"x\ry\nz\r\nq"\r\n', [{ id: '1', name: 'x\ry\nz\r\nq' }]],
  ['keys of Object.prototype', '__proto__,constructor\n1,2\n', [['1', '2']]],
  [
    'NUL and other separators',
    'id,name\n1,a\u2028\u0085\0f\n',
    [{ id: '1', name: 'a\u2028\u0085\0f' }],
  ],
  ['one delimiter at the end', 'id,name,\n1,a,\n', [{ id: '1', name: 'a', '': '' }]],
  ['empty lines before the header', '\n\r\n\nid,name\n1,a\n', [{ id: '1', name: 'a' }]],
])('reads %s', async (_, content, expected) => {
  const found = await recordsOf(content)
  const values = found.map((record) => Object.values(record))
  expect(Array.isArray(expected[0]) ? values : found).toEqual(expected)
})

it('goes on from any cursor, whatever was read at once, with a header beyond the sample', async () => {
  const columns = Array.from({ length: 4_000 }, (_, index) => `column${index}`)
  const key = await upload(`${columns.join(';')}\n${columns.join(';')}\n${columns.join(';')}`)
  const walk = (cursor: Cursor | null) =>
    pairsOf(csv(env.FILES, key, { cursor, delimiter: 'auto' }))
  const whole = await walk(null)
  expect([whole.length, Object.keys(whole[0]?.[0].record ?? {}).length]).toEqual([2, 4_000])
  expect(await walk(whole[0]?.[1] ?? null)).toEqual(whole.slice(1))
})
