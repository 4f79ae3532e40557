import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { IMPORT_COLUMNS } from '../../src/shop/imports/import.ts'
import { uploadImport } from '../../src/shop/imports/upload.ts'
import { bytesOf, gzipped } from '../support/files.ts'

const HEADER = IMPORT_COLUMNS.join(',')
const FILE = [
  HEADER,
  '536365,85123A,"HOLDER, WHITE ""HEART""",6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom',
  'C536379,D,Discount,-1,12/1/2010 9:41,27.505,14527,France',
  '536366,22633,HAND WARMER,6,2010-12-01 08:28:00,1.85,,Germany',
  '536365,71053,£ LANTERN,6,2010-12-01 08:26:00,3.39,17850,United Kingdom',
].join('\n')

describe('uploadImport', () => {
  const bodyOf = (content: string | Uint8Array): ReadableStream<Uint8Array> =>
    new Blob([content]).stream()
  const keys = async () => (await env.FILES.list()).objects.map(({ key }) => key)
  const textAt = async (key: string) => (await env.FILES.get(key))?.text()

  beforeEach(async () => {
    await env.FILES.delete(await keys())
  })

  it('stores a file, plain or gzipped, under a key of its own', async () => {
    const plain = await uploadImport(env.FILES, 'december.csv', bodyOf(FILE))
    const zipped = await uploadImport(env.FILES, 'december.csv.gz', bodyOf(await gzipped(FILE)))
    expect([plain.name, zipped.name]).toEqual(['december', 'december'])
    expect(zipped.file).not.toBe(plain.file)
    expect(await textAt(plain.file)).toBe(FILE)
    expect(await textAt(zipped.file)).toBe(FILE)
  })

  it('accepts columns in any order, more of them, and no rows', async () => {
    const { file } = await uploadImport(
      env.FILES,
      'empty',
      bodyOf(`Extra,${IMPORT_COLUMNS.toReversed().join()}\r\n`),
    )
    expect(await textAt(file)).toContain('Extra')
  })

  it('stores a file of several parts as it is', async () => {
    const line = '536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n'
    const content = `${HEADER}\n${line.repeat(270_000)}last,row,beyond,what,is,checked`
    const { file } = await uploadImport(env.FILES, 'large', bodyOf(await gzipped(content)))
    expect((await textAt(file)) === content).toBe(true)
  }, 60_000)

  it.each([
    ['nothing', '', 'import_empty', undefined],
    ['another header', 'a,b\n1,2', 'import_columns_wrong', 1],
    [
      'a header with a column missing',
      `${HEADER.replace(',Country', '')}\n`,
      'import_columns_wrong',
      1,
    ],
    ['a column twice', `${HEADER},Country\n`, 'import_columns_wrong', 1],
    ['a row that is too short', `${FILE}\n\n1,2`, 'import_row_broken', 7],
    ['a quote that is not closed', `${FILE}\n"1`, 'import_row_broken', 6],
    ['a bad value', FILE.replace('27.505', '27.5055'), 'import_row_broken', 3],
  ])('refuses %s and leaves nothing behind', async (_, content, code, line) => {
    const before = await uploadImport(env.FILES, 'file', bodyOf(FILE))
    for (const body of [bodyOf(content), bodyOf(await gzipped(content))]) {
      await expect(uploadImport(env.FILES, 'file', body)).rejects.toMatchObject({
        name: 'ShopError',
        code,
        line,
      })
    }
    expect(await keys()).toEqual([before.file])
  })

  it('refuses what only begins like gzip, and no body at all', async () => {
    const cut = (await gzipped(FILE)).subarray(0, 100)
    await expect(uploadImport(env.FILES, 'file', bodyOf(cut))).rejects.toMatchObject({
      code: 'import_unreadable',
    })
    await expect(uploadImport(env.FILES, 'file', null)).rejects.toMatchObject({
      code: 'import_empty',
    })
    expect(await keys()).toEqual([])
  })

  it.each([
    ['UTF-16', Uint8Array.from(Buffer.from(`\uFEFF${FILE}`, 'utf16le')), 'import_unreadable', 1],
    ['zip', bytesOf('PK', [3, 4, 20, 0], FILE), 'import_unreadable', 1],
    ['Latin-1', Uint8Array.from(Buffer.from(FILE, 'latin1')), 'import_row_broken', 5],
    ['a page of HTML', bytesOf('<!doctype html><p>Not found'), 'import_unreadable', 1],
    ['semicolons', FILE.replaceAll(',', ';'), 'import_columns_wrong', 1],
  ])('F10 refuses %s, gzipped or not', async (_, content, code, line) => {
    for (const body of [bodyOf(content), bodyOf(await gzipped(content))])
      await expect(uploadImport(env.FILES, 'file.csv', body)).rejects.toMatchObject({ code, line })
    expect(await keys()).toEqual([])
  })

  describe('gzip', () => {
    const half = FILE.indexOf('536366')
    const members = async () => [
      await gzipped(FILE.slice(0, half)),
      await gzipped(FILE.slice(half)),
    ]
    const inPieces = (bytes: Uint8Array, size: number) =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size)
            controller.enqueue(bytes.subarray(at, at + size))
          controller.close()
        },
      })

    it.each([1, 10, 1_000])(
      'A of several members, padded with zeros, is read, in pieces of %i bytes',
      async (size) => {
        const bytes = bytesOf(...(await members()).map((member) => [...member]), Array(500).fill(0))
        const { file } = await uploadImport(env.FILES, 'file', inPieces(bytes, size))
        expect(await textAt(file)).toBe(FILE)
      },
    )

    it.each([
      ['cut off', (bytes: number[]) => bytes.slice(0, -3)],
      [
        'damaged',
        (bytes: number[]) => bytes.map((byte, at) => (at === bytes.length - 6 ? byte ^ 1 : byte)),
      ],
      ['followed by text', (bytes: number[]) => [...bytes, 65, 66, 67]],
      ['followed by more behind its padding', (bytes: number[]) => [...bytes, 0, 0, ...bytes]],
      ['cut off in its second member', (bytes: number[]) => [...bytes, ...bytes.slice(0, 15)]],
    ])('is refused when it is %s', async (_, damage) => {
      const bytes = Uint8Array.from(damage([...(await gzipped(FILE))]))
      for (const size of [1, 1_000])
        await expect(uploadImport(env.FILES, 'file', inPieces(bytes, size))).rejects.toMatchObject({
          code: 'import_unreadable',
        })
      expect(await keys()).toEqual([])
    })

    it('within gzip is refused', async () => {
      const body = bodyOf(await gzipped(await gzipped(FILE)))
      await expect(uploadImport(env.FILES, 'file.csv.gz', body)).rejects.toThrow(
        'the file is compressed (gzip)',
      )
    })

    it('S3 that is made to fill the bucket is refused, and nothing is left of it', async () => {
      const line = '536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n'
      const block = line.repeat(1_000)
      let sent = 0
      const text = new ReadableStream<string>({
        pull(controller) {
          controller.enqueue(sent === 0 ? `${HEADER}\n` : block)
          if (++sent === 1_500) controller.close()
        },
      })
      const bomb = text
        .pipeThrough(new TextEncoderStream())
        .pipeThrough(new CompressionStream('gzip'))
      await expect(uploadImport(env.FILES, 'bomb', bomb)).rejects.toMatchObject({
        code: 'import_too_large',
        message: expect.stringMatching(
          /^The file has more than 67108864 bytes once it is unpacked/,
        ),
      })
      expect(await keys()).toEqual([])
    }, 120_000)
  })

  it.each(['', '.csv', '../x', 'a\nb', 'x'.repeat(101), 'seed.csv'])(
    'refuses the name %j',
    async (name) => {
      await expect(uploadImport(env.FILES, name, bodyOf(FILE))).rejects.toMatchObject({
        code: 'import_name_wrong',
      })
    },
  )

  it('aborts a multipart upload when a row of a later part is broken', async () => {
    const line = '536365,85123A,HOLDER,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n'
    const body = bodyOf(`${HEADER}\n${line.repeat(130_000)}broken\n${line}`)
    await expect(uploadImport(env.FILES, 'file', body)).rejects.toMatchObject({
      code: 'import_row_broken',
      line: 130_002,
    })
    expect(await keys()).toEqual([])
  }, 60_000)
})
