import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Cursor } from '../../../src/engine/cursor.ts'
import { csv, type CsvCursor, type CsvRow } from '../../../src/engine/enumerators/csv.ts'
import type { Pair } from '../../../src/engine/enumerators/enumerator.ts'

interface Walk {
  cursor?: Cursor | null
  chunkBytes?: number
}

let files = 0

async function upload(content: string | Uint8Array): Promise<string> {
  const key = `file-${++files}.csv`
  await env.FILES.put(key, content)
  return key
}

async function collect(key: string, { cursor = null, ...options }: Walk = {}, bucket = env.FILES) {
  const pairs: Pair<CsvRow, CsvCursor>[] = []
  for await (const pair of csv(bucket, key, { cursor, ...options })) pairs.push(pair)
  return pairs
}

async function rowsOf(content: string | Uint8Array, walk: Walk = {}) {
  return (await collect(await upload(content), walk)).map(([row]) => row)
}

/** What a walk gives out before it fails, and how it fails. */
async function walkUntilError(content: string, walk: Walk = {}) {
  const lines: number[] = []
  try {
    for await (const [row] of csv(env.FILES, await upload(content), { cursor: null, ...walk }))
      lines.push(row.line)
  } catch (error) {
    const { code, message } = error as Error & { code: string }
    return { lines, code, message }
  }
  return { lines }
}

const awkward = [
  '\uFEFFname,note',
  'plain,a',
  '"quoted, with comma","say ""hi"""',
  '"two\nlines",b',
  '"two\r\nlines","\r\n\n"',
  '',
  'żółw 🐢,£5',
  '"","last ""quote"""',
  ',',
  '"🐢",end',
].join('\n')

describe('csv', () => {
  it('J125 S10 gives rows keyed by the header with their physical lines', async () => {
    expect(await rowsOf(awkward)).toEqual([
      { line: 2, record: { name: 'plain', note: 'a' } },
      { line: 3, record: { name: 'quoted, with comma', note: 'say "hi"' } },
      { line: 4, record: { name: 'two\nlines', note: 'b' } },
      { line: 6, record: { name: 'two\r\nlines', note: '\r\n\n' } },
      { line: 11, record: { name: 'żółw 🐢', note: '£5' } },
      { line: 12, record: { name: '', note: 'last "quote"' } },
      { line: 13, record: { name: '', note: '' } },
      { line: 14, record: { name: '🐢', note: 'end' } },
    ])
  })

  it.each([
    ['LF', awkward],
    ['CRLF', awkward.replaceAll('\n', '\r\n')],
    ['a line break at the end', `${awkward}\n`],
    ['empty lines at the end', `${awkward}\r\n\r\n\n`],
    ['a header over two lines', awkward.replace('name', '"na\nme"')],
  ])('gives the same rows for every chunk size and from every cursor: %s', async (_, content) => {
    const key = await upload(content)
    const whole = await collect(key)
    expect(whole).toHaveLength(8)
    const size = new TextEncoder().encode(content).byteLength
    const sizes = [1, 2, 3, 4, 5, 7, 13, 29, size - 1, size, size + 1]
    for (const chunkBytes of sizes) expect(await collect(key, { chunkBytes })).toEqual(whole)
    for (const [done, [, cursor]] of whole.entries()) {
      for (const chunkBytes of [1, 10, size]) {
        expect(await collect(key, { cursor, chunkBytes })).toEqual(whole.slice(done + 1))
      }
    }
  })

  it('P04 S40 finds what an independent writer wrote, wherever it resumes', async () => {
    const random = pseudoRandom(7)
    const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T
    const pieces = ['a', ',', '"', '\n', '\r\n', '\r', 'é', '🐢', ' ', '', 'line'] as const
    for (let round = 0; round < 20; round++) {
      const lineBreak = pick(['\n', '\r\n', '\r'])
      const records = Array.from({ length: 1 + Math.floor(random() * 12) }, () => ({
        x: Array.from({ length: 4 }, () => pick(pieces)).join(''),
        y: pick(pieces),
      }))
      const quote = (value: string) =>
        /[",\r\n]/.test(value) || random() < 0.3 ? `"${value.replaceAll('"', '""')}"` : value
      const text = ['x,y', ...records.map(({ x, y }) => `${quote(x)},${quote(y)}`)].join(lineBreak)
      const key = await upload(text)
      const whole = await collect(key, { chunkBytes: 1 + Math.floor(random() * 40) })
      expect(whole.map(([row]) => row.record)).toEqual(records)
      const done = Math.floor(random() * whole.length)
      expect(await collect(key, { cursor: whole[done]?.[1] ?? null, chunkBytes: 3 })).toEqual(
        whole.slice(done + 1),
      )
    }
  })

  it('gives no rows for a file with only a header', async () => {
    expect(await rowsOf('a,b')).toEqual([])
    expect(await rowsOf('\uFEFFa,b\r\n\r\n')).toEqual([])
  })

  it('reads a header longer than a chunk when it resumes', async () => {
    const columns = Array.from({ length: 2_000 }, (_, index) => `column${index}`)
    const key = await upload(
      `${columns.join()}\n${columns.join()}\n${columns.map(() => 'x').join()}`,
    )
    const [first, second] = await collect(key)
    expect(await collect(key, { cursor: first?.[1] ?? null })).toEqual([second])
  })

  it('J127 J128 S41 S43 knows no size: to count rows is to read the whole file', async () => {
    expect(await csv(env.FILES, await upload('a\n1'), { cursor: null }).size?.()).toBeNull()
  })

  it('P04 reads neither earlier rows nor the rest of the file', async () => {
    const key = await upload(`a,b\n${'1,2\n'.repeat(50_000)}`)
    const ranges: number[] = []
    const bucket = spyOnReads(env.FILES, ({ offset }) => ranges.push(offset))
    for await (const [row] of csv(bucket, key, {
      cursor: { byte: 160_000, line: 40_000 },
      chunkBytes: 100,
    })) {
      if (row.line === 40_030) break
    }
    expect(ranges.filter((offset) => offset >= 160_000)).toEqual([160_000, 160_100, 160_200])
    expect(ranges.filter((offset) => offset < 160_000).every((offset) => offset <= 4_096)).toBe(
      true,
    )
  })
})

describe('a broken row', () => {
  it.each([
    [
      'too few fields',
      'a,b\n1,2\n"x\ny",3\n4\n5,6',
      [2, 3],
      'Line 5: found 1 fields; expected 2 (a, b)',
    ],
    ['too many fields', 'a,b\n1,2,3', [], 'Line 2: found 3 fields; expected 2 (a, b)'],
    [
      'a quote that is not closed',
      'a,b\n1,2\n\n3,"4\n5,6\n',
      [2],
      'Line 4: the file ends within a quoted field',
    ],
    [
      'text after a closing quote',
      'a,b\n1,2\n"3"x,4',
      [2],
      'Line 3: found text after a closing quote',
    ],
    [
      'a quote within a field',
      'a,b\n1,2\n3x"y",4',
      [2],
      'Line 3: found a quote within an unquoted field',
    ],
    ['a column named twice', 'a,b,a\n1,2,3', [], 'Line 1: the header names "a" twice'],
    ['an empty file', '', [], 'Line 1: found no header'],
    ['nothing but empty lines', '\n\n', [], 'Line 1: found no header'],
  ])('is named with its line, after the rows before it: %s', async (_, content, lines, message) => {
    for (const chunkBytes of [1, 5, 1_000]) {
      const found = await walkUntilError(content, { chunkBytes })
      expect(found).toMatchObject({ lines, code: 'invalid_record' })
      expect(found.message).toContain(message)
    }
  })

  it('refuses UTF-16', async () => {
    const utf16 = Uint8Array.from(Buffer.from('\uFEFFa,b\n1,2\n', 'utf16le'))
    await expect(rowsOf(utf16)).rejects.toMatchObject({
      message: 'Line 1: the file is in UTF-16; expected UTF-8',
    })
  })

  it('does not gather the rest of the file behind a quote that is not closed', async () => {
    const found = await walkUntilError(`a\n"${'x'.repeat(1_500_000)}`)
    expect(found.message).toMatch(/^Line 2: the row is longer than 1000000 characters/)
  })
})

describe('a walk that cannot go on', () => {
  it.each([
    [3],
    ['x'],
    [{ byte: 1 }],
    [{ byte: -1, line: 1 }],
    [{ byte: 0.5, line: 1 }],
    [{ byte: 3, line: 0 }],
    [[1, 2]],
  ])('refuses the cursor %j', async (cursor) => {
    const key = await upload('a\n1')
    expect(() => csv(env.FILES, key, { cursor })).toThrow(
      expect.objectContaining({ code: 'invalid_cursor' }),
    )
  })

  it('refuses a cursor beyond the end of the file', async () => {
    const walk = collect(await upload('a\n1'), { cursor: { byte: 4, line: 2 } })
    await expect(walk).rejects.toMatchObject({ code: 'invalid_cursor' })
  })

  it('J124 S38 names a file that is not there', async () => {
    await expect(collect('nowhere.csv')).rejects.toMatchObject({
      code: 'invalid_enumerator',
      message: 'csv found no file "nowhere.csv" in the bucket',
    })
  })

  it.each([
    ['replaced', (key: string) => env.FILES.put(key, `a\n${'2\n'.repeat(100)}`)],
    ['deleted', (key: string) => env.FILES.delete(key)],
  ])('never mixes two versions of a file: %s', async (change, act) => {
    const key = await upload(`a\n${'1\n'.repeat(100)}`)
    const seen = new Set<string | undefined>()
    const walk = async () => {
      for await (const [row] of csv(env.FILES, key, { cursor: null, chunkBytes: 20 })) {
        if (row.line === 5) await act(key)
        seen.add(row.record['a'])
      }
    }
    await expect(walk()).rejects.toMatchObject({
      code: 'invalid_enumerator',
      message: expect.stringContaining(change),
    })
    expect([...seen]).toEqual(['1'])
  })
})

function spyOnReads(bucket: R2Bucket, read: (range: { offset: number }) => void): R2Bucket {
  return {
    head: (key: string) => bucket.head(key),
    get: (key: string, options: R2GetOptions) => {
      read(options.range as { offset: number })
      return bucket.get(key, options)
    },
  } as unknown as R2Bucket
}

/** mulberry32: the same values in every test run. */
function pseudoRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32
  }
}
