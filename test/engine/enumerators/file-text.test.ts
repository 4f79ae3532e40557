import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, enumerators } from '../../../src/engine/index.ts'
import { createTables, upTo } from '../../support/drive.ts'
import { bytesOf, gzipped, upload } from '../../support/files.ts'
import { runOf } from '../../support/run-of.ts'
import { itemsOf } from '../../support/walks.ts'
import { csv, csvBatches } from '../../../src/engine/enumerators/csv-reading.ts'

beforeAll(createTables)

const utf16 = (text: string, { big = false } = {}) => {
  const little = Buffer.from(text, 'utf16le')
  return Uint8Array.from(big ? little.swap16() : little)
}

const utf32 = (text: string) => {
  const wide = new DataView(new ArrayBuffer(text.length * 4))
  for (let at = 0; at < text.length; at++) wide.setUint32(at * 4, text.charCodeAt(at), true)
  return new Uint8Array(wide.buffer)
}

const reads = {
  csv: (key: string) => itemsOf(csv(env.FILES, key, { cursor: null })),
  csvBatches: (key: string) => itemsOf(csvBatches(env.FILES, key, { cursor: null })),
  jsonLines: (key: string) => itemsOf(enumerators.jsonLines(env.FILES, key, { cursor: null })),
}

describe.each(Object.entries(reads))('%s', (name, read) => {
  const text = name === 'jsonLines' ? '{"id":1}\n{"id":2}\n' : 'id,n\n1,a\n2,b\n'

  it.each([
    [
      'UTF-16 with a mark',
      utf16(`\uFEFF${text}`),
      /line 1: the file is in UTF-16; expected UTF-8/i,
    ],
    ['UTF-16, big end first', utf16(`\uFEFF${text}`, { big: true }), /the file is in UTF-16/],
    ['UTF-16 without a mark', utf16(text), /Line 1: /],
    ['UTF-16, big end first, without a mark', utf16(text, { big: true }), /Line 1: /],
    ['UTF-32 with a mark', utf32(`\uFEFF${text}`), /Line 1: /],
    ['UTF-32 without a mark', utf32(text), /Line 1: /],
    ['zip', bytesOf('PK', [3, 4, 20, 0, 6, 0, 8, 0], text), /an archive or a spreadsheet/],
    ['an old spreadsheet', bytesOf([0xd0, 0xcf, 0x11, 0xe0, 0xa1], text), /Excel 97/],
    ['zstd', bytesOf([0x28, 0xb5, 0x2f, 0xfd], text), /compressed \(zstd\)/],
    ['a page of HTML', bytesOf('<!DOCTYPE html>\n<p>Please log in'), /a page of HTML or XML/],
    ['NULs', new Uint8Array(100), /Line 1: the file is binary/],
  ])('F10 refuses a file that is %s', async (_, content, message) => {
    await expect(read(await upload(content))).rejects.toMatchObject({
      code: 'invalid_record',
      line: 1,
      message: expect.stringMatching(message),
    })
  })

  it.each([1, 10, 100, 1_000])('F11 refuses a gzipped file of %i rows', async (count) => {
    const rows = upTo(count).map((n) => `{"id":${n},"name":"name ${(n * 7_919) % 1_000_003}"}\n`)
    const key = await upload(await gzipped(rows.join('')))
    await expect(read(key)).rejects.toThrow('Line 1: the file is compressed (gzip); expected')
  })
})

describe('F10 a row that is not UTF-8', () => {
  const run = async (content: Uint8Array, chunkBytes: number) => {
    const key = await upload(content)
    return itemsOf(csv(env.FILES, key, { cursor: null, chunkBytes }))
  }

  it.each([
    ['Latin-1 in a field', bytesOf('id,name\n1,M', [0xfc], 'ller\n'), 2],
    ['Latin-1 in the header', bytesOf('id,Gr', [0xf6, 0xdf], 'e\n1,2\n'), 1],
    ['Windows-1252', bytesOf('id,price\n1,', [0x80], '5\n'), 2],
    ['half a character at the end', bytesOf('id,name\n1,a\n2,', [0xf0, 0x9f, 0x90]), 3],
    ['half a surrogate pair', bytesOf('id,name\n1,', [0xed, 0xa0, 0xbd], '\n'), 2],
    ['a longer form than needed', bytesOf('id,name\n1,', [0xc0, 0xaf], '\n'), 2],
  ])('is refused with its line: %s', async (_, content, line) => {
    for (const chunkBytes of [1, 7, 262_144]) {
      await expect(run(content, chunkBytes)).rejects.toMatchObject({ code: 'invalid_record', line })
    }
  })

  it('is none because it holds the character that stands for what cannot be read', async () => {
    const rows = await run(bytesOf('id,name\n1,a\uFFFDb\n'), 3)
    expect(rows).toEqual([{ line: 2, record: { id: '1', name: 'a\uFFFDb' } }])
  })
})

const PACKED: Record<string, (text: string) => Uint8Array> = {
  gzip: (text) => gzipSync(text),
  zlib: (text) => deflateSync(text),
  'raw deflate': (text) => deflateRawSync(text),
  Brotli: (text) => brotliCompressSync(text),
  lz4: (text) => bytesOf([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82], text),
  SQLite: (text) => bytesOf('SQLite format 3\0', text),
  Parquet: (text) => bytesOf('PAR1', [0x15, 0x04, 0x15, 0x80], text),
  PNG: (text) => bytesOf([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10], text),
  RTF: (text) => bytesOf('{\\rtf1', text),
}

describe.each(Object.entries(PACKED))('F11 a file in %s', (_, pack) => {
  it.each([1, 10, 100])(
    'of %i rows is refused by each walk, whatever else it is given',
    async (rows) => {
      const lines = upTo(rows).map((n) => `${n},name ${(n * 7_919) % 1_000_003},${(n * 31) % 97}\n`)
      const key = await upload(pack(`id,name,price\n${lines.join('')}`))
      const at = { cursor: null }
      for (const walk of [
        csv(env.FILES, key, at),
        csv(env.FILES, key, { ...at, columns: ['id', 'name', 'price'] }),
        csv(env.FILES, key, { ...at, columns: ['any'] }),
        csv(env.FILES, key, { ...at, delimiter: 'auto' }),
        csvBatches(env.FILES, key, at),
        enumerators.jsonLines(env.FILES, key, at),
      ]) {
        const entries: unknown[] = []
        const read = async () => {
          for await (const page of walk.pages?.() ?? []) entries.push(...page)
        }
        await expect(read()).rejects.toMatchObject({ code: 'invalid_record', line: 1 })
        expect(entries).toEqual([])
      }
    },
  )
})

it.each([
  ['Cyrillic', 'Привет мир,Как дела', false],
  ['Cyrillic, big end first', 'Привет мир,Как дела', true],
  ['Greek', 'Αθήνα,Πάτρα', false],
  ['Latin', 'Ärger,Größe', true],
])('F10 UTF-16 in %s letters without a mark is refused, also with columns', async (_, row, big) => {
  const key = await upload(utf16(`${row}\n`.repeat(50), { big }))
  for (const columns of [['a', 'b'], ['a']]) {
    let handled = 0
    const run = await runOf(
      defineIteration({
        name: 'wide-columns',
        skip: {},
        buildEnumerator: ({ cursor, env: { FILES } }) => csv(FILES, key, { cursor, columns }),
        eachIteration: () => void (handled += 1),
      }),
    )
    const { status, error } = await run.drain()
    expect([status, error?.code, handled]).toEqual(['failed', 'invalid_record', 0])
  }
})

it('F10 control characters may set fields apart', async () => {
  const key = await upload('a\u0001b\u0001c\n1\u00012\u00013\n')
  const walk = csv(env.FILES, key, { cursor: null, delimiter: '\u0001' })
  expect(await itemsOf(walk)).toMatchObject([{ record: { a: '1', b: '2', c: '3' } }])
})

it('F10 a text in UTF-8 with control characters is read, wherever its first piece ends', async () => {
  const key = await upload('id,name\n1,\0\u0001\u0002ä€🐢\n2,\0\u001f🐢\n')
  for (const chunkBytes of [1, 16, 17, 18, 19, 20, 21, 22])
    expect(await itemsOf(csv(env.FILES, key, { cursor: null, chunkBytes }))).toHaveLength(2)
})

it('F11 handles nothing of a gzipped file, with or without `skip`', async () => {
  const key = await upload(await gzipped(`id,name\n${upTo(100).join(',x\n')},x\n`))
  for (const tolerance of [{}, { skip: {} }]) {
    let handled = 0
    const run = await runOf(
      defineIteration({
        name: 'unzipped-not',
        ...tolerance,
        buildEnumerator: ({ cursor, env: { FILES } }) => csv(FILES, key, { cursor }),
        eachIteration: () => void (handled += 1),
      }),
    )
    const { status, error, progress } = await run.drain()
    expect([status, error?.code, handled, progress.skipped]).toEqual([
      'failed',
      'invalid_record',
      0,
      0,
    ])
  }
})
