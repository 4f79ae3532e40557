import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  defineIteration,
  defineJob,
  enumerators,
  Tick,
  type Cursor,
  type Job,
  type Walk,
} from '../../../src/engine/index.ts'
import { redriveRun, runObjects } from '../../../src/engine/runs/index.ts'
import { Registry } from '../../../src/engine/job/registry.ts'
import { createTables, driving, upTo, view } from '../../support/drive.ts'
import { upload } from '../../support/files.ts'
import { append } from '../../support/jobs.ts'
import { RunOf, runOf } from '../../support/run-of.ts'
import { csv, csvBatches } from '../../../src/engine/enumerators/csv-reading.ts'

/** Every enumerator through the real engine. What is handled twice would stand twice in the log. */
type At = { cursor: Cursor | null }

const TWELVE = upTo(12)
const pageOf = (page: number): number[] => TWELVE.slice(page * 5 - 5, page * 5)
const numbers = { sql: 'SELECT id FROM numbers WHERE id <= 12' }

beforeAll(async () => {
  await createTables()
  await env.DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12) INSERT INTO numbers SELECT i FROM n`,
  ).run()
  await env.FILES.put('twelve.csv', `n\r\n${TWELVE.join('\r\n')}`)
  await env.FILES.put('twelve.jsonl', TWELVE.map((n) => `{"n":${n}}\n\n`).join(''))
  for (const n of TWELVE) await env.FILES.put(`twelve/${String(n).padStart(2, '0')}`, '')
})

/** A job whose items stand for one number or several. */
function jobOver<Item, C extends Cursor>(
  build: (at: At) => Walk<Item, C>,
  numbersOf: (item: Item) => number[],
): Job {
  return defineIteration({
    name: 'walking',
    budget: { items: 1 },
    buildEnumerator: ({ cursor }) => build({ cursor }),
    eachIteration(item, { effects, run }) {
      for (const number of numbersOf(item)) append(effects, run.id, number)
    },
  })
}

const one = (number: number): number[] => [number]
const field = ({ record }: { record: Readonly<Record<string, string>> }) => Number(record['n'])

const jobs: [name: string, job: Job, items: number][] = [
  ['array', jobOver((at) => enumerators.array(TWELVE, at), one), 12],
  [
    'times',
    jobOver(
      (at) => enumerators.times(12, at),
      (n) => [n + 1],
    ),
    12,
  ],
  [
    'once',
    jobOver(
      (at) => enumerators.once(at),
      () => TWELVE,
    ),
    1,
  ],
  [
    'records',
    jobOver(
      (at) => enumerators.records<{ id: number }>(env.DB, numbers, at),
      ({ id }) => [id],
    ),
    12,
  ],
  [
    'batches',
    jobOver(
      (at) => enumerators.batches<{ id: number }>(env.DB, numbers, { ...at, batchSize: 5 }),
      (rows) => rows.map(({ id }) => id),
    ),
    3,
  ],
  [
    'batchRanges',
    jobOver(
      (at) => enumerators.batchRanges(env.DB, numbers, { ...at, batchSize: 5 }),
      ({ from, to }) => TWELVE.filter((n) => n >= Number(from) && n <= Number(to)),
    ),
    3,
  ],
  [
    'csv',
    jobOver(
      (at) => csv(env.FILES, 'twelve.csv', at),
      (row) => [field(row)],
    ),
    12,
  ],
  [
    'csvBatches',
    jobOver(
      (at) => csvBatches(env.FILES, 'twelve.csv', { ...at, batchSize: 5 }),
      (rows) => rows.map(field),
    ),
    3,
  ],
  [
    'jsonLines',
    jobOver(
      (at) => enumerators.jsonLines<{ n: number }>(env.FILES, 'twelve.jsonl', at),
      ({ value }) => [value.n],
    ),
    12,
  ],
  [
    'r2Objects',
    jobOver(
      (at) => enumerators.r2Objects(env.FILES, { ...at, prefix: 'twelve/', limit: 5 }),
      ({ key }) => [Number(key.slice(-2))],
    ),
    12,
  ],
  [
    'pages.byNumber',
    jobOver(
      (at) =>
        enumerators.pages.byNumber<number>({
          ...at,
          url: (page) => `https://api.example.com/${page}`,
          fetch: async (url) => Response.json(pageOf(Number(url.split('/').at(-1)))),
        }),
      one,
    ),
    12,
  ],
  [
    'nested',
    jobOver(
      (at) =>
        enumerators.nested(
          [
            (outer) => enumerators.array([1, 9, 2, 9, 9, 3], outer),
            (inner, page) => enumerators.array(pageOf(page), inner),
          ],
          at,
        ),
      one,
    ),
    12,
  ],
  [
    'chain',
    jobOver(
      (at) =>
        enumerators.chain(
          {
            few: (inner) => enumerators.array([1, 2], inner),
            none: (inner) => enumerators.array([], inner),
            more: (inner) => enumerators.array(TWELVE.slice(2), inner),
          },
          at,
        ),
      one,
    ),
    12,
  ],
  [
    'throttle',
    jobOver(
      (at) =>
        enumerators.throttle(enumerators.array(TWELVE, at), {
          wait: 1,
          throttleOn: (n) => n === 99,
        }),
      one,
    ),
    12,
  ],
]

it('J181 every enumerator that there is goes through the tests below', () => {
  const tried = new Set(jobs.map(([name]) => name.split('.')[0]))
  expect(tried).toEqual(new Set([...Object.keys(enumerators), 'csv', 'csvBatches']))
})

describe('each enumerator, interrupted after every single item', () => {
  it.each(jobs)('M49 M50 %s gives the same items, once each', async (_, job, items) => {
    const run = await runOf(job)
    const shown = await run.drain()
    expect(shown).toMatchObject({ status: 'completed', progress: { done: items } })
    expect([null, items]).toContain(shown.progress.total)
    expect(shown.interruptions).toBe(items)
    expect(await run.appended()).toEqual(TWELVE)
  })

  it.each(jobs)('%s gives the same items without any interruption', async (_, job, items) => {
    const run = await runOf({ ...job, budget: {} })
    expect(await run.drain()).toMatchObject({ interruptions: 0, progress: { done: items } })
    expect(await run.appended()).toEqual(TWELVE)
  })
})

describe('a throttled walk', () => {
  const throttled = (busy: () => boolean, onComplete = () => {}) =>
    defineIteration({
      name: 'throttled',
      buildEnumerator: ({ cursor }) =>
        enumerators.throttle(enumerators.times(3, { cursor }), {
          wait: '30s',
          throttleOn: (number) => number === 1 && busy(),
        }),
      eachIteration: (number, { effects, run }) => append(effects, run.id, number),
      onComplete,
    })

  it('J146 J149 J152 stops before its item, tells of it, waits, and goes on with that item', async () => {
    let busy = true
    let completed = 0
    const run = await runOf(
      throttled(
        () => busy,
        () => void (completed += 1),
      ),
    )
    const before = Date.now()
    expect(await run.slice()).toMatchObject({
      status: 'interrupted',
      reason: 'throttle',
      interruptions: 1,
      cursor: 0,
    })
    expect((await driving(run.id)).sendAt).toBeGreaterThanOrEqual(before + 30_000)
    expect(run.told('iteration.throttled')).toMatchObject([{ cursor: 0, waitMs: 30_000 }])
    expect([await run.appended(), completed]).toEqual([[0], 0])
    await run.slice()
    expect([await run.appended(), completed]).toEqual([[0], 0])
    busy = false
    expect(await run.drain()).toMatchObject({ status: 'completed', attempts: 0, interruptions: 2 })
    expect([await run.appended(), completed]).toEqual([[0, 1, 2], 1])
  })

  it('J148 is not interrupted when nothing throttles it', async () => {
    const run = await runOf(throttled(() => false))
    expect(await run.slice()).toMatchObject({ status: 'completed', interruptions: 0 })
  })

  it('waits as long as an API says, and asks for the page again', async () => {
    const asked: string[] = []
    const job = jobOver(
      ({ cursor }) =>
        enumerators.pages.byNumber<number>({
          cursor,
          url: (page) => `https://api.example.com/${page}`,
          async fetch(url) {
            asked.push(url.slice(-1))
            const refused = asked.filter((page) => page === '2').length === 1 && url.endsWith('2')
            const headers = { 'retry-after': '90' }
            if (refused) return new Response('', { status: 429, headers })
            return Response.json(pageOf(Number(url.slice(-1))))
          },
        }),
      one,
    )
    const run = await runOf({ ...job, budget: {} })
    const before = Date.now()
    expect(await run.slice()).toMatchObject({ reason: 'throttle', cursor: { page: 2, done: 0 } })
    expect((await driving(run.id)).sendAt).toBeGreaterThanOrEqual(before + 90_000)
    expect(await run.drain()).toMatchObject({ status: 'completed', attempts: 0, interruptions: 1 })
    expect(await run.appended()).toEqual(TWELVE)
    expect(asked).toEqual(['1', '2', '2', '3', '4'])
  })

  it('is not asked at full speed by a re-drive of its skipped items', async () => {
    let failing = true
    let busy = false
    let asked = 0
    const job = defineIteration({
      name: 'throttled-skips',
      skip: {},
      buildEnumerator: ({ cursor }) =>
        enumerators.throttle(enumerators.times(3, { cursor }), {
          wait: '30s',
          throttleOn() {
            asked += 1
            return busy
          },
        }),
      eachIteration(number, { effects, run }) {
        if (number === 1 && failing) throw new Error('one')
        append(effects, run.id, number)
      },
    })
    const run = await runOf(job)
    await run.drain()
    failing = false
    busy = true
    asked = 0
    const created = await redriveRun(runObjects(env), env.DB, job, await view(run.id))
    if (!created.ok) throw new Error(created.code)
    const again = new RunOf(created.run.id, new Registry([job]))
    expect(await again.slice()).toMatchObject({ status: 'interrupted', reason: 'throttle' })
    expect(asked).toBe(1)
    busy = false
    expect(await again.drain()).toMatchObject({ status: 'completed' })
    expect(await again.appended()).toEqual([1])
  })
})

describe('J40 J41 an author’s own walk', () => {
  it('B10 passes by ticks what it filters out, without any item, on no budget at all', async () => {
    const run = await runOf(
      defineIteration({
        name: 'filtering',
        budget: { wallMs: 0 },
        async *buildEnumerator({ cursor }) {
          for (let number = Number(cursor ?? 0) + 1; number <= 20; number++) {
            if (number % 7 === 0) yield [number, number] as const
            else yield new Tick(number)
          }
        },
        eachIteration: (number: number, { effects, run: { id } }) => append(effects, id, number),
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed', interruptions: 20 })
    expect(await run.appended()).toEqual([7, 14])
  })

  it('is paused at a tick that moves nothing, before there is any item', async () => {
    let ticks = 0
    const run = await runOf(
      defineIteration({
        name: 'searching',
        async *buildEnumerator({ run: { id } }) {
          await runObjects(env)(id).command('pause', {})
          for (; ticks < 1_000; ticks++) {
            await scheduler.wait(1)
            yield new Tick<number>()
          }
          yield [1, 1] as const
        },
        onStart: ({ effects, run: { id } }) => append(effects, id, 0),
        eachIteration: (number: number, { effects, run: { id } }) => append(effects, id, number),
      }),
    )
    expect(await run.slice()).toMatchObject({ status: 'paused', progress: { done: 0 } })
    expect(await run.appended()).toEqual([0])
    expect(ticks).toBeLessThan(1_000)
  })

  it('is walked by a step too, nested, with the step’s cursor', async () => {
    const run = await runOf(
      defineJob({
        name: 'nested-in-a-step',
        budget: { items: 1 },
        async perform({ step, effects, run: { id } }) {
          await step('pages', (current) =>
            current.iterate(
              ({ cursor }) =>
                enumerators.nested(
                  [
                    (at) => enumerators.array([1, 2, 9, 3], at),
                    (at, page) => enumerators.array(pageOf(page), at),
                  ],
                  { cursor },
                ),
              (number) => append(effects, id, number),
            ),
          )
        },
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed' })
    expect(await run.appended()).toEqual(TWELVE)
  })
})

describe('a broken line', () => {
  it('fails the run with its number, and everything before it is done', async () => {
    const file = await upload('1\n2\n{"three":\n4\n')
    const run = await runOf(
      jobOver(
        ({ cursor }) => enumerators.jsonLines<number>(env.FILES, file, { cursor }),
        ({ value }) => [value],
      ),
    )
    const shown = await run.drain()
    expect(shown).toMatchObject({
      status: 'failed',
      error: { code: 'invalid_record', message: expect.stringMatching(/^Line 3: /) },
    })
    expect(await run.appended()).toEqual([1, 2])
  })
})
