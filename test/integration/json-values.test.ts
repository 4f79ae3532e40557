import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { enumerators, type JsonLinesOptions } from '../../src/engine/index.ts'
import { upload } from '../support/files.ts'
import { itemsOf } from '../support/walks.ts'

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
