import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { enumerators, type Cursor, type R2ObjectsOptions } from '../../../src/engine/index.ts'
import { itemsOneByOne, pairsOf } from '../../support/walks.ts'

const keys = ['mail/1', 'mail/10', 'mail/2', 'mail/Ä', 'mail/ä', 'mail/🐢']

beforeAll(async () => {
  for (const key of ['letters/1', ...keys, 'mails/1']) {
    await env.FILES.put(key, key, { customMetadata: { about: key } })
  }
})

function objects(options: Partial<R2ObjectsOptions> = {}, bucket = env.FILES) {
  return enumerators.r2Objects(bucket, { prefix: 'mail/', cursor: null, ...options })
}

describe('enumerators.r2Objects', () => {
  it.each([1, 2, 6, 7, 1_000])(
    'gives the objects under a prefix with their keys, %s listed at once',
    async (limit) => {
      const pairs = await pairsOf(objects({ limit }))
      expect(pairs.map(([object]) => object.key)).toEqual(keys)
      expect(pairs.map(([, cursor]) => cursor)).toEqual(keys)
      expect(pairs[1]?.[0]).toMatchObject({ size: 7, etag: expect.any(String) })
    },
  )

  it('goes on after any key, also after one that is gone', async () => {
    for (const [index, key] of keys.entries()) {
      const rest = await pairsOf(objects({ cursor: key, limit: 2 }))
      expect(rest.map(([, cursor]) => cursor)).toEqual(keys.slice(index + 1))
    }
    const rest = await pairsOf(objects({ cursor: 'mail/11' }))
    expect(rest.map(([, cursor]) => cursor)).toEqual(keys.slice(2))
  })

  it('stopped after every object, gives each once, though the bucket changes behind it', async () => {
    const found = await itemsOneByOne(
      (at) => objects({ ...at, limit: 2 }),
      (items) => env.FILES.put(`mail/0${items.length}`, 'behind'),
    )
    expect(found.map(({ key }) => key)).toEqual(keys)
    await env.FILES.delete(found.map((_, index) => `mail/0${index + 1}`))
  })

  it('gives all objects without a prefix, and none under one that is not there', async () => {
    const all = await pairsOf(enumerators.r2Objects(env.FILES, { cursor: null }))
    expect(all.map(([, key]) => key)).toEqual(expect.arrayContaining(['letters/1', 'mails/1']))
    expect(await pairsOf(objects({ prefix: 'nothing/' }))).toEqual([])
  })

  it('lists metadata when it is asked to', async () => {
    const [first] = await pairsOf(objects({ include: ['customMetadata'] }))
    expect(first?.[0].customMetadata).toEqual({ about: 'mail/1' })
  })

  it('goes on after a list that is empty and yet not the last', async () => {
    let lists = 0
    const bucket = new Proxy(env.FILES, {
      get: (target, property) =>
        property === 'list'
          ? async (options: R2ListOptions) => {
              lists += 1
              return lists === 1
                ? { objects: [], truncated: true, cursor: 'first', delimitedPrefixes: [] }
                : target.list({ ...options, ...(options.cursor === 'first' && { cursor: '' }) })
            }
          : Reflect.get(target, property),
    })
    expect((await pairsOf(objects({}, bucket))).map(([, key]) => key)).toEqual(keys)
    expect(lists).toBe(2)
  })

  it('knows no size', async () => {
    expect(await objects().size?.()).toBeNull()
  })

  it.each([0, 1_001, 1.5])('refuses the limit %s, which R2 would not keep', (limit) => {
    expect(() => objects({ limit })).toThrow('expected a whole number from 1 to 1,000')
  })

  it.each([[1], [{ key: 'mail/1' }], [['mail/1']]] as Cursor[][])(
    'refuses the cursor %j',
    (cursor) => {
      expect(() => objects({ cursor })).toThrow(expect.objectContaining({ code: 'invalid_cursor' }))
    },
  )
})
