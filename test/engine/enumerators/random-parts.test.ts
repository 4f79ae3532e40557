import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import {
  enumerators,
  type BatchRange,
  type KeyCursor,
  type RecordQuery,
} from '../../../src/engine/index.ts'
import { Random } from '../../../src/testing/random.ts'
import { buildPart, cut } from '../../support/parts.ts'
import { itemsOf, type Build } from '../../support/walks.ts'

type Row = Record<string, unknown>

/** A column, and what a row has in it. */
interface Kind {
  readonly type: string
  value(random: Random): string | number
}

const letters = (random: Random, alphabet: string) =>
  Array.from({ length: random.below(6) }, () => random.pick(Array.from(alphabet))).join('')

const KINDS: readonly Kind[] = [
  { type: 'INTEGER', value: (random) => random.below(40) },
  { type: 'INTEGER', value: (random) => Math.floor(10 ** (random.next() * 12)) - 1_000 },
  { type: 'REAL', value: (random) => (random.next() - 0.5) * 10 ** (random.next() * 300) },
  { type: 'TEXT', value: (random) => letters(random, 'abcxyz') },
  { type: 'TEXT', value: (random) => letters(random, 'aÄß😀\uFFFC \0') },
  { type: 'TEXT COLLATE NOCASE', value: (random) => letters(random, 'aAbBzZ_') },
  { type: 'TEXT COLLATE RTRIM', value: (random) => letters(random, 'a b') },
  {
    type: '',
    value: (random) => (random.chance(0.5) ? random.below(1e6) : letters(random, 'ab01')),
  },
  { type: 'TEXT', value: () => 'acme' },
]

/** A table of up to 700 rows, ordered by one or two random columns and a number. */
async function randomTable(seed: number) {
  const random = new Random(seed)
  const kinds = Array.from({ length: 1 + random.below(2) }, () => random.pick(KINDS))
  const by = [...kinds.map((_, index) => `c${index}`), 'id']
  const columns = [...kinds.map(({ type }, index) => `c${index} ${type}`), 'id INTEGER']
  const rows = Array.from({ length: random.below(700) }, (_, id) => [
    ...kinds.map((kind) => kind.value(random)),
    id,
  ])
  const values = by.map((_, index) => `value ->> ${index}`).join(', ')
  await env.DB.batch([
    env.DB.prepare('DROP TABLE IF EXISTS random_parts'),
    env.DB.prepare(`CREATE TABLE random_parts (${columns.join(', ')})`),
    env.DB.prepare(`CREATE INDEX random_parts_by_key ON random_parts (${by.join(', ')})`),
    env.DB.prepare(`INSERT INTO random_parts SELECT ${values} FROM json_each(?)`).bind(
      JSON.stringify(rows),
    ),
  ])
  const descending = random.chance(0.5)
  return {
    query: { sql: 'SELECT * FROM random_parts', by, order: descending ? 'desc' : 'asc' } as const,
    order: by.map((column) => (descending ? `${column} DESC` : column)).join(', '),
  }
}

/** Walks whose items are rows, or conditions that find them. */
const WALKS: Record<string, (query: RecordQuery<Row>) => Build<unknown, KeyCursor>> = {
  records: (query: RecordQuery<Row>) => (at) => enumerators.records(env.DB, query, at),
  batches: (query: RecordQuery<Row>) => (at) =>
    enumerators.batches(env.DB, query, { ...at, batchSize: 7 }),
  batchRanges: (query: RecordQuery<Row>) => (at) =>
    enumerators.batchRanges(env.DB, query, { ...at, batchSize: 50 }),
}

async function rowsOf(item: unknown, order: string): Promise<unknown> {
  const { where, params } = item as BatchRange
  if (where === undefined) return item
  const sql = `SELECT * FROM random_parts WHERE ${where} ORDER BY ${order}`
  return (
    await env.DB.prepare(sql)
      .bind(...params)
      .all()
  ).results
}

describe('Parts of a table of any keys', () => {
  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'meet each row once, in order: seed %i',
    async (seed) => {
      const { query, order } = await randomTable(seed)
      const random = new Random(seed + 1_000)
      const all = await itemsOf(enumerators.records<Row>(env.DB, query, {}))
      const keys = all.map((row) => JSON.stringify(query.by.map((column) => row[column])))
      for (const walk of Object.values(WALKS)) {
        const build = walk(query)
        const parts = await cut(build, 2 + random.below(9))
        const items: unknown[] = []
        for (const part of parts)
          items.push(...(await itemsOf(buildPart(build, part)({ cursor: null }))))
        expect((await Promise.all(items.map((item) => rowsOf(item, order)))).flat()).toEqual(all)
        for (const { last } of parts.slice(0, -1)) expect(keys).toContain(JSON.stringify(last))
        if (all.length > 100 && all.length < 257) expect(parts.length).toBeGreaterThan(1)
      }
    },
  )
})
