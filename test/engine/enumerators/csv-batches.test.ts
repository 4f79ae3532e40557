import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { FaultyBucket } from '../../../src/testing/index.ts'
import { upTo } from '../../support/drive.ts'
import { upload } from '../../support/files.ts'
import { itemsOf, itemsOneByOne, pairsOf } from '../../support/walks.ts'
import {
  csv,
  csvBatches,
  type CsvBatchOptions,
} from '../../../src/engine/enumerators/csv-reading.ts'

function batches(key: string, options: Partial<CsvBatchOptions> = {}) {
  return csvBatches(env.FILES, key, { cursor: null, ...options })
}

const eleven = `n\n${upTo(11).join('\n')}\n`

function numbers(batch: readonly { record: Readonly<Record<string, string>> }[]): number[] {
  return batch.map(({ record }) => Number(record['n']))
}

describe('csvBatches', () => {
  it.each([1, 3, 7, 1_000])(
    'J131 S11 S44 gives arrays of rows, whatever is read at once: %s bytes',
    async (chunkBytes) => {
      const found = await itemsOf(batches(await upload(eleven), { batchSize: 3, chunkBytes }))
      expect(found.map(numbers)).toEqual([
        [1, 2, 3],
        [4, 5, 6],
        [7, 8, 9],
        [10, 11],
      ])
      expect(found[0]?.[0]).toEqual({ line: 2, record: { n: '1' } })
    },
  )

  it('J133 gives only the last, shorter batch after the cursor before it', async () => {
    const key = await upload(eleven)
    const cursor = (await pairsOf(batches(key, { batchSize: 3 })))[2]?.[1] ?? null
    expect((await itemsOf(batches(key, { batchSize: 3, cursor }))).map(numbers)).toEqual([[10, 11]])
  })

  it('goes on with the next row after any cursor, also with another batch size', async () => {
    const key = await upload(eleven)
    for (const [index, [, cursor]] of (await pairsOf(batches(key, { batchSize: 3 }))).entries()) {
      for (const batchSize of [1, 2, 5, 99]) {
        const rest = await itemsOf(batches(key, { batchSize, cursor }))
        expect(rest.flatMap(numbers)).toEqual(upTo(11).slice((index + 1) * 3))
      }
    }
  })

  it('takes a read that was cut short for an error, also when it was cut at a line’s end', async () => {
    const text = 'n\n1\n2\n3\n'
    const key = await upload(text)
    const cut = new FaultyBucket(env.FILES, ({ method }) =>
      method === 'get' ? 'truncated' : undefined,
    )
    await expect(itemsOf(csv(cut.binding, key, { cursor: null }))).rejects.toThrow(
      `R2 sent ${text.length / 2} bytes`,
    )
  })

  it('stopped after every batch, with another size each time, gives each row once', async () => {
    const key = await upload(eleven.replaceAll('\n', '\r\n'))
    let size = 0
    const found = await itemsOneByOne((at) => batches(key, { ...at, batchSize: (size++ % 3) + 1 }))
    expect(found.flatMap(numbers)).toEqual(upTo(11))
  })

  it('fills the last batch when the rows divide evenly, and gives none for a header alone', async () => {
    const key = await upload(`n\n${upTo(6).join('\n')}`)
    expect((await itemsOf(batches(key, { batchSize: 3 }))).map(numbers)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ])
    expect(await itemsOf(batches(await upload('n\n')))).toEqual([])
  })

  it('gives the rows before a broken one as a short batch, and then names it', async () => {
    const key = await upload('n\n1\n2\n3\n4\n5,five\n6\n')
    for (const chunkBytes of [1, 4, 1_000]) {
      const seen: number[][] = []
      const walk = async () => {
        for await (const [batch] of batches(key, { batchSize: 3, chunkBytes }))
          seen.push(numbers(batch))
      }
      await expect(walk()).rejects.toMatchObject({ code: 'invalid_record', line: 6 })
      expect(seen).toEqual([[1, 2, 3], [4]])
    }
  })

  it('J124 S38 names a file that is not there, and a batch size that is none', async () => {
    await expect(itemsOf(batches('nowhere'))).rejects.toThrow('csvBatches found no file "nowhere"')
    expect(() => batches('any', { batchSize: 0 })).toThrow('got batchSize 0')
  })

  it('J128 J134 S46 knows no size', async () => {
    expect(await batches(await upload(eleven)).size?.()).toBeNull()
  })
})
