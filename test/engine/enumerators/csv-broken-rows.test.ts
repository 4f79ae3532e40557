import { env } from 'cloudflare:workers'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { csv } from '../../../src/engine/enumerators/csv.ts'
import { isPair, pagesOf } from '../../../src/engine/enumerators/enumerator.ts'
import type { Cursor } from '../../../src/engine/index.ts'
import { bytesOf, upload } from '../../support/files.ts'

/** Rows by what they hold; `undefined` for one that cannot be read. None goes over several lines, or is empty. */
const row = fc.oneof(
  fc.tuple(fc.constantFrom('a', 'ä', '🐢', ' '), fc.constantFrom('1', '', 'x y')).map(([a, b]) => ({
    bytes: bytesOf(`${a},${b}`),
    record: { a, b },
  })),
  fc.constantFrom('"q"', '"""", "', '"a,b"', '"ä""ö"').map((quoted) => ({
    bytes: bytesOf(`${quoted},1`),
    record:
      quoted === '"""", "' ? undefined : { a: quoted.slice(1, -1).replaceAll('""', '"'), b: '1' },
  })),
  fc
    .constantFrom('x', 'a,b,c', '5" pipe,1', '1,"a"b', '"a"b,c', 'a,"b\\"c"', '""x,1')
    .map((text) => ({ bytes: bytesOf(text), record: undefined })),
  fc.constant({ bytes: bytesOf('M', [0xfc], 'ller,1'), record: undefined }),
)

/** What a walk meets, as the engine's loop does: records, and `undefined` for each it cannot read. */
async function met(key: string, cursor: Cursor | null, chunkBytes: number) {
  const entries: [record: Record<string, string> | undefined, cursor: Cursor][] = []
  for await (const page of pagesOf(csv(env.FILES, key, { cursor, chunkBytes })))
    for (const entry of page) {
      if (isPair(entry)) entries.push([{ ...entry[0].record }, entry[1]])
      else if ('error' in entry) entries.push([undefined, entry.cursor])
    }
  return entries
}

it('P04 F19 each row is read, or passed over, whatever the others are, and from any cursor on', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 8 }),
      fc.constantFrom('\n', '\r\n', '\r', '\n\n'),
      fc.integer({ min: 1, max: 30 }),
      fc.boolean(),
      async (rows, lineBreak, chunkBytes, ended) => {
        const parts = [bytesOf('a,b'), ...rows.map(({ bytes }) => bytes)].flatMap((part, index) => [
          ...(index === 0 ? [] : [[...bytesOf(lineBreak)]]),
          [...part],
        ])
        const key = await upload(bytesOf(...parts, ended ? lineBreak : ''))
        const whole = await met(key, null, chunkBytes)
        expect(whole.map(([record]) => record)).toEqual(rows.map(({ record }) => record))
        const from = Math.floor(whole.length / 2)
        const rest = await met(key, whole[from]?.[1] ?? null, 262_144)
        if (whole.length > 0) expect(rest).toEqual(whole.slice(from + 1))
      },
    ),
    { numRuns: 60, seed: 7 },
  )
}, 120_000)
