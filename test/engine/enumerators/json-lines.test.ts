import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import {
  enumerators,
  InvalidRecordError,
  type Cursor,
  type JsonLinesOptions,
} from '../../../src/engine/index.ts'
import { upload, watchedReads } from '../../support/files.ts'
import { itemsOf, itemsOneByOne, pairsOf } from '../../support/walks.ts'

function lines(key: string, options: Partial<JsonLinesOptions> = {}) {
  return enumerators.jsonLines(env.FILES, key, { cursor: null, ...options })
}

const awkward = [
  '\uFEFF{"name":"żółw 🐢","price":"£5"}',
  '[1,\t2]',
  '',
  '"\\n"',
  '   ',
  'null',
  '{"a":{"b":"\uFEFFinside"}}',
  '0',
].join('\n')

const values = [
  { line: 1, value: { name: 'żółw 🐢', price: '£5' } },
  { line: 2, value: [1, 2] },
  { line: 4, value: '\n' },
  { line: 6, value: null },
  { line: 7, value: { a: { b: '\uFEFFinside' } } },
  { line: 8, value: 0 },
]

/** What a walk gives out before it fails, and how it fails. */
async function walkUntilError(content: string | Uint8Array, options: Partial<JsonLinesOptions>) {
  const seen: number[] = []
  const key = await upload(content)
  try {
    for await (const [{ line }] of lines(key, options)) seen.push(line)
  } catch (error) {
    return { seen, error: error as InvalidRecordError }
  }
  return { seen }
}

describe('enumerators.jsonLines', () => {
  it.each([
    ['LF', awkward],
    ['CRLF', awkward.replaceAll('\n', '\r\n')],
    ['a line break at the end', `${awkward}\n`],
    ['empty lines at the end', `${awkward}\r\n\r\n\n`],
  ])('gives the same values for every chunk size and from every cursor: %s', async (_, content) => {
    const key = await upload(content)
    const whole = await pairsOf(lines(key))
    expect(whole.map(([item]) => item)).toEqual(values)
    const size = new TextEncoder().encode(content).byteLength
    for (const chunkBytes of [1, 2, 3, 4, 5, 7, 13, 29, size - 1, size, size + 1]) {
      expect(await pairsOf(lines(key, { chunkBytes }))).toEqual(whole)
    }
    for (const [done, [, cursor]] of whole.entries()) {
      for (const chunkBytes of [1, 10, size]) {
        expect(await pairsOf(lines(key, { cursor, chunkBytes }))).toEqual(whole.slice(done + 1))
      }
    }
  })

  it('stopped after every line, gives each line once', async () => {
    const key = await upload(awkward)
    expect(await itemsOneByOne((at) => lines(key, { ...at, chunkBytes: 6 }))).toEqual(values)
  })

  it.each([
    ['', 'an empty file'],
    ['\n\r\n \n', 'empty lines'],
    ['\uFEFF', 'a byte order mark'],
  ])('finds nothing in %j: %s', async (content) => {
    expect(await itemsOf(lines(await upload(content)))).toEqual([])
  })

  it('knows no size', async () => {
    expect(await lines(await upload('1')).size?.()).toBeNull()
  })

  it('reads from its line on when it resumes, not a byte before it, and no further than needed', async () => {
    const key = await upload('{"n":1}\n'.repeat(50_000))
    const offsets: number[] = []
    const bucket = watchedReads(({ offset }) => offsets.push(offset))
    const cursor = { byte: 320_000, line: 40_001 }
    for await (const [{ line }] of enumerators.jsonLines(bucket, key, { cursor, chunkBytes: 100 }))
      if (line === 40_030) break
    expect(offsets).toEqual([320_000, 320_100, 320_200, 320_300])
  })

  it('P04 never parses earlier lines again, not even broken ones', async () => {
    const key = await upload('broken\n{"n":2}\n')
    const cursor = { byte: 7, line: 2 }
    expect(await itemsOf(lines(key, { cursor }))).toEqual([{ line: 2, value: { n: 2 } }])
  })
})

describe('a broken line', () => {
  it.each([
    ['no JSON', '1\n\n{"a":}\n4', [1], /^Line 3: expected one JSON value; /],
    ['two values', '1\n2 3', [1], /^Line 2: expected one JSON value; /],
    ['half a value at the end', '1\n{"a":', [1], /^Line 2: expected one JSON value; /],
    ['a mark where no file begins', '1\n\uFEFF2', [1], /^Line 2: expected one JSON value; /],
  ])('is named after the lines before it: %s', async (_, content, before, message) => {
    for (const chunkBytes of [1, 5, 1_000]) {
      const { seen, error } = await walkUntilError(content, { chunkBytes })
      expect(seen).toEqual(before)
      expect(error).toBeInstanceOf(InvalidRecordError)
      expect(error).toMatchObject({
        code: 'invalid_record',
        message: expect.stringMatching(message),
      })
    }
  })

  it('is one that is not UTF-8', async () => {
    const bytes = Uint8Array.from([0x31, 0x0a, 0x22, 0xff, 0x22, 0x0a])
    const { seen, error } = await walkUntilError(bytes, {})
    expect([seen, error?.message]).toEqual([[1], 'Line 2: found bytes that are not UTF-8'])
    const utf16 = Uint8Array.from(Buffer.from('\uFEFF1\n', 'utf16le'))
    expect((await walkUntilError(utf16, {})).error?.line).toBe(1)
  })

  it('is one beyond the limit, of which no more is gathered than the limit and a chunk', async () => {
    const key = await upload(`1\n"${'x'.repeat(100_000)}"\n3`)
    let read = 0
    const bucket = watchedReads(({ length }) => {
      read += length
    })
    const options = { cursor: null, chunkBytes: 1_000, maxLineBytes: 5_000 }
    await expect(itemsOf(enumerators.jsonLines(bucket, key, options))).rejects.toThrow(
      'Line 2: the line is longer than 5000 bytes',
    )
    expect(read).toBeLessThan(9_000)
  })

  it('is not one at the limit', async () => {
    const content = `"${'x'.repeat(98)}"\n"${'y'.repeat(99)}"\n`
    for (const chunkBytes of [1, 64, 500]) {
      const { seen, error } = await walkUntilError(content, { chunkBytes, maxLineBytes: 100 })
      expect([seen, error?.line]).toEqual([[1], 2])
    }
  })
})

describe('a walk over lines that cannot go on', () => {
  it.each([[3], [{ byte: 1 }], [{ byte: -1, line: 1 }], [{ byte: 3, line: 0 }]] as Cursor[][])(
    'refuses the cursor %j',
    (cursor) => {
      expect(() => lines('any', { cursor })).toThrow(
        expect.objectContaining({ code: 'invalid_cursor' }),
      )
    },
  )

  it('refuses a cursor beyond the end, a file that is not there, and impossible sizes', async () => {
    const key = await upload('1')
    await expect(itemsOf(lines(key, { cursor: { byte: 2, line: 2 } }))).rejects.toMatchObject({
      code: 'invalid_cursor',
    })
    await expect(itemsOf(lines('nowhere'))).rejects.toThrow(
      'enumerators.jsonLines found no file "nowhere" in the bucket',
    )
    expect(() => lines(key, { chunkBytes: 0 })).toThrow('got chunkBytes 0')
    expect(() => lines(key, { maxLineBytes: 0.5 })).toThrow('got maxLineBytes 0.5')
  })

  it('never mixes two versions of a file', async () => {
    const key = await upload('1\n'.repeat(100))
    const walk = async () => {
      for await (const [{ line, value }] of lines(key, { chunkBytes: 20 })) {
        expect(value).toBe(1)
        if (line === 5) await env.FILES.put(key, '2\n'.repeat(100))
      }
    }
    await expect(walk()).rejects.toThrow(
      `enumerators.jsonLines: the file "${key}" was replaced during the walk`,
    )
  })
})
