import { env } from 'cloudflare:workers'
import { Unreadable, type Cursor } from 'dogear'
import { testBench } from 'dogear/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { importPrices, labelsOf } from '../../docs/samples/import-prices.ts'
import { addProducts, column, freshTables } from '../support/samples.ts'

beforeEach(freshTables)

describe('the import of docs/guide/importing-files.md', () => {
  it('takes over what can be read, and lists what can not', async () => {
    await addProducts(3)
    const [name] = await column<string>('SELECT name FROM goods WHERE id = 2')
    await env.FILES.put('prices.csv', `name;cents\nx;many\nragged\n${name};4200\n`)
    const run = await testBench().runInline(importPrices, { file: 'prices.csv' })
    expect(run).toMatchObject({ status: 'completed', progress: { done: 1, skipped: 2 } })
    expect(await column('SELECT price_cents FROM goods WHERE id = 2')).toEqual([4_200])
  })

  it('a walk of one’s own goes on behind what it cannot read', async () => {
    const bytes = new Uint8Array(24)
    bytes.set([2, 0x61, 0x62])
    bytes.set([9, 0x63], 8)
    bytes.set([1, 0x64], 16)
    const found = async (cursor: Cursor | null) => {
      const entries: unknown[] = []
      for await (const entry of labelsOf(bytes, cursor)) entries.push(entry)
      return entries
    }
    expect(await found(null)).toEqual([['ab', 8], expect.any(Unreadable), ['d', 24]])
    expect(await found(16)).toEqual([['d', 24]])
  })
})
