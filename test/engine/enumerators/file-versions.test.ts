import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  defineIteration,
  enumerators,
  type Enumerator,
  type FilePosition,
} from '../../../src/engine/index.ts'
import { createTables, upTo } from '../../support/drive.ts'
import { upload } from '../../support/files.ts'
import { runOf } from '../../support/run-of.ts'
import { pairsOf } from '../../support/walks.ts'
import {
  csv,
  csvBatches,
  type CsvBatchOptions,
} from '../../../src/engine/enumerators/csv-reading.ts'

beforeAll(createTables)

const file = (from: number) =>
  `id\n${upTo(10)
    .map((n) => `${from + n}\n`)
    .join('')}`
const lines = (from: number) => file(from).replace('id', '0')

type Enumerate = (
  bucket: R2Bucket,
  key: string,
  options: CsvBatchOptions,
) => Enumerator<unknown, FilePosition>

const walks: Record<string, { content: (from: number) => string; enumerate: Enumerate }> = {
  csv: { content: file, enumerate: csv },
  csvBatches: { content: file, enumerate: csvBatches },
  jsonLines: { content: lines, enumerate: enumerators.jsonLines },
}

describe.each(Object.entries(walks))('F12 %s', (_, { content, enumerate }) => {
  async function started() {
    const key = await upload(content(0))
    let handled = 0
    const run = await runOf(
      defineIteration({
        name: 'versions',
        budget: { items: 1 },
        buildEnumerator: ({ cursor, env: { FILES } }) =>
          enumerate(FILES, key, { cursor, batchSize: 2 }),
        eachIteration: () => void (handled += 1),
      }),
    )
    await run.slice()
    return { key, run, handled: () => handled }
  }

  it.each([
    ['replaced', (key: string) => env.FILES.put(key, content(1_000)), /was replaced since line/],
    ['cut short', (key: string) => env.FILES.put(key, 'id\n'), /was replaced since line/],
    ['made longer', (key: string) => env.FILES.put(key, `${content(0)}99\n`), /was replaced/],
    ['deleted', (key: string) => env.FILES.delete(key), /found no file/],
  ])('notices a file that was %s between two slices', async (_change, act, message) => {
    const { key, run, handled } = await started()
    await act(key)
    const { status, error } = await run.drain()
    expect([status, error?.code, handled()]).toEqual(['failed', 'invalid_enumerator', 1])
    expect(error?.message).toMatch(message)
  })

  it('goes on when the same file was put again, and completes', async () => {
    const { key, run } = await started()
    await env.FILES.put(key, content(0))
    expect((await run.drain()).status).toBe('completed')
  })

  it('goes on with a cursor of older code, which names no version, and gives such cursors', async () => {
    const key = await upload(content(0))
    const options = { cursor: null, batchSize: 1 }
    const whole = await pairsOf(enumerate(env.FILES, key, options))
    const plain = whole.map(([item, { byte, line }]) => [item, { byte, line }] as const)
    for (const [done, [, cursor]] of plain.entries()) {
      const rest = await pairsOf(enumerate(env.FILES, key, { ...options, cursor }))
      expect(rest).toEqual(plain.slice(done + 1))
    }
  })

  it('walks only the version that is asked for', async () => {
    const key = await upload(content(0))
    const { etag = '' } = (await env.FILES.head(key)) ?? {}
    const walk = () => pairsOf(enumerate(env.FILES, key, { cursor: null, etag }))
    const whole = await walk()
    expect(whole.length).toBeGreaterThan(0)
    await env.FILES.put(key, content(1_000))
    await expect(walk()).rejects.toMatchObject({
      code: 'invalid_enumerator',
      message: expect.stringContaining('was replaced: its etag is'),
    })
  })

  it('refuses a cursor whose version is no text', () => {
    expect(() => enumerate(env.FILES, 'any', { cursor: { byte: 1, line: 1, etag: 7 } })).toThrow(
      expect.objectContaining({ code: 'invalid_cursor' }),
    )
  })
})

it.each([1, 3])(
  'F12 a file whose rows are an outer level is noticed, too, when it is replaced within row %i',
  async (row) => {
    const key = await upload(file(0))
    const seen: string[] = []
    const run = await runOf(
      defineIteration({
        name: 'outer-versions',
        budget: { items: 1 },
        buildEnumerator: ({ cursor, env: { FILES } }) =>
          enumerators.nested(
            [
              (at) => csv(FILES, key, at),
              (at, { record }) => enumerators.array([`${record['id']}a`, `${record['id']}b`], at),
            ],
            { cursor },
          ),
        eachIteration: (item) => void seen.push(item),
      }),
    )
    for (let slices = 0; slices < 2 * row - 1; slices++) await run.slice()
    await env.FILES.put(key, file(100))
    const { status, error } = await run.drain()
    expect([status, error?.code]).toEqual(['failed', 'invalid_enumerator'])
    expect(error?.message).toContain('replaced')
    expect(seen).toHaveLength(2 * row - 1)
  },
)

it('F12 files that follow on one another in an outer level are no versions of one', async () => {
  const keys = await Promise.all([upload('id\n1\n'), upload('id\n2\n3\n')])
  const seen: string[] = []
  const run = await runOf(
    defineIteration({
      name: 'outer-files',
      budget: { items: 1 },
      buildEnumerator: ({ cursor, env: { FILES } }) =>
        enumerators.nested(
          [
            (at) =>
              enumerators.chain(
                {
                  first: (member) => csv(FILES, keys[0], member),
                  second: (member) => csv(FILES, keys[1], member),
                },
                at,
              ),
            (at, { record }) => enumerators.array([`${record['id']}a`, `${record['id']}b`], at),
          ],
          { cursor },
        ),
      eachIteration: (item) => void seen.push(item),
    }),
  )
  expect(await run.drain()).toMatchObject({ status: 'completed' })
  expect(seen).toEqual(['1a', '1b', '2a', '2b', '3a', '3b'])
})

it('a run over a file stops before the line that a person names', async () => {
  const key = await upload(file(0))
  const seen: number[] = []
  const job = defineIteration({
    name: 'stops-at-a-line',
    unit: 'line',
    buildEnumerator: ({ cursor, env: { FILES } }) => csv(FILES, key, { cursor }),
    eachIteration: ({ line }) => void seen.push(line),
  })
  const run = await runOf(job, { interrupt: { at: 'line:5' }, hold: true })
  await run.slice()
  expect(seen).toEqual([2, 3, 4])
  expect(await run.view()).toMatchObject({ status: 'interrupted', cursor: { line: 5 } })
})
