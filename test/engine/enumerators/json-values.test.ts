import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { enumerators, type JsonLinesOptions } from '../../../src/engine/index.ts'
import { upload } from '../../support/files.ts'
import { itemsOf } from '../../support/walks.ts'

async function valuesOf(content: string, options: Partial<JsonLinesOptions> = {}) {
  const key = await upload(content)
  const walk = enumerators.jsonLines(env.FILES, key, { cursor: null, ...options })
  return (await itemsOf(walk)).map(({ value }) => value)
}

describe('A integers that JavaScript cannot hold', () => {
  it.each([
    '9007199254740993',
    '{"id":9007199254740992}',
    '[[-9007199254740993]]',
    '{"a":"12345678901234567890","b":12345678901234567890}',
    '12345678901234567.0',
    '9.007199254740993e15',
    '-9007199254740.993E3',
  ])('are refused with their line: %s', async (line) => {
    await expect(valuesOf(`1\n${line}\n`)).rejects.toMatchObject({
      code: 'invalid_record',
      line: 2,
      message: expect.stringContaining('expected at most 2^53 - 1, or it loses digits'),
    })
  })

  it('are kept as text when that is asked for, and nothing else is', async () => {
    const line =
      '{"id":12345678901234567890,"n":9007199254740991,"x":0.1234567890123456,"t":"12345678901234567"}'
    expect(await valuesOf(`${line}\n-9007199254740993\n`, { largeIntegers: 'text' })).toEqual([
      {
        id: '12345678901234567890',
        n: 9_007_199_254_740_991,
        x: 0.1234567890123456,
        t: '12345678901234567',
      },
      '-9007199254740993',
    ])
  })

  it('are none when they are not meant to the last digit', async () => {
    expect(await valuesOf('6.02e23\n1e16\n-1.5E+30\n')).toEqual([6.02e23, 1e16, -1.5e30])
  })

  it('are refused in a page of an API, too, or kept as text', async () => {
    const ids = '[{"id":9007199254740993},{"id":9007199254740992}]'
    const walk = (options: { largeIntegers?: 'text' } = {}) =>
      enumerators.pages.byNumber<{ id: unknown }>({
        cursor: null,
        url: (page) => `https://api.example.com/orders?page=${page}&key=secret`,
        fetch: async () => new Response(ids),
        last: () => true,
        ...options,
      })
    await expect(itemsOf(walk())).rejects.toMatchObject({
      code: 'invalid_enumerator',
      message: expect.stringMatching(/orders\?…: found the integer 9007199254740993; .*'text'$/),
    })
    expect(await itemsOf(walk({ largeIntegers: 'text' }))).toEqual([
      { id: '9007199254740993' },
      { id: '9007199254740992' },
    ])
    expect(() => walk({ largeIntegers: 'round' as never })).toThrow(
      "enumerators.pages.byNumber got largeIntegers \"round\"; expected 'refuse' or 'text'",
    )
  })

  it.each(['1e400', '[-1e999]', '1E+400'])('so are numbers beyond all: %s', async (line) => {
    for (const largeIntegers of ['refuse', 'text'] as const)
      await expect(valuesOf(line, { largeIntegers })).rejects.toThrow('expected a finite one')
  })

  it('refuses another choice', async () => {
    await expect(valuesOf('1', { largeIntegers: 'round' as never })).rejects.toMatchObject({
      code: 'invalid_enumerator',
    })
  })
})

describe('half of a surrogate pair', () => {
  it.each([String.raw`"\ud83d"`, String.raw`{"a":["x\uDC22"]}`, String.raw`{"\ud83d":1}`])(
    'is refused: %s',
    async (line) => {
      await expect(valuesOf(`1\n${line}\n`)).rejects.toMatchObject({
        code: 'invalid_record',
        line: 2,
        message: expect.stringContaining('half of a surrogate pair'),
      })
    },
  )

  it('is not what an escaped pair is, or an escaped backslash', async () => {
    const lines = [String.raw`"\ud83d\udc22"`, String.raw`"\\ud83d"`]
    expect(await valuesOf(lines.join('\n'))).toEqual(['🐢', String.raw`\ud83d`])
  })
})
