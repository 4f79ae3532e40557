import { env } from 'cloudflare:workers'
import { beforeEach, describe, expect, it } from 'vitest'
import { IMPORT_COLUMNS } from '../../src/shop/import.ts'
import { uploadImport } from '../../src/shop/upload.ts'

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
  const zip = async (content: string): Promise<Uint8Array> =>
    new Uint8Array(
      await new Response(bodyOf(content).pipeThrough(new CompressionStream('gzip'))).arrayBuffer(),
    )
  const keys = async () => (await env.FILES.list()).objects.map(({ key }) => key)
  const textAt = async (key: string) => (await env.FILES.get(key))?.text()

  beforeEach(async () => {
    await env.FILES.delete(await keys())
  })

  it('stores a file, plain or gzipped, under a key of its own', async () => {
    const plain = await uploadImport(env.FILES, 'december.csv', bodyOf(FILE))
    const zipped = await uploadImport(env.FILES, 'december.csv.gz', bodyOf(await zip(FILE)))
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
    const { file } = await uploadImport(env.FILES, 'large', bodyOf(await zip(content)))
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
    for (const body of [bodyOf(content), bodyOf(await zip(content))]) {
      await expect(uploadImport(env.FILES, 'file', body)).rejects.toMatchObject({
        name: 'ShopError',
        code,
        line,
      })
    }
    expect(await keys()).toEqual([before.file])
  })

  it('refuses what only begins like gzip, and no body at all', async () => {
    const cut = (await zip(FILE)).subarray(0, 100)
    await expect(uploadImport(env.FILES, 'file', bodyOf(cut))).rejects.toMatchObject({
      code: 'import_unreadable',
    })
    await expect(uploadImport(env.FILES, 'file', null)).rejects.toMatchObject({
      code: 'import_empty',
    })
    expect(await keys()).toEqual([])
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
