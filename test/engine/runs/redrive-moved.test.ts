import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import { defineIteration, enumerators, type Cursor, type Walk } from '../../../src/engine/index.ts'
import { listSkips } from '../../../src/engine/runs/index.ts'
import { createTables } from '../../support/drive.ts'
import { append } from '../../support/jobs.ts'
import { redrive, runOf } from '../../support/run-of.ts'

const exec = (sql: string) => env.DB.prepare(sql).run()

beforeAll(async () => {
  await createTables()
  await exec('CREATE TABLE moved_work (id INTEGER PRIMARY KEY, status TEXT)')
})

/**
 * Runs a walk in which an item fails, lets `between` change what is walked, and re-drives: what was
 * handled then, and the errors of what was skipped again.
 */
async function redriven<Item>({
  walk,
  idOf,
  failing,
  between,
}: {
  walk: (cursor: Cursor) => Walk<Item>
  idOf: (item: Item) => number
  failing: number
  between: () => unknown
}) {
  let broken = true
  const job = defineIteration({
    name: 'moved',
    skip: {},
    buildEnumerator: ({ cursor }) => walk(cursor),
    eachIteration(item, { effects, run }) {
      if (broken && idOf(item) === failing) throw new Error('not yet')
      append(effects, run.id, idOf(item))
    },
  })
  const run = await runOf(job)
  expect(await run.drain()).toMatchObject({ progress: { skipped: 1 } })
  await between()
  broken = false
  const { child } = await redrive(job, run)
  await child.drain()
  const { skips } = await listSkips(env.DB, child.id, { limit: 10 })
  return { items: await child.appended(), skipped: skips.map(({ error }) => error.code) }
}

describe('F07 a re-drive handles the item that was skipped, also when it is not the first any more (WaveLink#46)', () => {
  const pending = (cursor: Cursor) =>
    enumerators.records<{ id: number }>(
      env.DB,
      { sql: `SELECT id FROM moved_work WHERE status = 'pending'` },
      { cursor, pageSize: 3 },
    )
  const rows = (ids: number[], status = 'pending') =>
    exec(
      `INSERT OR REPLACE INTO moved_work VALUES ${ids.map((id) => `(${id}, '${status}')`).join()}`,
    )
  const ofRow = { walk: pending, idOf: ({ id }: { id: number }) => id }

  it.each([
    ['one row', [35]],
    ['more rows than a page has', [31, 32, 33, 34, 35, 36, 37]],
  ])('%s came in before it', async (_, ids) => {
    await exec('DELETE FROM moved_work')
    await rows([10, 20, 30, 40, 50])
    const between = () => rows(ids)
    expect(await redriven({ ...ofRow, failing: 40, between })).toEqual({ items: [40], skipped: [] })
  })

  it('it was the last one', async () => {
    await exec('DELETE FROM moved_work')
    await rows([10, 20])
    const between = () => rows([15, 16, 30])
    expect(await redriven({ ...ofRow, failing: 20, between })).toEqual({ items: [20], skipped: [] })
  })

  it('and it is gone when it has left, whatever came in before it', async () => {
    await exec('DELETE FROM moved_work')
    await rows([10, 20, 30, 40])
    const between = async () => {
      await rows([15, 16])
      await rows([20], 'done')
    }
    expect(await redriven({ ...ofRow, failing: 20, between })).toEqual({
      items: [],
      skipped: ['item_gone'],
    })
  })

  it('in walks within walks, too', async () => {
    await exec('DELETE FROM moved_work')
    await rows([10, 20, 30])
    const walk = (cursor: Cursor) =>
      enumerators.nested([(at) => enumerators.times(1, at), (at) => pending(at.cursor)], { cursor })
    const between = () => rows([11, 12])
    expect(await redriven({ ...ofRow, walk, failing: 20, between })).toEqual({
      items: [20],
      skipped: [],
    })
  })
})

/** Walks pages, as an API gives them when it is asked. */
function paged<Item>(
  pages: () => Item[][],
  id?: (item: Item) => number,
): (cursor: Cursor) => Walk<Item> {
  return (cursor) =>
    enumerators.pages.byNumber<Item>({
      cursor,
      ...(id && { id }),
      url: (page) => `https://api.example.com/${page}`,
      fetch: async (url) => Response.json(pages()[Number(url.split('/').at(-1)) - 1] ?? []),
    })
}

/** `1 2|3` are two pages. */
function pagesIn(text: string): number[][] {
  return text.split('|').map((page) => page.split(' ').filter(Boolean).map(Number))
}

/** The pages before, those at the re-drive, and what is to be handled then. */
const CASES: [what: string, before: string, after: string, items: number[]][] = [
  ['the page grew before it', '1 2 4 5', '1 2 3 4 5', [4]],
  ['the page shrank before it', '1 2 4 5', '2 4 5', [4]],
  ['it moved to the next page', '1 2|3 4', '0 1|2 3|4', [4]],
  ['it was the last of its page', '1 4|5', '0 1|4 5', [4]],
  ['another one stands in its place', '1 4 5', '1 6 5', []],
  ['the page is empty', '1 4 5', '', []],
]

describe('F07 and no other one, where the cursor is a place on a page', () => {
  it.each(CASES)('numbers: %s', async (_, before, after, items) => {
    let now = pagesIn(before)
    const outcome = await redriven<number>({
      walk: paged(() => now),
      idOf: (item) => item,
      failing: 4,
      between: () => (now = pagesIn(after)),
    })
    expect(outcome).toEqual({ items, skipped: items.length === 0 ? ['item_gone'] : [] })
  })

  it.each(CASES)('products with an id, of which one was repaired: %s', async (_, ...texts) => {
    const [before, after, items] = texts
    const products = (text: string, price: string) =>
      pagesIn(text).map((page) => page.map((id) => ({ id, price })))
    let now = products(before, 'broken')
    const outcome = await redriven<{ id: number }>({
      walk: paged(() => now),
      idOf: ({ id }) => id,
      failing: 4,
      between: () => (now = products(after, 'right')),
    })
    expect(outcome).toEqual({ items, skipped: items.length === 0 ? ['item_gone'] : [] })
  })

  it('without an id all of it says which one it is', async () => {
    let now = [[{ sku: 1 }, { sku: 4 }]]
    const walk = paged(() => now)
    const same = { walk, idOf: ({ sku }: { sku: number }) => sku, failing: 4 }
    const moved = await redriven({
      ...same,
      between: () => (now = [[{ sku: 0 }, { sku: 1 }, { sku: 4 }]]),
    })
    expect(moved).toEqual({ items: [4], skipped: [] })
  })

  it('or the option `id` does, also when it was repaired', async () => {
    let now = [[{ sku: 1 }, { sku: 4, price: 'broken' }]]
    const outcome = await redriven<{ sku: number }>({
      walk: paged(
        () => now,
        ({ sku }) => sku,
      ),
      idOf: ({ sku }) => sku,
      failing: 4,
      between: () => (now = [[{ sku: 0 }, { sku: 1 }, { sku: 4, price: 'right' }]]),
    })
    expect(outcome).toEqual({ items: [4], skipped: [] })
  })

  it('in a chain, and in a page as a whole, whose place is what it is', async () => {
    let now = [[1, 2, 4]]
    const chain = (cursor: Cursor) =>
      enumerators.chain({ api: (at) => paged(() => now)(at.cursor) }, { cursor })
    const grown = await redriven<number>({
      walk: chain,
      idOf: (item) => item,
      failing: 4,
      between: () => (now = [[1, 2, 3, 4]]),
    })
    expect(grown).toEqual({ items: [4], skipped: [] })
    let whole = [[[4, 1]], [[2]]]
    const page = await redriven<number[]>({
      walk: paged(() => whole),
      idOf: (items) => Number(items[0]),
      failing: 4,
      between: () => (whole = [[[4, 9]], [[2]]]),
    })
    expect(page).toEqual({ items: [4], skipped: [] })
  })
})

it('F07 an own list that has changed gives no other item under the cursor of the skipped one', async () => {
  let list = [1, 4, 5]
  const outcome = await redriven({
    walk: (cursor) => enumerators.array(list, { cursor }),
    idOf: (item) => item,
    failing: 4,
    between: () => (list = [1, 3, 4, 5]),
  })
  expect(outcome).toEqual({ items: [], skipped: ['item_gone'] })
})
