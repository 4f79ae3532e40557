import { beforeAll, describe, expect, it } from 'vitest'
import {
  defineIteration,
  defineJob,
  enumerators,
  Tick,
  type Cursor,
  type Walk,
} from '../../../src/engine/index.ts'
import { createTables, upTo } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { runOf } from '../../support/run-of.ts'
import { itemsOf } from '../../support/walks.ts'

beforeAll(createTables)

/** A run over a walk of one's own, cut after every `items` items; null ends no slice. */
async function walked(
  walk: (cursor: Cursor) => Walk<number> | AsyncGenerator,
  { items = 1, slices = 20 } = {},
) {
  const run = await runOf(
    defineIteration({
      name: 'own-walk',
      budget: { items },
      buildEnumerator: ({ cursor }) => walk(cursor) as Walk<number>,
      eachIteration: (item, { effects, run: { id } }) => append(effects, id, item),
    }),
  )
  for (let slice = 0; slice < slices; slice++) if ((await run.slice()).finishedAt) break
  const { status, error } = await run.view()
  return { status, code: error?.code, message: error?.message, items: await run.appended() }
}

async function* after(pairs: readonly (readonly [number, Cursor])[], cursor: Cursor) {
  const at = pairs.findLastIndex((pair) => pair[1] === cursor)
  yield* pairs.slice(at + 1)
}

describe('a walk of one’s own that does not move forward is refused, never endless and never short', () => {
  it.each([1, 2, 10])('one cursor twice, cut after each %i items', async (items) => {
    const pairs = [
      [1, 1],
      [2, 1],
      [3, 2],
    ] as const
    const end = await walked((cursor) => after(pairs, cursor), { items })
    expect(end).toMatchObject({
      status: 'failed',
      code: 'invalid_enumerator',
      message: expect.stringContaining('an item with the cursor 1, which another item had before'),
      items: [1],
    })
  })

  it('one cursor twice in a page', async () => {
    const pages = [[[1, 'a'] as const, [2, 'b'] as const], [[3, 'b'] as const]]
    const walk = {
      async *pages() {
        yield* pages
      },
      async *[Symbol.asyncIterator]() {
        for (const page of pages) yield* page
      },
    }
    expect(await walked(() => walk, { items: 10 })).toMatchObject({
      code: 'invalid_enumerator',
      items: [1, 2],
    })
  })

  it('one cursor twice behind a throttle, cut after each item', async () => {
    async function* twice(cursor: Cursor) {
      for (const item of [1, 2]) if (cursor === null) yield [item, 1] as const
    }
    const throttled = (cursor: Cursor) =>
      enumerators.throttle(twice(cursor), { wait: '1s', throttleOn: () => false })
    expect(await walked(throttled)).toMatchObject({ code: 'invalid_enumerator', items: [1] })
  })

  it('one that starts with its cursor, and not after it', async () => {
    async function* inclusive(cursor: Cursor) {
      for (let n = Number(cursor ?? 1); n <= 5; n++) yield [n, n]
    }
    expect(await walked((cursor) => inclusive(cursor))).toMatchObject({
      status: 'failed',
      code: 'invalid_enumerator',
      items: [1],
    })
  })

  it.each([1, 2, 3])('one that begins again, cut after each %i items', async (items) => {
    async function* fromTheStart() {
      for (let n = 1; n <= 6; n++) yield [n, n]
    }
    expect(await walked(fromTheStart, { items })).toMatchObject({
      status: 'failed',
      code: 'invalid_enumerator',
    })
  })

  it('one that begins again in a step', async () => {
    async function* fromTheStart() {
      for (let n = 1; n <= 6; n++) yield [n, n]
    }
    const run = await runOf(
      defineJob({
        name: 'again-in-a-step',
        budget: { items: 2 },
        perform: ({ step }) =>
          step('walk', (walking) =>
            walking.iterate(
              () => fromTheStart() as unknown as Walk<number>,
              () => undefined,
            ),
          ),
      }),
    )
    expect(await run.drain()).toMatchObject({ error: { code: 'invalid_enumerator' }, slices: 2 })
  })

  it('but a step may walk twice, and a walk may begin with the start of its step', async () => {
    const run = await runOf(
      defineJob({
        name: 'twice-in-a-step',
        perform: ({ step, effects, run: { id } }) =>
          step('walk', { start: 2 }, async (walking) => {
            for (const items of [
              [1, 2, 3],
              [4, 5, 6],
            ])
              // prettier-ignore
              await walking.iterate(
                () => enumerators.array(items, { cursor: null }),
                (item) => append(effects, id, item),
              )
          }),
      }),
    )
    expect(await run.drain()).toMatchObject({ status: 'completed', progress: { done: 6 } })
  })

  it.each([2, 3, 5])('one that goes round in a circle of %i', async (around) => {
    async function* circle() {
      for (let n = 0; ; n++) yield [n, n % around]
    }
    const { status, code, items } = await walked(circle, { items: 1_000 })
    expect([status, code]).toEqual(['failed', 'invalid_enumerator'])
    expect(items.length).toBeLessThan(4 * around)
  })

  it('an outer level of nested walks with one cursor twice', async () => {
    const outer = (at: { cursor: Cursor }) =>
      after(
        [
          [1, 1],
          [2, 1],
        ],
        at.cursor,
      ) as unknown as Walk<number>
    const nested = (cursor: Cursor) =>
      enumerators.nested([outer, (at) => enumerators.times(2, at)], { cursor })
    expect(await walked(nested, { items: 10 })).toMatchObject({ code: 'invalid_enumerator' })
  })

  it('but one without a place to go back to yields null as often as it likes', async () => {
    let next = 0
    async function* taking() {
      while (next < 5) yield [++next, null]
    }
    expect(await walked(taking, { items: 2 })).toMatchObject({
      status: 'completed',
      items: upTo(5),
    })
  })

  it('and ticks, with the cursor of the item before or without one, are no items', async () => {
    async function* ticking(cursor: Cursor) {
      for (let n = Number(cursor ?? 0) + 1; n <= 4; n++) {
        yield new Tick()
        yield [n, n]
        yield new Tick(n)
      }
    }
    expect(await walked((cursor) => ticking(cursor))).toMatchObject({
      status: 'completed',
      items: upTo(4),
    })
  })

  it('what would come next and fails, or takes its time, keeps no slice from stopping', async () => {
    let broken = true
    async function* hanging(cursor: Cursor) {
      for (let n = Number(cursor ?? 0) + 1; n <= 2; n++) {
        yield [n, n]
        if (n === 1 && broken) {
          broken = false
          await new Promise(() => undefined)
        }
      }
      if (cursor === 1) throw new Error('only once it is asked')
    }
    expect(await walked((cursor) => hanging(cursor), { slices: 2 })).toMatchObject({
      status: 'interrupted',
      items: [1, 2],
    })
  })

  it('a step of a walk is held to it, too', async () => {
    const run = await runOf(
      defineJob({
        name: 'own-walk-in-a-step',
        budget: { items: 1 },
        async perform({ step, effects, run: { id } }) {
          await step('walk', (walking) =>
            walking.iterate(
              ({ cursor }) => after([[1, 1], [2, 1]], cursor) as unknown as Walk<number>, // prettier-ignore
              (item) => append(effects, id, item),
            ),
          )
        },
      }),
    )
    expect(await run.drain()).toMatchObject({ error: { code: 'invalid_enumerator' } })
  })
})

describe('lists of R2', () => {
  it('F09 that never end are refused', async () => {
    const list = async () => ({
      objects: [],
      truncated: true,
      cursor: 'again',
      delimitedPrefixes: [],
    })
    const bucket = { list } as unknown as R2Bucket
    await expect(itemsOf(enumerators.r2Objects(bucket, { cursor: null }))).rejects.toThrow(
      'names itself as the next one',
    )
  })
})

describe('J81 each page that is read is reported, to those who listen to single items', () => {
  it('with its rows, and how long it was waited for', async () => {
    const run = await runOf(
      defineIteration({
        name: 'paged',
        buildEnumerator: ({ cursor }) =>
          enumerators.pages.byNumber<number>({
            cursor,
            url: (page) => `https://api.example.com/${page}`,
            fetch: async (url) => {
              const page = Number(url.split('/').at(-1))
              return Response.json(page <= 2 ? [page, page + 10] : [])
            },
          }),
        eachIteration: () => undefined,
      }),
    )
    await run.drain()
    expect(run.told('iteration.page').map(({ rows }) => rows)).toEqual([2, 2, 0])
    for (const { durationMs } of run.told('iteration.page')) expect(durationMs).toBeTypeOf('number')
  })
})
