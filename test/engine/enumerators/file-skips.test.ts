import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  type Cursor,
  defineIteration,
  defineJob,
  enumerators,
  type SkipPolicy,
  Unreadable,
} from '../../../src/engine/index.ts'
import { listSkips } from '../../../src/engine/runs/skips.ts'
import { createTables } from '../../support/drive.ts'
import { bytesOf, upload } from '../../support/files.ts'
import { redrive, runOf } from '../../support/run-of.ts'
import { csv, csvBatches } from '../../../src/engine/enumerators/csv-reading.ts'

beforeAll(createTables)

/** An iteration over a CSV file, and what it has seen. */
function csvJob(key: string, { skip, items }: { skip?: SkipPolicy; items?: number } = {}) {
  const seen: (string | undefined)[] = []
  const job = defineIteration({
    name: 'csv-skips',
    ...(skip && { skip }),
    ...(items !== undefined && { budget: { items } }),
    buildEnumerator: ({ cursor, env: { FILES } }) => csv(FILES, key, { cursor }),
    eachIteration: ({ record }) => void seen.push(record['id']),
  })
  return { job, seen }
}

const messagesOf = async (run: string) =>
  (await listSkips(env.DB, run, { limit: 100 })).skips.map(({ error }) => error.message)

describe('F19 a row that cannot be read is skipped with its line and its start', () => {
  it.each([
    ['a ragged row', '2', 'Line 3: found 1 fields; expected 2 (id, name). It begins "2"'],
    ['a row too long', '2,b,c', 'Line 3: found 3 fields; expected 2 (id, name). It begins "2,b,c"'],
    ['a quote within a field', '2,5" pipe', 'Line 3: found a quote within an unquoted field'],
    ['text after a closing quote', '2,"b"x', 'Line 3: found text after a closing quote'],
    ['a backslash for a quote', '2,"a\\"b"', 'Line 3: found text after a closing quote'],
    ['a ragged row over two lines', '2,"b\nc",d', 'Line 3: found 3 fields'],
  ])('%s', async (_, row, message) => {
    for (const [lineBreak, items] of [
      ['\n', 100],
      ['\r\n', 1],
      ['\r', 2],
    ] as const) {
      const text = ['id,name', '1,a', row, '3,c', '4,d'].join(lineBreak)
      const { job, seen } = csvJob(await upload(text), { skip: {}, items })
      const run = await runOf(job)
      const { status, progress } = await run.drain()
      expect([status, progress.done, progress.skipped, seen]).toEqual([
        'completed',
        3,
        1,
        ['1', '3', '4'],
      ])
      expect((await messagesOf(run.id))[0]).toContain(message)
    }
  })

  it('also at the end of the file, several in a row, and right behind the header', async () => {
    const text = 'id,name\nx\n5" pipe,\n1,a\n\n"y"z,\ny\n2,b\n3,"'.replace(/3,"$/, '3"')
    const { job, seen } = csvJob(await upload(text), { skip: {} })
    const run = await runOf(job)
    const { status, progress } = await run.drain()
    expect([status, progress.skipped, seen]).toEqual(['completed', 5, ['1', '2']])
    expect((await messagesOf(run.id)).map((message) => message.slice(0, 7))).toEqual([
      'Line 2:',
      'Line 3:',
      'Line 6:',
      'Line 7:',
      'Line 9:',
    ])
  })

  it('without `skip` the run fails with the line, once the rows before it are done', async () => {
    const { job, seen } = csvJob(await upload('id,name\n1,a\n2\n3,c\n'))
    const { status, error } = await (await runOf(job)).drain()
    expect([status, error?.code, seen]).toEqual(['failed', 'invalid_record', ['1']])
    expect(error?.message).toContain('Line 3: found 1 fields')
  })

  it('counts against the limit of skips, and is tried once however many attempts there are', async () => {
    const text = 'id,name\n1,a\n2\n3,c\n4\n5,e\n'
    const { job, seen } = csvJob(await upload(text), { skip: { maxSkips: 1, attempts: 3 } })
    const run = await runOf(job)
    const { status, error } = await run.drain()
    expect([status, error?.code, seen]).toEqual(['failed', 'skips_exhausted', ['1', '3']])
    expect(run.told('iteration.skipped')).toMatchObject([{ attempts: 1 }])
  })

  it.each([
    ['a quote that is never closed', 'id,name\n1,a\n2,"b\n3,c\n', 'Line 3: the file ends within'],
    ['a quote closed rows later', 'id,name\n1,a\n2,"b\n3,c\n4,"d"\n5,e\n', 'Line 3: found text'],
    ['a header that is none', 'id,"na"me\n1,a\n', 'Line 1: found text after a closing quote'],
  ])('fails where nobody knows where the next row begins: %s', async (_, text, message) => {
    const { job } = csvJob(await upload(text), { skip: {} })
    const { status, error, progress } = await (await runOf(job)).drain()
    expect([status, error?.code, progress.skipped]).toEqual(['failed', 'invalid_record', 0])
    expect(error?.message).toContain(message)
  })

  it('a row that is not UTF-8', async () => {
    const key = await upload(bytesOf('id,name\n1,a\n2,M', [0xfc], 'ller\n3,c\n'))
    const { job, seen } = csvJob(key, { skip: {} })
    const run = await runOf(job)
    expect((await run.drain()).status).toBe('completed')
    expect([seen, await messagesOf(run.id)]).toEqual([
      ['1', '3'],
      ['Line 3: found bytes that are not UTF-8; expected UTF-8. It begins "2,M\uFFFDller"'],
    ])
  })
})

describe('F19 in the other walks', () => {
  it('csvBatches gives the rows before it as a short batch, and goes on behind it', async () => {
    const key = await upload('n\n1\n2\n3\n4\n5,five\n6\n7\n')
    const seen: (string | undefined)[][] = []
    const run = await runOf(
      defineIteration({
        name: 'batch-skips',
        skip: {},
        buildEnumerator: ({ cursor, env: { FILES } }) =>
          csvBatches(FILES, key, { cursor, batchSize: 3 }),
        eachIteration: (rows) => void seen.push(rows.map(({ record }) => record['n'])),
      }),
    )
    const { status, progress } = await run.drain()
    expect([status, progress.skipped, seen]).toEqual([
      'completed',
      1,
      [['1', '2', '3'], ['4'], ['6', '7']],
    ])
  })

  it.each([
    ['a line that is no JSON', '{"id":}'],
    ['a line with two values', '1 2'],
    ['a number that would lose digits', '{"id":9007199254740993}'],
    ['half an emoji', String.raw`{"id":"\ud83d"}`],
  ])('jsonLines passes over %s', async (_, line) => {
    const key = await upload(`1\n${line}\n3\n`)
    const seen: unknown[] = []
    const run = await runOf(
      defineIteration({
        name: 'json-skips',
        skip: {},
        budget: { items: 1 },
        buildEnumerator: ({ cursor, env: { FILES } }) =>
          enumerators.jsonLines(FILES, key, { cursor }),
        eachIteration: ({ value }) => void seen.push(value),
      }),
    )
    const { status, progress } = await run.drain()
    expect([status, progress.skipped, seen]).toEqual(['completed', 1, [1, 3]])
    expect((await messagesOf(run.id))[0]).toMatch(/^Line 2: .* It begins /)
  })

  it('within nested, chain and throttle, and in a step that iterates', async () => {
    const key = await upload('id,name\n1,a\n2\n3,c\n')
    const file = (at: { cursor: Cursor | null }) => csv(env.FILES, key, at)
    const throttled = (at: { cursor: Cursor | null }) =>
      enumerators.throttle(file(at), { wait: '1s', throttleOn: () => false })
    const seen: string[] = []
    const run = await runOf(
      defineJob({
        name: 'wrapped-skips',
        skip: {},
        budget: { items: 2 },
        async perform({ step }) {
          await step('nested', (walked) =>
            walked.iterate(
              (at) =>
                enumerators.nested([(outer) => enumerators.array(['x', 'y'], outer), file], at),
              ({ record }) => void seen.push(`nested ${record['id']}`),
            ),
          )
          await step('chain', (walked) =>
            walked.iterate(
              (at) => enumerators.chain({ plain: file, throttled }, at),
              ({ record }) => void seen.push(`chain ${record['id']}`),
            ),
          )
        },
      }),
    )
    const { status, progress } = await run.drain()
    expect([status, progress.done, progress.skipped]).toEqual(['completed', 8, 4])
    const each = (name: string) => [`${name} 1`, `${name} 3`, `${name} 1`, `${name} 3`]
    expect(seen).toEqual([...each('nested'), ...each('chain')])
  })

  it('a walk of one’s own says so with `Unreadable`', async () => {
    const seen: number[] = []
    const job = defineIteration({
      name: 'own-skips',
      skip: { on: RangeError },
      async *buildEnumerator({ cursor }) {
        for (let at = Number(cursor ?? 0) + 1; at <= 4; at++)
          yield at === 2 ? new Unreadable(at, new RangeError('no such page')) : ([at, at] as const)
      },
      eachIteration: (item) => void seen.push(item),
    })
    const run = await runOf(job)
    const { status, progress } = await run.drain()
    expect([status, progress.skipped, seen]).toEqual(['completed', 1, [1, 3, 4]])
    expect(await messagesOf(run.id)).toEqual(['no such page'])
  })
})

describe('a re-drive of rows that could not be read', () => {
  it('skips them again while the file stays as it is', async () => {
    const key = await upload('id,name\n1\n2,b\n3\n')
    const { job, seen } = csvJob(key, { skip: {} })
    const run = await runOf(job)
    await run.drain()
    const { child } = await redrive(job, run)
    const { status, progress } = await child.drain()
    expect([status, progress.skipped, seen]).toEqual(['completed', 2, ['2']])
  })

  it('handles them when the job can read them by now', async () => {
    const key = await upload('{"id":1}\n{"id":9007199254740993}\n')
    const seen: unknown[] = []
    const job = (largeIntegers: 'refuse' | 'text') =>
      defineIteration({
        name: 'json-again',
        skip: {},
        buildEnumerator: ({ cursor, env: { FILES } }) =>
          enumerators.jsonLines<{ id: unknown }>(FILES, key, { cursor, largeIntegers }),
        eachIteration: ({ value }) => void seen.push(value.id),
      })
    const run = await runOf(job('refuse'))
    await run.drain()
    const { child } = await redrive(job('text'), run)
    const { status, progress } = await child.drain()
    expect([status, progress.skipped, seen]).toEqual(['completed', 0, [1, '9007199254740993']])
  })

  it('fails when the file was replaced: its cursors mean nothing there', async () => {
    const key = await upload('id,name\n1,a\n2\n')
    const { job } = csvJob(key, { skip: {} })
    const run = await runOf(job)
    await run.drain()
    await env.FILES.put(key, 'id,name\n7,x\n8,y\n')
    const { child } = await redrive(job, run)
    const { status, error } = await child.drain()
    expect([status, error?.code]).toEqual(['failed', 'invalid_enumerator'])
  })
})
